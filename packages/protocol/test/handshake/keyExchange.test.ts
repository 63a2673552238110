import assert from 'node:assert/strict';
import {
  constants,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  getDiffieHellman,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { test } from 'node:test';
import {
  assertDhPublicKey,
  deriveSessionKey,
  generateDhKeyPair,
  makeSignedOffer,
  ProtocolError,
  Session,
  type DhKeyPair,
  type ProtocolErrorCode,
  type SessionEvent,
} from '@quietroom/protocol';
import {
  bigintBytes,
  dhKeyPairFrom,
  firstIdentity,
  lengthPrefix,
  modPow,
  openPacket,
  secondIdentity,
} from '@quietroom/testing';

const PRIME = BigInt(`0x${getDiffieHellman('modp14').getPrime('hex')}`);
const G = 2n;

const certificateKey = createPrivateKey(firstIdentity.keyPem);
const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;

const LONGEST_SALT = 256 - 32 - 2;

function signed(publicKey: Uint8Array, saltLength = LONGEST_SALT, key = certificateKey): Buffer {
  return sign('sha256', publicKey, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

const part = (bytes: Uint8Array): Buffer => Buffer.concat([lengthPrefix(bytes.length), bytes]);

/** What a server says first, for this public key. */
function greeting(publicKey: Uint8Array, signature = signed(publicKey)): Buffer {
  return Buffer.concat([part(publicKey), part(signature)]);
}

const newClient = (dh?: DhKeyPair): Session => new Session({ role: 'client', pinnedKey, ...(dh && { dh }) });

const newServer = async (dh?: DhKeyPair): Promise<Session> =>
  new Session({ role: 'server', offer: await makeSignedOffer(certificateKey, dh) });

function writesOf(session: Session): Buffer[] {
  const writes: Buffer[] = [];
  for (let write = session.nextWrite(); write; write = session.nextWrite()) {
    writes.push(Buffer.from(write.bytes));
  }
  return writes;
}

function assertFailed(session: Session, events: readonly SessionEvent[], code: ProtocolErrorCode): void {
  const [event, ...more] = events;
  assert.equal(event?.type, 'failed');
  assert.equal(event.error.code, code);
  assert.deepEqual(more, []);
  assert.equal(session.isOpen, false);
  assert.equal(session.nextWrite(), undefined, 'nothing goes out after a failure');
  assert.deepEqual(session.receive(Buffer.alloc(100)), [], 'nothing comes out after a failure');
  assert.throws(() => session.sendText('x'), { code: 'SESSION_NOT_OPEN' });
}

const private1 = (1n << 255n) + 12345n;

const PUBLIC_KEYS: readonly { name: string; bytes: Buffer; accepted: boolean }[] = [
  { name: '0', bytes: Buffer.of(0), accepted: false },
  { name: '0 in many bytes', bytes: Buffer.alloc(256), accepted: false },
  { name: '1', bytes: Buffer.of(1), accepted: false },
  { name: '1 with leading zeros', bytes: Buffer.of(0, 0, 1), accepted: false },
  { name: '2', bytes: Buffer.of(2), accepted: true },
  { name: '256', bytes: Buffer.of(1, 0), accepted: true },
  { name: 'P-11, the largest power of g', bytes: bigintBytes(PRIME - 11n), accepted: true },
  { name: 'P-1', bytes: bigintBytes(PRIME - 1n), accepted: false },
  { name: 'P', bytes: bigintBytes(PRIME), accepted: false },
  { name: 'P+1', bytes: bigintBytes(PRIME + 1n), accepted: false },
  { name: 'P+2', bytes: bigintBytes(PRIME + 2n), accepted: false },
  { name: '2^2048-1', bytes: bigintBytes((1n << 2048n) - 1n), accepted: false },
  { name: '2^2048+2', bytes: bigintBytes((1n << 2048n) + 2n), accepted: false },
  { name: '2^2048+P', bytes: bigintBytes((1n << 2048n) + PRIME), accepted: false },
  { name: '4096 bytes of 0xff', bytes: Buffer.alloc(4096, 0xff), accepted: false },
  {
    name: 'a usual one with a leading zero',
    bytes: Buffer.concat([Buffer.alloc(1), bigintBytes(modPow(G, private1, PRIME))]),
    accepted: true,
  },
  {
    name: 'P-11 with leading zeros up to the longest length',
    bytes: Buffer.concat([Buffer.alloc(4096 - 256), bigintBytes(PRIME - 11n)]),
    accepted: true,
  },
];

for (const { name, bytes, accepted } of PUBLIC_KEYS) {
  const verdict = accepted ? 'accepts' : 'refuses';

  test(`A client ${verdict} the public key ${name}`, () => {
    const client = newClient();
    const events = client.receive(greeting(bytes));
    if (!accepted) return assertFailed(client, events, 'DH_KEY_INVALID');
    assert.deepEqual(events, [{ type: 'open' }]);
    assert.equal(writesOf(client).length, 1);
  });

  test(`A server ${verdict} the public key ${name}`, async () => {
    const server = await newServer();
    writesOf(server);
    const events = server.receive(part(bytes));
    if (!accepted) return assertFailed(server, events, 'DH_KEY_INVALID');
    assert.deepEqual(events, [{ type: 'open' }]);
  });

  test(`The range check by itself ${verdict} ${name}, and so does the derivation of the key`, () => {
    if (accepted) {
      assertDhPublicKey(bytes);
      assert.equal(deriveSessionKey(generateDhKeyPair(), bytes).length, 32);
    } else {
      assert.throws(() => assertDhPublicKey(bytes), { code: 'DH_KEY_INVALID' });
      assert.throws(() => deriveSessionKey(generateDhKeyPair(), bytes), { code: 'DH_KEY_INVALID' });
    }
  });
}

test('The range ends at P-2; OpenSSL may also refuse keys that are not a power of g', () => {
  const publicKey = bigintBytes(PRIME - 2n);
  assertDhPublicKey(publicKey);
  const client = newClient();
  const [event] = client.receive(greeting(publicKey));
  if (event?.type === 'failed') assert.equal(event.error.code, 'DH_KEY_INVALID');
  else assert.deepEqual(event, { type: 'open' });
});

for (const length of [0, 4097, 65536, 0x80000000, 0xffffffff]) {
  test(`A length of ${length} is refused as soon as it is there, by both roles and in each part`, async () => {
    const server = await newServer();
    assert.equal(writesOf(server).length, 4);
    const prefix = lengthPrefix(length);
    assert.deepEqual(server.receive(prefix.subarray(0, 3)), []);
    assertFailed(server, server.receive(prefix.subarray(3)), 'KEY_EXCHANGE_LENGTH');

    const client = newClient();
    assertFailed(client, client.receive(prefix), 'KEY_EXCHANGE_LENGTH');

    const inSignature = newClient();
    assert.deepEqual(inSignature.receive(part(generateDhKeyPair().publicKey)), []);
    assertFailed(inSignature, inSignature.receive(prefix), 'KEY_EXCHANGE_LENGTH');
  });
}

test('A server sends its public key and signature in four writes, each for a record of its own', async () => {
  const dh = generateDhKeyPair();
  const [keyLength, key, signatureLength, signature, ...more] = writesOf(await newServer(dh));
  assert.deepEqual(more, []);
  assert.deepEqual(keyLength, lengthPrefix(256));
  assert.deepEqual(key, Buffer.from(dh.publicKey));
  assert.deepEqual(signatureLength, lengthPrefix(256));
  const client = newClient();
  assert.deepEqual(client.receive(greeting(key, signature)), [{ type: 'open' }]);
});

test('A client sends nothing before the server has proved itself, then length and key in one write', () => {
  const dh = generateDhKeyPair();
  const client = newClient(dh);
  assert.equal(client.nextWrite(), undefined);
  const hello = greeting(generateDhKeyPair().publicKey);
  assert.deepEqual(client.receive(hello.subarray(0, -1)), []);
  assert.equal(client.nextWrite(), undefined);
  assert.deepEqual(client.receive(hello.subarray(-1)), [{ type: 'open' }]);
  assert.deepEqual(writesOf(client), [part(dh.publicKey)]);
});

test('Public keys are sent, and signed, without leading zero bytes', async () => {
  // 2^2000
  const padded = Buffer.concat([Buffer.alloc(5), Buffer.of(1), Buffer.alloc(250)]);
  const stripped = padded.subarray(5);
  const dh: DhKeyPair = { publicKey: padded, computeSecret: () => Buffer.of(1) };

  const server = writesOf(await newServer(dh));
  assert.deepEqual(server.slice(0, 2), [lengthPrefix(251), stripped]);
  const [, , , signature] = server;
  assert.deepEqual(newClient().receive(greeting(stripped, signature)), [{ type: 'open' }]);

  const client = newClient(dh);
  assert.deepEqual(client.receive(greeting(generateDhKeyPair().publicKey)), [{ type: 'open' }]);
  assert.deepEqual(writesOf(client), [part(stripped)]);
});

/** SHA-256 of the secret's big-endian bytes without leading zeros, by arithmetic of our own. */
function keyByArithmetic(publicKey: bigint, privateKey: bigint): Buffer {
  return createHash('sha256')
    .update(bigintBytes(modPow(publicKey, privateKey, PRIME)))
    .digest();
}

/** A private key whose public key or secret with `base` has its first byte, of 256, zero. */
function privateKeyWithShortPower(base: bigint): bigint {
  let privateKey = private1;
  let power = modPow(base, privateKey, PRIME);
  while (power >> 2040n !== 0n) {
    privateKey++;
    power = (power * base) % PRIME;
  }
  return privateKey;
}

test('A secret with a leading zero byte is stripped before it is hashed', () => {
  const theirPublic = modPow(G, private1 + 99n, PRIME);
  const ours = privateKeyWithShortPower(theirPublic);
  const dh = dhKeyPairFrom(bigintBytes(ours));
  assert.equal(dh.computeSecret(bigintBytes(theirPublic))[0], 0, 'the case has a leading zero byte');
  assert.deepEqual(deriveSessionKey(dh, bigintBytes(theirPublic)), keyByArithmetic(theirPublic, ours));
});

test('A secret that a library pads with many zeros is stripped, and wiped after use', () => {
  const secret = Buffer.from('00000000aabb', 'hex');
  const dh: DhKeyPair = { publicKey: Buffer.of(5), computeSecret: () => secret };
  assert.deepEqual(
    deriveSessionKey(dh, Buffer.of(3)),
    createHash('sha256').update(Buffer.of(0xaa, 0xbb)).digest(),
  );
  assert.deepEqual(secret, Buffer.alloc(6));
});

test('Both roles derive the key that arithmetic derives, when a public key is short too', async () => {
  const clientPrivate = privateKeyWithShortPower(G);
  const serverPrivate = private1 + 4711n;
  const client = newClient(dhKeyPairFrom(bigintBytes(clientPrivate)));
  const server = await newServer(dhKeyPairFrom(bigintBytes(serverPrivate)));
  for (const write of writesOf(server)) client.receive(write);
  const [clientKey = Buffer.alloc(0), ...more] = writesOf(client);
  assert.deepEqual(more, []);
  assert.ok(clientKey.readUInt32BE(0) < 256, 'the case has a short public key');
  assert.deepEqual(server.receive(clientKey), [{ type: 'open' }]);

  const key = keyByArithmetic(modPow(G, serverPrivate, PRIME), clientPrivate);
  for (const session of [client, server]) {
    session.sendText('hello');
    const [packet = Buffer.alloc(0)] = writesOf(session);
    assert.equal(openPacket(key, packet.subarray(3, 3 + packet.readUInt16BE(1)))?.toString(), 'hello');
  }
});

for (const saltLength of [0, 1, 20, 32, 64, LONGEST_SALT]) {
  test(`A signature with a salt of ${saltLength} bytes is accepted`, () => {
    const { publicKey } = generateDhKeyPair();
    const client = newClient();
    assert.deepEqual(client.receive(greeting(publicKey, signed(publicKey, saltLength))), [{ type: 'open' }]);
  });
}

test('The server signs with the longest salt', async () => {
  const { dh, signature } = await makeSignedOffer(certificateKey);
  const withSalt = (saltLength: number): boolean =>
    verify(
      'sha256',
      dh.publicKey,
      { key: pinnedKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
      signature,
    );
  assert.equal(withSalt(LONGEST_SALT), true);
  assert.equal(withSalt(32), false);
});

const publicKey = generateDhKeyPair().publicKey;
const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
};

const BAD_SIGNATURES: readonly { name: string; signature: Buffer }[] = [
  { name: 'by another key', signature: signed(publicKey, 32, createPrivateKey(secondIdentity.keyPem)) },
  { name: 'of other bytes', signature: signed(generateDhKeyPair().publicKey) },
  {
    name: 'of the key with a leading zero byte',
    signature: signed(Buffer.concat([Buffer.alloc(1), publicKey])),
  },
  { name: 'with a flipped bit', signature: flipped(signed(publicKey), 100) },
  { name: 'that is short of a byte', signature: signed(publicKey).subarray(0, -1) },
  { name: 'of one byte', signature: Buffer.of(7) },
  { name: 'of 4096 bytes', signature: Buffer.alloc(4096, 1) },
  {
    name: 'by PKCS #1 v1.5',
    signature: sign('sha256', publicKey, { key: certificateKey, padding: constants.RSA_PKCS1_PADDING }),
  },
  {
    name: 'over SHA-512',
    signature: sign('sha512', publicKey, { key: certificateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
  },
];

for (const { name, signature } of BAD_SIGNATURES) {
  test(`A signature ${name} is refused, and the client sends nothing`, () => {
    const client = newClient();
    assertFailed(client, client.receive(greeting(publicKey, signature)), 'SIGNATURE_INVALID');
  });
}

test('A pinned key that cannot verify such signatures fails the session with the cause, not with a throw', () => {
  const { publicKey: ecKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const client = new Session({ role: 'client', pinnedKey: ecKey });
  const events = client.receive(greeting(publicKey));
  const [event] = events;
  assert.ok(event?.type === 'failed');
  assert.ok(['KEY_EXCHANGE_FAILED', 'SIGNATURE_INVALID'].includes(event.error.code));
  assertFailed(client, events, event.error.code);
});

test('An error of the key pair becomes the cause of a failure', () => {
  const broken = new RangeError('no secret today');
  const client = newClient({
    publicKey: Buffer.of(5),
    computeSecret: () => {
      throw broken;
    },
  });
  const events = client.receive(greeting(publicKey));
  const [event] = events;
  assert.ok(event?.type === 'failed' && event.error instanceof ProtocolError);
  assert.equal(event.error.cause, broken);
  assertFailed(client, events, 'DH_KEY_INVALID');
});

test('After half a key the session waits', async () => {
  const client = newClient();
  assert.deepEqual(client.receive(part(publicKey).subarray(0, 100)), []);
  const server = await newServer();
  assert.deepEqual(server.receive(part(publicKey).subarray(0, 100)), []);
  for (const session of [client, server]) {
    assert.equal(session.isOpen, false);
    assert.throws(() => session.sendText('early'), { code: 'SESSION_NOT_OPEN' });
    assert.deepEqual(session.receive(Buffer.alloc(0)), []);
    session.close();
    assert.deepEqual(session.receive(part(publicKey).subarray(100)), []);
    assert.equal(session.nextWrite(), undefined);
  }
});
