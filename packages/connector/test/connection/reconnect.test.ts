import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConnectorError, SecurityError } from 'quietroom-connector';
import { firstIdentity, secondIdentity, type Script } from '@quietroom/testing';
import { called, logIn, nextState, skipPauses } from '../fixtures.js';
import { codeOf, dropping, following, nameTaken, serve, watched } from './reconnecting.js';

for (const close of ['end', 'cut'] as const) {
  test(`a connection that is dropped (${close}) is made again, with the same callbacks, and tells so once`, async () => {
    const { peer, heard } = await (async () => {
      const texts: string[] = [];
      const started = await following([dropping(close), (connection) => serve(connection, texts)]);
      return { peer: started, heard: texts };
    })();
    const { connector, clock, changes, drops, errors } = watched(peer);
    skipPauses(connector, clock);
    const raw: string[] = [];
    connector.onMessage((text) => void raw.push(text));
    await connector.connect();
    const again = nextState(connector, 'connected');
    const receipt = await connector.sendDm('alice', 'one');
    assert.equal(receipt.status, 'unconfirmed');
    assert.equal(connector.isConnected, false);
    await again;
    assert.equal((await connector.sendDm('alice', 'two')).status, 'accepted');
    await connector.disconnect();
    assert.deepEqual(heard, ['/msg alice two']);
    assert.deepEqual(raw, ['[DM to alice]: two']);
    assert.deepEqual(drops.map(codeOf), ['CONNECTION_LOST', null]);
    assert.deepEqual(
      changes.map(({ state, attempt }) => (attempt === undefined ? state : `${state} ${attempt}`)),
      ['connecting', 'connected', 'reconnecting 1', 'connected', 'disconnecting', 'disconnected'],
    );
    assert.ok(changes.every(({ delay = 0 }) => delay >= 0 && delay <= 1));
    assert.deepEqual(errors, []);
    assert.equal(clock.pending, 0);
    await peer.close();
  });
}

test('the notice of a shutdown has its own code, and the policy sees it', async () => {
  const causes: unknown[] = [];
  const peer = await following([
    async (connection) => {
      await logIn(connection);
      await connection.hear();
      await connection.say('*** Server is shutting down. Goodbye! ***');
      connection.end();
    },
  ]);
  const { connector, clock, drops } = watched(peer, {
    reconnect: { decide: ({ cause }) => void causes.push(codeOf(cause)) },
  });
  skipPauses(connector, clock);
  await connector.connect();
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await connector.disconnect();
  assert.deepEqual(drops.map(codeOf), ['SERVER_SHUTDOWN', null]);
  assert.deepEqual(causes, ['SERVER_SHUTDOWN']);
  await peer.close();
});

test('attempts go on while nobody listens, with longer pauses, and the cause of each is told', async () => {
  const first = await following([dropping('end')]);
  const { port } = first;
  const { connector, clock, changes } = watched(first);
  await connector.connect();
  let next = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await next;
  await first.close();
  for (let attempt = 2; attempt <= 12; attempt++) {
    next = nextState(connector, 'reconnecting');
    clock.advance(60_000);
    const change = await next;
    assert.equal(change.attempt, attempt);
    assert.equal(codeOf(change.cause), 'ECONNREFUSED');
    assert.ok((change.delay ?? Number.NaN) <= Math.min(60, 2 ** (attempt - 1)));
  }
  const second = await following([], { port });
  const again = nextState(connector, 'connected');
  clock.advance(60_000);
  await again;
  await connector.disconnect();
  assert.equal(changes.filter(({ state }) => state === 'reconnecting').length, 12);
  await second.close();
});

test('a server with another certificate ends the attempts: nobody but a person can mend that', async () => {
  const first = await following([dropping('cut')]);
  const { connector, clock, drops, errors, log } = watched(first);
  await connector.connect();
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  await first.close();
  const second = await following([async (connection) => connection.secure()], {
    port: first.port,
    identity: secondIdentity,
  });
  clock.advance(1000);
  const reason = await connector.closed;
  assert.ok(reason instanceof SecurityError);
  assert.equal(reason.code, 'PIN_MISMATCH');
  assert.equal(connector.state, 'disconnected');
  assert.deepEqual(errors, [reason]);
  assert.deepEqual(drops.map(codeOf), ['CONNECTION_LOST']);
  assert.equal(log.at(-1)?.event, 'gaveUp');
  assert.equal(log.at(-1)?.code, 'PIN_MISMATCH');
  assert.equal(clock.pending, 0);
  await assert.rejects(connector.sendDm('alice', 'x'), { code: 'NOT_CONNECTED' });
  await second.close();
});

