import { constants, createPrivateKey, randomBytes, sign } from 'node:crypto';
import {
  bigintBytes,
  findDhKeys,
  makeDhKeys,
  PRIME,
  readPart,
  sessionKey,
  withLength,
  type DhKeys,
} from '../../wire/keyExchange.js';
import { Peer } from '../../wire/peer.js';
import type { Wire } from '../../wire/wire.js';
import { PROMPT, type ClientBench, type ClientCase, type ClientGroup } from '../clientBench.js';

/** The client closes, and has sent nothing inside TLS. */
function refuses(
  id: string,
  title: string,
  act: (bench: ClientBench, wire: Wire) => Promise<void>,
): ClientCase {
  return {
    id: `refuses-${id}`,
    title,
    async run(bench) {
      const wire = await bench.accept();
      await act(bench, wire);
      await silentEnd(bench, wire);
    },
  };
}

async function silentEnd(bench: ClientBench, wire: Wire): Promise<void> {
  await wire.until(() => (wire.recordSizes.length > 0 ? true : undefined)).catch(() => false);
  bench.check('nothing inside TLS', wire.recordSizes.length === 0, `${wire.recordSizes.length} records`);
  bench.check('the client closes', wire.isOver, wire.isOver ? 'the client closed' : 'still open');
}

const refusesKey = (id: string, title: string, value: bigint | Buffer): ClientCase =>
  refuses(`key-${id}`, title, async (bench, wire) => {
    await bench.offer(wire, typeof value === 'bigint' ? bigintBytes(value) : value);
  });

const refusesSignature = (
  id: string,
  title: string,
  make: (publicKey: Buffer, bench: ClientBench) => Buffer,
): ClientCase =>
  refuses(`signature-${id}`, title, async (bench, wire) => {
    const { publicKey } = makeDhKeys();
    await bench.offer(wire, publicKey, make(publicKey, bench));
  });

/** The client goes on, and gives its name. */
function accepts(
  id: string,
  title: string,
  send: (bench: ClientBench, wire: Wire, keys: DhKeys) => Promise<void>,
  makeKeys = makeDhKeys,
): ClientCase {
  return {
    id: `accepts-${id}`,
    title,
    async run(bench) {
      const wire = await bench.accept();
      const keys = makeKeys();
      await send(bench, wire, keys);
      const publicKey = await bench.tries('a public key', () => readPart(wire));
      const peer = new Peer(wire, sessionKey(keys.secret(publicKey)), bench.steps);
      await peer.say(PROMPT);
      await peer.hears({ shown: 'a name', test: (text) => text.length > 0 });
    },
  };
}

const whole = (bench: ClientBench, { publicKey }: DhKeys): Buffer =>
  Buffer.concat([withLength(publicKey), withLength(bench.sign(publicKey))]);

const ownKey = (bench: ClientBench) => createPrivateKey(bench.target.identity.keyPem);

