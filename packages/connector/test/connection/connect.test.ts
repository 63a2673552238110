import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { ConnectorError, LoginError, SecurityError } from 'quietroom-connector';
import {
  FakeClock,
  firstIdentity,
  lengthPrefix,
  ScriptedPeer,
  secondIdentity,
  TcpTap,
  type PeerConnection,
} from '@quietroom/testing';
import { called, logIn, quietConnector, texts } from '../fixtures.js';

/** Awaits the failure of a connect, and that nothing of it is left. */
async function failure(peer: ScriptedPeer, config = {}): Promise<unknown> {
  const connector = quietConnector({ ...peer.config, ...config });
  const error = await connector.connect().then(
    () => assert.fail('connect() resolved'),
    (reason: unknown) => reason,
  );
  assert.equal(connector.isConnected, false);
  assert.equal(connector.state, 'disconnected');
  await Promise.all(peer.connections.map((connection) => connection.closed));
  return error;
}

test('connect() resolves when the server has welcomed the name', async () => {
  const names = called<string>();
  await using peer = await ScriptedPeer.start(async (connection) => names.call(await logIn(connection)));
  await using connector = quietConnector({ ...peer.config, username: ' tester ' });
  await connector.connect();
  assert.equal(connector.isConnected, true);
  assert.equal(await names.promise, 'tester');
});

test('messages of others before, between and after the texts of the login reach callbacks added after connect()', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    await connection.say('*** early joined the chat ***');
    await connection.say('Enter your username: ');
    await connection.hear();
    await connection.say('*** tester joined the chat ***');
    await connection.say('[DM from alice]: first');
    await connection.say('Welcome to the chat, tester!');
    await connection.say('[DM from alice]: second');
    await connection.say('Type /help for available commands. Type /quit to exit.\n');
    await connection.say('[DM from alice]: third');
  });
  await using connector = quietConnector(peer.config);
  await connector.connect();
  const heard = texts(connector, 5);
  const dms: string[] = [];
  connector.onDm((sender, message) => void dms.push(`${sender}: ${message}`));
  assert.deepEqual(await heard, [
    '*** early joined the chat ***',
    '*** tester joined the chat ***',
    '[DM from alice]: first',
    '[DM from alice]: second',
    '[DM from alice]: third',
  ]);
  await turn();
  assert.deepEqual(dms, ['alice: first', 'alice: second', 'alice: third']);
});

test('a name that is in use is a LoginError that says so', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    await connection.say('Enter your username: ');
    await connection.hear();
    await connection.say('*** Username already taken. Please reconnect with a different name. ***');
  });
  const error = await failure(peer);
  assert.ok(error instanceof LoginError);
  assert.equal(error.code, 'NAME_TAKEN');
  assert.match(error.message, /tester.*in use.*another/);
});

test('a server that closes without a word when it gets the name does not allow it', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    await connection.say('Enter your username: ');
    await connection.hear();
    connection.end();
  });
  const error = await failure(peer);
  assert.ok(error instanceof LoginError);
  assert.equal(error.code, 'NAME_INVALID');
});

test('a welcome for another name is refused', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    await connection.say('Enter your username: ');
    await connection.hear();
    await connection.say('Welcome to the chat, mallory!');
  });
  const error = await failure(peer);
  assert.ok(error instanceof ConnectorError);
  assert.deepEqual([error.code, error.username], ['LOGIN_FAILED', 'tester']);
});

for (const username of ['', 'ä', 'a'.repeat(33), 'a/b', 'a\nb']) {
  test(`the name ${JSON.stringify(username)} is refused before anything is sent`, async () => {
    await using peer = await ScriptedPeer.start(async () => {});
    await assert.rejects(
      async () => quietConnector({ ...peer.config, username }).connect(),
      (error) => error instanceof ConnectorError && /NAME_INVALID|OPTION_INVALID/.test(error.code),
    );
    assert.equal(peer.connections.length, 0);
  });
}

test('another certificate than the pinned one ends the connection after the ClientHello', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => connection.secure(), {
    identity: secondIdentity,
  });
  await using tap = await TcpTap.start(peer.port);
  const pinned = firstIdentity.certPem;
  const error = await failure(peer, { serverPort: tap.port, cert: pinned });
  assert.ok(error instanceof SecurityError);
  assert.equal(error.code, 'PIN_MISMATCH');
  for (const pem of [pinned, secondIdentity.certPem]) {
    assert.ok(error.message.includes(new X509Certificate(pem).fingerprint256));
  }
  assert.match(error.message, /restarted/);
  const sent = Buffer.concat(tap.sent);
  const recordBytes = 5 + sent.readUInt16BE(3);
  assert.equal(sent[0], 0x16, 'a handshake record');
  assert.equal(sent[5], 0x01, 'a ClientHello');
  assert.equal(sent.length, recordBytes, 'and nothing after it');
});