test('the pin file is read again at each attempt, so that a new certificate in it is trusted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  const certFile = join(folder, 'chat_public.pem');
  await writeFile(certFile, firstIdentity.certPem);
  const first = await following([dropping('cut')]);
  const { connector, clock } = watched(first, { certFile, cert: undefined as never });
  await connector.connect();
  let paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  await first.close();
  await rm(certFile);
  const second = await following([], { port: first.port, identity: secondIdentity });
  paused = nextState(connector, 'reconnecting');
  clock.advance(1000);
  assert.equal(codeOf((await paused).cause), 'ENOENT', 'somebody is replacing it');
  await writeFile(certFile, secondIdentity.certPem);
  const again = nextState(connector, 'connected');
  clock.advance(2000);
  await again;
  await connector.disconnect();
  await second.close();
  await rm(folder, { recursive: true });
});

test('a bad signature ends the attempts', async () => {
  const peer = await following([
    dropping('end'),
    async (connection) => {
      await connection.secure();
      const { dh, signature } = await connection.offer();
      const forged = Buffer.from(signature);
      forged.writeUInt8(forged.readUInt8(9) ^ 1, 9);
      await connection.writePart(dh.publicKey);
      await connection.writePart(forged);
    },
  ]);
  const { connector, clock, errors } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  void connector.sendDm('alice', 'x');
  assert.equal(codeOf(await connector.closed), 'SIGNATURE_INVALID');
  assert.deepEqual(errors.map(codeOf), ['SIGNATURE_INVALID']);
  await peer.close();
});

test('a name that our own ghost still holds is tried again and again, with a notice each time', async () => {
  const peer = await following([dropping('cut'), nameTaken, nameTaken, nameTaken]);
  const { connector, clock, changes, log, errors } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  assert.equal(connector.username, 'tester');
  await connector.disconnect();
  assert.deepEqual(
    changes.flatMap(({ state, cause }) => (state === 'reconnecting' ? [codeOf(cause)] : [])),
    ['CONNECTION_LOST', 'NAME_TAKEN', 'NAME_TAKEN', 'NAME_TAKEN'],
  );
  assert.equal(log.filter(({ event, level }) => event === 'nameTaken' && level === 'warn').length, 3);
  assert.deepEqual(errors, []);
  await peer.close();
});

test('with a fallback name a taken name does not keep us out, and the next connection has the first name again', async () => {
  const names: string[] = [];
  const taking: Script = async (connection) => {
    names.push(await logIn(connection));
    await connection.hear();
    connection.cut();
  };
  const peer = await following([taking, nameTaken, taking, taking]);
  const { connector, clock } = watched(peer, { fallbackUsername: 'tester-2' });
  skipPauses(connector, clock);
  await connector.connect();
  for (const expected of ['tester-2', 'tester']) {
    const again = nextState(connector, 'connected');
    void connector.sendDm('alice', 'x');
    await again;
    assert.equal(connector.username, expected);
  }
  await connector.disconnect();
  assert.deepEqual(names, ['tester', 'tester-2', 'tester']);
  await peer.close();
});

/** The server closes without a word at the name. */
const silent: Script = async (connection) => {
  await connection.secure();
  await connection.exchangeKeys();
  await connection.say('Enter your username: ');
  await connection.hear();
  connection.end();
};

test('a server that closes at the name is tried again when it has let the name in before', async () => {
  const peer = await following([dropping('cut'), silent, silent]);
  const { connector, clock, changes } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await connector.disconnect();
  assert.deepEqual(
    changes.flatMap(({ state, cause }) => (state === 'reconnecting' ? [codeOf(cause)] : [])),
    ['CONNECTION_LOST', 'LOGIN_FAILED', 'LOGIN_FAILED'],
  );
  await peer.close();
});

/** Each way to fail an attempt, and the cause that the next is told. */
const FAILURES: { name: string; cause: string; isStalled?: true; script: Script }[] = [
  { name: 'cuts before TLS', cause: 'TLS_FAILED ECONNRESET', script: async (connection) => connection.cut() },
  { name: 'stalls before TLS', cause: 'CONNECT_TIMEOUT', isStalled: true, script: async () => {} },
  {
    name: 'cuts after TLS',
    cause: 'LOGIN_FAILED',
    script: async (connection) => {
      await connection.secure();
      connection.cut();
    },
  },
  {
    name: 'stalls after TLS',
    cause: 'CONNECT_TIMEOUT',
    isStalled: true,
    script: (connection) => connection.secure(),
  },
  {
    name: 'cuts after the key exchange',
    cause: 'LOGIN_FAILED',
    script: async (connection) => {
      await connection.secure();
      await connection.exchangeKeys();
      connection.cut();
    },
  },
  {
    name: 'stalls at the name',
    cause: 'CONNECT_TIMEOUT',
    isStalled: true,
    script: async (connection) => {
      await connection.secure();
      await connection.exchangeKeys();
      await connection.say('Enter your username: ');
      await connection.hear();
    },
  },
];