export const clientKeys: ClientGroup = {
  name: 'keys',
  title: 'Certificate and key exchange',
  cases: [
    {
      id: 'other-certificate',
      title: 'a client that is presented another certificate than its pin sends nothing',
      async run(bench) {
        const wire = await bench.accept(bench.target.otherIdentity).catch(() => undefined);
        if (wire === undefined)
          return bench.check('the client refuses', true, 'refused in the TLS handshake');
        await bench.offer(wire, makeDhKeys().publicKey);
        await silentEnd(bench, wire);
      },
    },
    {
      id: 'waits-for-server',
      title: 'the client sends nothing before the key of the server',
      async run(bench) {
        const wire = await bench.accept();
        const keys = makeDhKeys();
        bench.check('nothing inside TLS', wire.recordSizes.length === 0, wire.recordSizes.length);
        await bench.offer(wire, keys.publicKey);
        await bench.tries('a public key', () => readPart(wire));
      },
    },
    {
      id: 'own-key',
      title: 'the public key of the client is in range and has no leading zero bytes',
      async run(bench) {
        const wire = await bench.accept();
        await bench.offer(wire, makeDhKeys().publicKey);
        const publicKey = await bench.tries('a public key', () => readPart(wire));
        const value = BigInt(`0x${publicKey.toString('hex')}`);
        bench.check(
          '1 < y < P-1',
          value > 1n && value < PRIME - 1n && publicKey[0] !== 0,
          `${publicKey.length} bytes`,
        );
      },
    },
    refusesKey('zero', 'a public key of 0 is refused', Buffer.of(0)),
    refusesKey('one', 'a public key of 1 is refused', 1n),
    refusesKey('p-minus-1', 'a public key of P-1 is refused', PRIME - 1n),
    refusesKey('p', 'a public key of P is refused', PRIME),
    refusesKey('p-plus-1', 'a public key of P+1 is refused', PRIME + 1n),
    refusesKey('p-plus-2', 'a public key of P+2 is refused', PRIME + 2n),
    refusesKey('all-ones', 'a public key of 2048 one bits is refused', 2n ** 2048n - 1n),
    refusesKey('too-wide', 'a public key of more than 2048 bits is refused', 2n ** 2100n),
    refusesSignature('random', 'a signature of random bytes is refused', (_, bench) =>
      randomBytes(bench.sign(Buffer.of(2)).length),
    ),
    refusesSignature('other-data', 'a signature of other data is refused', (_, bench) =>
      bench.sign(Buffer.from('other')),
    ),
    refusesSignature('one-bit', 'a signature with one bit changed is refused', (publicKey, bench) => {
      const signature = bench.sign(publicKey);
      signature.writeUInt8(signature.readUInt8(9) ^ 1, 9);
      return signature;
    }),
    refusesSignature('other-key', 'a signature of another key is refused', (publicKey, bench) =>
      sign('sha256', publicKey, {
        key: createPrivateKey(bench.target.otherIdentity.keyPem),
        padding: constants.RSA_PKCS1_PSS_PADDING,
      }),
    ),
    refusesSignature('pkcs1', 'a signature without PSS is refused', (publicKey, bench) =>
      sign('sha256', publicKey, ownKey(bench)),
    ),
    refusesSignature('sha1', 'a signature with SHA-1 is refused', (publicKey, bench) =>
      sign('sha1', publicKey, { key: ownKey(bench), padding: constants.RSA_PKCS1_PSS_PADDING }),
    ),
    refusesSignature('sha512', 'a signature with SHA-512 is refused', (publicKey, bench) =>
      sign('sha512', publicKey, { key: ownKey(bench), padding: constants.RSA_PKCS1_PSS_PADDING }),
    ),
    refusesSignature('short', 'a signature of one byte is refused', () => Buffer.of(1)),
    ...[4097, 65536, 0x80000000, 0xffffffff].map((length) =>
      refuses(`length-${length}`, `a length of ${length} is refused`, (_, wire) =>
        wire.write(withLength(Buffer.alloc(0), length)),
      ),
    ),
    refuses('http', 'a server that speaks HTTP is refused', (_, wire) =>
      wire.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ),
    refuses(
      'end',
      'a client whose server closes before its key closes, too',
      async (_, wire) => void wire.socket.end(),
    ),
    refuses('half-key', 'a client whose server closes inside its key closes, too', async (_, wire) => {
      await wire.write(withLength(makeDhKeys().publicKey).subarray(0, 100));
      wire.socket.end();
    }),
    accepts('four-records', 'a key and its signature in four records are accepted', (bench, wire, keys) =>
      bench.offer(wire, keys.publicKey),
    ),
    accepts('one-record', 'a key and its signature in one record are accepted', (bench, wire, keys) =>
      wire.write(whole(bench, keys)),
    ),
    ...[1, 7, 100].map((size) =>
      accepts(
        `cut-${size}`,
        `a key and its signature in records of ${size} bytes are accepted`,
        async (bench, wire, keys) => {
          const bytes = whole(bench, keys);
          for (let at = 0; at < bytes.length; at += size) await wire.write(bytes.subarray(at, at + size));
        },
      ),
    ),
    accepts('zeros', 'a key behind zero bytes is accepted', (bench, wire, { publicKey }) =>
      bench.offer(wire, Buffer.concat([Buffer.alloc(7), publicKey])),
    ),
    accepts(
      'short-key',
      'a key with fewer than 256 bytes is accepted',
      (bench, wire, keys) => bench.offer(wire, keys.publicKey),
      () => findDhKeys(({ publicKey }) => publicKey.length < 256),
    ),
    ...[0, 32].map((saltLength) =>
      accepts(
        `salt-${saltLength}`,
        `a signature with a salt of ${saltLength} bytes is accepted`,
        (bench, wire, { publicKey }) =>
          bench.offer(
            wire,
            publicKey,
            sign('sha256', publicKey, {
              key: ownKey(bench),
              padding: constants.RSA_PKCS1_PSS_PADDING,
              saltLength,
            }),
          ),
      ),
    ),
  ],
};