test('the ClientHello does not name the host', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => void (await logIn(connection)));
  await using tap = await TcpTap.start(peer.port);
  await using connector = quietConnector({ ...peer.config, serverHost: 'localhost', serverPort: tap.port });
  await connector.connect();
  assert.ok(!Buffer.concat(tap.sent).includes('localhost'));
});

test('one of several pinned certificates is enough', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => void (await logIn(connection)));
  await using connector = quietConnector({
    ...peer.config,
    cert: `rotation\r\n${secondIdentity.certPem.replaceAll('\n', '\r\n')}${firstIdentity.certPem}`,
  });
  await connector.connect();
  assert.equal(connector.isConnected, true);
});

test('a server that offers TLS 1.2 only is refused', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => connection.secure(), {
    tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
  });
  const error = await failure(peer);
  assert.ok(error instanceof ConnectorError);
  assert.equal(error.code, 'TLS_FAILED');
});

test('a server that speaks no TLS is refused', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  const error = await failure(peer);
  assert.ok(error instanceof ConnectorError);
  assert.equal(error.code, 'TLS_FAILED');
});

test('a refused connection stays the error of Node', async () => {
  const peer = await ScriptedPeer.start(async () => {});
  const { config } = peer;
  await peer.close();
  await assert.rejects(quietConnector(config).connect(), { code: 'ECONNREFUSED' });
});

test('a host whose addresses all refuse stays the error of Node', async () => {
  const peer = await ScriptedPeer.start(async () => {});
  const { config } = peer;
  await peer.close();
  // Often ::1 and 127.0.0.1.
  await assert.rejects(quietConnector({ ...config, serverHost: 'localhost' }).connect(), {
    code: 'ECONNREFUSED',
  });
});

test('a missing certificate file stays the error of Node', async () => {
  await assert.rejects(quietConnector({ certFile: '/nowhere/chat_public.pem' }).connect(), {
    code: 'ENOENT',
    message: /no file "\/nowhere\/chat_public\.pem".*Copy chat_public\.pem from the server.*certFile/,
  });
});

test('a signature by another key is a SecurityError, and nothing is sent after it', async () => {
  const sent = called<number>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    const { dh, signature } = await connection.offer();
    const forged = Buffer.from(signature);
    forged.writeUInt8(forged.readUInt8(9) ^ 1, 9);
    await connection.writePart(dh.publicKey);
    await connection.writePart(forged);
    await connection.closed;
    sent.call(connection.plaintextBytes);
  });
  const error = await failure(peer);
  assert.ok(error instanceof SecurityError);
  assert.equal(error.code, 'SIGNATURE_INVALID');
  assert.equal(await sent.promise, 0);
});

test('a public key of 1, though signed, is a SecurityError', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    const key = Buffer.of(1);
    const { signature } = await connection.offer(key);
    await connection.writePart(key);
    await connection.writePart(signature);
  });
  const error = await failure(peer);
  assert.ok(error instanceof SecurityError);
  assert.equal(error.code, 'DH_KEY_INVALID');
});

for (const length of [0, 4097]) {
  test(`a part of ${length} bytes in the key exchange ends it`, async () => {
    await using peer = await ScriptedPeer.start(async (connection) => {
      await connection.secure();
      await connection.write(lengthPrefix(length));
    });
    const error = await failure(peer);
    assert.ok(error instanceof ConnectorError);
    assert.equal(error.code, 'HANDSHAKE_FAILED');
  });
}

/** Each way to stall, what it does up to where it stops, and the stage that the error names. */
const STALLS: { name: string; stage: RegExp; script: (connection: PeerConnection) => Promise<void> }[] = [
  { name: 'accepts and says nothing', stage: /TCP and TLS/, script: async () => {} },
  { name: 'stops after TLS', stage: /key exchange/, script: (connection) => connection.secure() },
  {
    name: 'stops after half a key',
    stage: /key exchange/,
    script: async (connection) => {
      await connection.secure();
      const { dh } = await connection.offer();
      await connection.write(lengthPrefix(dh.publicKey.length));
      await connection.write(dh.publicKey.subarray(0, 128));
    },
  },
  {
    name: 'stops before the prompt',
    stage: /login/,
    script: async (connection) => {
      await connection.secure();
      await connection.exchangeKeys();
    },
  },
  {
    name: 'never welcomes the name',
    stage: /login/,
    script: async (connection) => {
      await connection.secure();
      await connection.exchangeKeys();
      await connection.say('Enter your username: ');
      await connection.hear();
      await connection.say('*** others joined the chat ***');
    },
  },
];