for (const { name, cause, isStalled, script } of FAILURES) {
  test(`an attempt with a server that ${name} is followed by the next`, async () => {
    const reached = called<void>();
    const peer = await following([
      dropping('cut'),
      async (connection) => {
        await script(connection);
        reached.call();
      },
    ]);
    const { connector, clock, changes } = watched(peer);
    await connector.connect();
    let paused = nextState(connector, 'reconnecting');
    void connector.sendDm('alice', 'x');
    await paused;
    paused = nextState(connector, 'reconnecting');
    clock.advance(1000);
    await reached.promise;
    if (isStalled) {
      for (let turns = 0; turns < 20; turns++) await turn();
      clock.advance(30_000);
    }
    await paused;
    const again = nextState(connector, 'connected');
    clock.advance(2000);
    await again;
    await connector.disconnect();
    const causes = changes.flatMap((change) =>
      change.state === 'reconnecting' ? [codeOf(change.cause)] : [],
    );
    assert.equal(causes.length, 2);
    assert.ok(cause.split(' ').includes(String(causes[1])), String(causes[1]));
    assert.equal(clock.pending, 0);
    await peer.close();
  });
}

for (const { name, reconnect } of [
  { name: 'decide returns false', reconnect: { decide: () => false as const } },
  { name: 'there were maxAttempts of them', reconnect: { maxAttempts: 1 } },
]) {
  test(`attempts end when ${name}, and the last cause is told`, async () => {
    const peer = await following([dropping('cut'), nameTaken]);
    const { connector, clock, errors } = watched(peer, { reconnect });
    const told: string[] = [];
    connector.onDisconnect(() => void told.push('drop')).onError(() => void told.push('end'));
    skipPauses(connector, clock);
    await connector.connect();
    void connector.sendDm('alice', 'x');
    const reason = await connector.closed;
    assert.equal(codeOf(reason), name.startsWith('decide') ? 'CONNECTION_LOST' : 'NAME_TAKEN');
    assert.deepEqual(errors, [reason]);
    assert.deepEqual(told, ['drop', 'end']);
    assert.equal(connector.state, 'disconnected');
    assert.equal(clock.pending, 0);
    await peer.close();
  });
}

test('what decide throws, or returns that is no time, ends the attempts and is told', async () => {
  for (const decide of [
    () => {
      throw new Error('thrown');
    },
    () => Number.NaN,
  ]) {
    const peer = await following([dropping('cut')]);
    const { connector, errors } = watched(peer, { reconnect: { decide } });
    await connector.connect();
    void connector.sendDm('alice', 'x');
    const reason = await connector.closed;
    assert.match(String(reason), /thrown|reconnect\.decide/);
    assert.deepEqual(errors, [reason]);
    await peer.close();
  }
});

test('pauses begin anew only after a connection that lasted a minute', async () => {
  const peer = await following([dropping('cut'), dropping('cut'), dropping('cut')]);
  const { connector, clock, changes } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  for (const lasted of [1_000, 59_000, 60_001]) {
    await connector.flush();
    clock.advance(lasted);
    const again = nextState(connector, 'connected');
    void connector.sendDm('alice', 'x');
    await again;
  }
  await connector.disconnect();
  assert.deepEqual(
    changes.flatMap(({ attempt }) => attempt ?? []),
    [1, 2, 1],
  );
  await peer.close();
});

test('by default sends are refused while the connection is made again; what had not left rejects', async () => {
  const peer = await following([dropping('cut')]);
  const { connector, clock } = watched(peer);
  await connector.connect();
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  assert.equal(connector.writable, false);
  await assert.rejects(connector.sendDm('alice', 'y'), (error) => {
    return error instanceof ConnectorError && error.code === 'NOT_CONNECTED' && /hold/.test(error.message);
  });
  await connector.disconnect();
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('a server that closes at the fallback name is tried again, too', async () => {
  const peer = await following([dropping('cut'), nameTaken, silent, nameTaken]);
  const { connector, clock } = watched(peer, { fallbackUsername: 'tester-2' });
  skipPauses(connector, clock);
  await connector.connect();
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  assert.equal(connector.username, 'tester-2');
  await connector.disconnect();
  await peer.close();
});
