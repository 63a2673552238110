import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ConnectionLostError,
  ConnectorError,
  RoomError,
  SecurityError,
  type ConnectorConfig,
  type LogEntry,
  type QuietRoomConnector,
  type StateChange,
} from 'quietroom-connector';
import {
  FakeClock,
  firstIdentity,
  ScriptedPeer,
  secondIdentity,
  type PeerConnection,
  type Script,
} from '@quietroom/testing';
import {
  answersTo,
  called,
  logIn,
  nextState,
  openSockets,
  quietConnector,
  skipPauses,
  until,
} from './fixtures.js';

/** Talks as a server does until the client quits. Keeps what it heard. */
async function serve(connection: PeerConnection, heard: string[] = []): Promise<void> {
  const name = await logIn(connection);
  for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
    heard.push(text);
    for (const answer of answersTo(text, name)) await connection.say(answer);
  }
  connection.end();
}

/** A peer whose connections follow these scripts, one after the other, and then serve. */
function following(scripts: readonly Script[], options = {}): Promise<ScriptedPeer> {
  let count = 0;
  return ScriptedPeer.start(async (connection) => (scripts[count++] ?? serve)(connection), options);
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

interface Watched {
  readonly connector: QuietRoomConnector;
  readonly clock: FakeClock;
  readonly changes: StateChange[];
  readonly drops: (ConnectionLostError | null)[];
  readonly errors: unknown[];
  readonly log: LogEntry[];
}

/** A connector that connects again, and what it tells. */
function watched(peer: ScriptedPeer, config: ConnectorConfig = {}): Watched {
  const clock = new FakeClock();
  const log: LogEntry[] = [];
  const connector = quietConnector({
    ...peer.config,
    clock,
    reconnect: true,
    log: (entry) => void log.push(entry),
    ...config,
  });
  const changes: StateChange[] = [];
  const drops: (ConnectionLostError | null)[] = [];
  const errors: unknown[] = [];
  connector
    .onStateChange((_, change) => void changes.push(change))
    .onDisconnect((reason) => void drops.push(reason))
    .onError((error) => void errors.push(error));
  return { connector, clock, changes, drops, errors, log };
}

/** Logs in, and is gone after the client has said something. */
const dropping =
  (close: 'end' | 'cut'): Script =>
  async (connection) => {
    await logIn(connection);
    await connection.hear();
    connection[close]();
  };

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

test('without reconnect a drop is the end: closed resolves with the reason, and connect() begins anew', async () => {
  const peer = await following([dropping('end')]);
  const { connector, changes, drops } = watched(peer, { reconnect: false });
  await connector.connect();
  const { closed } = connector;
  void connector.sendDm('alice', 'x');
  assert.equal(codeOf(await closed), 'CONNECTION_LOST');
  assert.equal(connector.state, 'disconnected');
  assert.deepEqual(drops.map(codeOf), ['CONNECTION_LOST']);
  assert.deepEqual(
    changes.map(({ state }) => state),
    ['connecting', 'connected', 'disconnected'],
  );
  await connector.connect();
  assert.notEqual(connector.closed, closed);
  await connector.disconnect();
  assert.equal(await connector.closed, null);
  await peer.close();
});

test('the first connect() rejects when it fails, and nothing goes on', async () => {
  const peer = await following([]);
  await peer.close();
  const { connector, clock, changes } = watched(peer);
  await assert.rejects(connector.connect(), { code: 'ECONNREFUSED' });
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  assert.equal(changes.length, 2);
});

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

/** The server still has the name for whoever held it before. */
const nameTaken: Script = async (connection) => {
  await connection.secure();
  await connection.exchangeKeys();
  await connection.say('Enter your username: ');
  await connection.hear();
  await connection.say('*** Username already taken. Please reconnect with a different name. ***');
};

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

test('rooms are joined again with their passwords, once each, before held messages go out', async () => {
  const heard: string[] = [];
  const peer = await following([
    async (connection) => {
      const name = await logIn(connection);
      for (let text = await connection.hear(); text !== '[#c] now'; text = await connection.hear())
        for (const answer of answersTo(text, name)) await connection.say(answer);
      connection.cut();
    },
    (connection) => serve(connection, heard),
  ]);
  const { connector, clock } = watched(peer, { whileDisconnected: 'hold' });
  await connector.connect();
  await connector.joinRoom('#a', 'open sesame');
  await connector.joinRoom('#b');
  await connector.joinRoom('#c');
  await connector.joinRoom('#a');
  await connector.leaveRoom('#b');
  await connector.joinRoom('#c');
  const paused = nextState(connector, 'reconnecting');
  void connector.sendMessage('now');
  await paused;
  assert.deepEqual(connector.joinedRooms, []);
  assert.equal(connector.writable, true);
  const held = [connector.sendMessage('held'), connector.sendDm('alice', 'held too')];
  clock.advance(1000);
  const receipts = await Promise.all(held);
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(connector.joinedRooms, ['#a', '#c']);
  assert.equal(connector.currentRoom, '#c');
  await connector.disconnect();
  assert.deepEqual(heard, [
    '/members',
    '/join #a open sesame',
    '/join #c',
    '[#c] held',
    '/msg alice held too',
  ]);
  await peer.close();
});

test('a room that cannot be joined again is told, and chat for it goes nowhere else', async () => {
  const heard: string[] = [];
  const peer = await following([
    async (connection) => {
      const name = await logIn(connection);
      for (const answer of answersTo(await connection.hear(), name)) await connection.say(answer);
      for (const answer of answersTo(await connection.hear(), name)) await connection.say(answer);
      await connection.hear();
      connection.cut();
    },
    async (connection) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
        heard.push(text);
        if (text === '/members') await connection.say('Usage: /members <#roomname|lobby>');
        if (text.startsWith('/join')) await connection.say('Incorrect password for room #a');
        if (text.startsWith('[#a]')) await connection.say('*** You are not a member of #a ***');
      }
      connection.end();
    },
  ]);
  const { connector, clock, errors, log } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  await connector.joinRoom('#a', 'old');
  const again = nextState(connector, 'connected');
  void connector.sendMessage('x');
  await again;
  const receipt = await connector.sendMessage('secret');
  assert.equal(receipt.status, 'refused');
  const [error] = errors;
  assert.ok(error instanceof RoomError && error.code === 'PASSWORD_WRONG' && error.room === '#a');
  assert.equal(log.find(({ event }) => event === 'rejoinFailed')?.room, '#a');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a old', '[#a] secret']);
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

test('disconnect() ends the pause before an attempt, and what is held is refused', async () => {
  const peer = await following([dropping('cut')]);
  const { connector, clock, changes } = watched(peer, { whileDisconnected: 'hold' });
  await connector.connect();
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  const held = assert.rejects(connector.sendDm('alice', 'held'), { code: 'DISCONNECTED' });
  await connector.disconnect();
  await held;
  assert.equal(await connector.closed, null);
  assert.equal(changes.at(-1)?.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('disconnect() ends an attempt in the middle of it, and leaves nothing open', async () => {
  const reached = called<void>();
  const peer = await following([
    dropping('cut'),
    async (connection) => {
      await connection.secure();
      reached.call();
    },
  ]);
  const { connector, clock } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  void connector.sendDm('alice', 'x');
  await reached.promise;
  await connector.disconnect();
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await Promise.all(peer.connections.map((connection) => connection.closed));
  await peer.close();
});

test('disconnect() called by onDisconnect ends the attempts before the first', async () => {
  const peer = await following([dropping('cut')]);
  const { connector, clock } = watched(peer);
  connector.onDisconnect(() => connector.disconnect());
  await connector.connect();
  void connector.sendDm('alice', 'x');
  assert.equal(await connector.closed, null);
  assert.equal(peer.connections.length, 1);
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('without onError the end of the attempts is a warning of the process', async () => {
  const peer = await following([dropping('cut')]);
  const clock = new FakeClock();
  const connector = quietConnector({ ...peer.config, clock, reconnect: { decide: () => false } });
  const warned = new Promise<Error>((resolve) => void process.once('warning', resolve));
  await connector.connect();
  void connector.sendDm('alice', 'x');
  assert.match((await warned).message, /connection.*lost/);
  await peer.close();
});

test('rooms and passwords are joined again to the letter, and the current room last', async () => {
  const heard: string[] = [];
  const peer = await following([
    async (connection) => {
      const name = await logIn(connection);
      for (let text = await connection.hear(); text !== '/msg alice x'; text = await connection.hear())
        for (const answer of answersTo(text, name)) await connection.say(answer);
      connection.cut();
    },
    (connection) => serve(connection, heard),
  ]);
  const { connector, clock } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  // U+FEFF is a character like any other to a server.
  await connector.joinRoom('#a\uFEFF');
  await connector.joinRoom('#b', 'pw\uFEFF');
  await connector.joinRoom('#c');
  await connector.joinRoom('#a\uFEFF');
  void connector.joinRoom('#b', 'pw\uFEFF');
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await connector.sendMessage('here');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #c', '/join #a\uFEFF', '/join #b pw\uFEFF', '[#b] here']);
  await peer.close();
});

test('a join whose answer came too late is kept, and a leave that was not answered is kept, too', async () => {
  const heard: string[] = [];
  const late = called<void>();
  const peer = await following([
    async (connection) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/msg alice x'; text = await connection.hear()) {
        if (text === '/join #b') await connection.say('Joined room #b');
        if (text === '/users') await connection.say('Online Users (1):\n  tester');
        if (text === '/join #a pw') void late.promise.then(() => connection.say('Joined room #a'));
      }
      connection.cut();
    },
    (connection) => serve(connection, heard),
  ]);
  const { connector, clock } = watched(peer);
  await connector.connect();
  // It tells the generation, so that no other question is asked.
  await connector.listUsers();
  await connector.joinRoom('#b');
  const joining = assert.rejects(connector.joinRoom('#a', 'pw'), { code: 'NO_ANSWER' });
  const leaving = assert.rejects(connector.leaveRoom('#b'), { code: 'NO_ANSWER' });
  await connector.flush();
  clock.advance(10_000);
  await Promise.all([joining, leaving]);
  late.call();
  await until(() => connector.joinedRooms.includes('#a'));
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await nextState(connector, 'reconnecting');
  clock.advance(1000);
  await again;
  await until(() => connector.joinedRooms.length === 1);
  assert.deepEqual(connector.joinedRooms, ['#a']);
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a pw']);
  await peer.close();
});

/** As `serve`, on 1.1; gone when it hears a certain message. */
const serve11: Script = async (connection) => {
  const name = await logIn(connection);
  for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
    if (text === '/msg alice x') return connection.cut();
    for (const answer of answersTo(text, name, '1.1')) await connection.say(answer);
  }
  connection.end();
};

test('on 1.1, where the lobby cannot be the current room again, the log says so', async () => {
  const peer = await following([serve11, serve11]);
  const { connector, clock, log } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  await connector.joinRoom('#a');
  await connector.joinRoom('#b');
  await connector.leaveRoom('#b');
  assert.equal((await connector.sendMessage('in the lobby')).status, 'accepted');
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await assert.rejects(connector.sendMessage('in the lobby'), { code: 'NOT_SUPPORTED' });
  assert.equal(connector.currentRoom, '#a');
  assert.match(log.find(({ event }) => event === 'rejoinFailed')?.message ?? '', /now "#a", not "the lobby"/);
  await connector.disconnect();
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

for (const callback of ['onDisconnect', 'onStateChange'] as const) {
  test(`connect() called by ${callback} begins a life of its own`, async () => {
    const peer = await following([dropping('cut')]);
    const { connector } = watched(peer, { reconnect: false, whileDisconnected: 'hold' });
    const connected = called<void>();
    let sent: Promise<{ status: string }> | undefined;
    const connectAgain = (): void => {
      if (connector.state !== 'disconnected' || sent) return;
      void connector.connect().then(connected.call);
      sent = connector.sendDm('alice', 'held');
    };
    if (callback === 'onDisconnect') connector.onDisconnect(connectAgain);
    else connector.onStateChange(connectAgain);
    await connector.connect();
    const { closed } = connector;
    void connector.sendDm('alice', 'x');
    assert.equal(codeOf(await closed), 'CONNECTION_LOST');
    await connected.promise;
    assert.equal((await sent)?.status, 'accepted');
    assert.notEqual(connector.closed, closed);
    await connector.disconnect();
    assert.equal(await connector.closed, null);
    await peer.close();
  });
}

test('disconnect() in any turn after the login ends the connection that was just made', async () => {
  for (let turns = 0; turns < 16; turns++) {
    const peer = await following([]);
    const { connector, clock } = watched(peer);
    const welcomed = called<void>();
    connector.onStateChange((state) => {
      if (state === 'connecting') void afterWelcome(peer).then(welcomed.call);
    });
    const connecting = connector.connect().catch(() => {});
    await welcomed.promise;
    for (let count = 0; count < turns; count++) await Promise.resolve();
    await connector.disconnect();
    await connecting;
    assert.equal(connector.state, 'disconnected');
    assert.equal(clock.pending, 0);
    await peer.close();
  }
});

/** Resolves when the peer has heard the name. */
async function afterWelcome(peer: ScriptedPeer): Promise<void> {
  await until(() => (peer.connections[0]?.plaintextBytes ?? 0) >= 260 + 512);
}

test('disconnect() called while it says that it connects is awaited to the end', async () => {
  const peer = await following([]);
  const { connector } = watched(peer);
  let stateThen: string | undefined;
  connector.onStateChange(async (state) => {
    if (state !== 'connecting') return;
    await connector.disconnect();
    stateThen = connector.state;
  });
  await assert.rejects(connector.connect(), { code: 'CONNECT_CANCELLED' });
  await until(() => stateThen !== undefined);
  assert.equal(stateThen, 'disconnected');
  await peer.close();
});

test('sendCommand("/quit") is an end that was asked for', async () => {
  const peer = await following([]);
  const { connector, drops } = watched(peer);
  await connector.connect();
  assert.equal(await connector.sendCommand('/quit'), null);
  assert.equal(await connector.closed, null);
  assert.deepEqual(drops, [null]);
  assert.equal(peer.connections.length, 1);
  await peer.close();
});

test('1,000 connections in a row leave no listener, timer or socket behind', async () => {
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    // As a server that is killed: no farewell.
    if (peer.connections.length <= 1000) connection.cut();
    else await connection.hear();
    connection.end();
  });
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const { connector, clock, drops } = watched(peer, { decoyTraffic: true, livenessInterval: 45 });
  skipPauses(connector, clock);
  const socketsBefore = openSockets();
  const stop = new AbortController();
  await connector.connect({ signal: stop.signal });
  await until(() => drops.length === 1000 && connector.isConnected);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  assert.equal(clock.pending, 2, 'decoys and liveness of the one connection');
  peer.connections.splice(0, 1000);
  await connector.disconnect();
  await until(() => openSockets() <= socketsBefore);
  assert.equal(clock.pending, 0);
  assert.equal(connector.stats().connections, 1001);
  process.off('warning', note);
  assert.deepEqual(warnings, []);
  await peer.close();
});