for (const { name, stage, script } of STALLS) {
  test(`connectTimeout ends an attempt with a server that ${name}`, async () => {
    const clock = new FakeClock();
    const stalled = called<void>();
    await using peer = await ScriptedPeer.start(async (connection) => {
      await script(connection);
      stalled.call();
    });
    const connector = quietConnector({ ...peer.config, clock, connectTimeout: 7 });
    const outcome = connector.connect().then(
      () => assert.fail('connect() resolved'),
      (error: unknown) => error,
    );
    await stalled.promise;
    // What the peer has written must have come in before time passes.
    for (let turns = 0; turns < 20; turns++) await turn();
    clock.advance(6999);
    assert.equal(connector.state, 'connecting');
    clock.advance(1);
    const error = await outcome;
    assert.ok(error instanceof ConnectorError);
    assert.equal(error.code, 'CONNECT_TIMEOUT');
    assert.match(error.message, stage);
    assert.equal(clock.pending, 0);
    await Promise.all(peer.connections.map((connection) => connection.closed));
  });
}

test('connectTimeout ends an attempt with a server that sends one byte a second', async () => {
  const clock = new FakeClock();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    const { dh } = await connection.offer();
    for (const byte of [...lengthPrefix(dh.publicKey.length), ...dh.publicKey]) {
      await connection.write(Buffer.of(byte));
      clock.advance(1000);
      await turn();
    }
  });
  const connector = quietConnector({ ...peer.config, clock });
  await assert.rejects(connector.connect(), { code: 'CONNECT_TIMEOUT' });
  assert.equal(clock.pending, 0);
});

test('a server that cuts the connection at any step of the login ends connect() with an error', async () => {
  const steps: ((connection: PeerConnection) => Promise<unknown>)[] = [
    (connection) => connection.secure(),
    (connection) => connection.exchangeKeys(),
    (connection) => connection.say('Enter your username: '),
    (connection) => connection.hear(),
  ];
  for (let count = 0; count <= steps.length; count++) {
    for (const close of ['end', 'cut'] as const) {
      await using peer = await ScriptedPeer.start(async (connection) => {
        for (const step of steps.slice(0, count)) await step(connection);
        connection[close]();
      });
      const error = await failure(peer);
      assert.ok(error instanceof ConnectorError || (error as NodeJS.ErrnoException).syscall !== undefined);
    }
  }
});

test('a prompt with garbage behind it in the same record ends connect() with an error, not the process', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    const prompt = connection.packet('Enter your username: ');
    await connection.write(Buffer.concat([prompt, Buffer.alloc(16_384 - prompt.length, 1)]));
  });
  const error = await failure(peer);
  assert.ok(error instanceof ConnectorError);
  assert.equal(error.code, 'HANDSHAKE_FAILED');
});

test('a server that talks without end and never welcomes is given up', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    for (;;) await connection.say(`[12:00:00] bob: ${'x'.repeat(32_000)}`);
  });
  const error = await failure(peer);
  assert.ok(error instanceof ConnectorError);
  assert.equal(error.code, 'LOGIN_FAILED');
});

test('disconnect() during connect() makes it reject and leaves nothing open', async () => {
  const clock = new FakeClock();
  const reached = called<void>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    reached.call();
  });
  const connector = quietConnector({ ...peer.config, clock });
  const outcome = assert.rejects(connector.connect(), { code: 'CONNECT_CANCELLED' });
  await reached.promise;
  await Promise.all([connector.disconnect(), connector.disconnect()]);
  await outcome;
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await Promise.all(peer.connections.map((connection) => connection.closed));
});

test('connect() while connected is refused and disturbs nothing', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    connection.end();
  });
  await using connector = quietConnector(peer.config);
  const first = connector.connect();
  await assert.rejects(connector.connect(), { code: 'ALREADY_CONNECTED' });
  await first;
  await assert.rejects(connector.connect(), { code: 'ALREADY_CONNECTED' });
  assert.equal(connector.isConnected, true);
});

test('connect() works again after disconnect(), with the same callbacks', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.say('[DM from alice]: hi');
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector(peer.config);
  let dms = 0;
  let next = called<void>();
  connector.onDm(() => {
    dms++;
    next.call();
  });
  for (let round = 1; round <= 3; round++) {
    next = called<void>();
    await connector.connect();
    await next.promise;
    await connector.disconnect();
    assert.equal(dms, round);
  }
});
