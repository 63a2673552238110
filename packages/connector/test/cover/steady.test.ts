import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { formatServerMessage, parseClientRequest } from '@quietroom/protocol';
import { MAX_CELL_TEXT_BYTES } from '@quietroom/protocol/internals';
import {
  ConnectorError,
  QuietRoomConnector,
  type FileOffer,
  type LogEntry,
  type Receipt,
} from 'quietroom-connector';
import { QuietRoomServer } from '@quietroom/server';
import { FakeClock, firstIdentity, type PeerConnection } from '@quietroom/testing';
import { called, logIn, quietConnector, until } from '../fixtures.js';
import { codeOf } from '../connection/reconnecting.js';
import {
  CELL_RECORD_BYTES,
  INTERVAL_MS,
  messagesIn,
  passing,
  SteadyClient,
  talkLike1x,
} from './steadyClient.js';

const TICKS = 60;

/** The records of a minute: their sizes and their number are the same whatever is done in it. */
async function minuteOf(act: (connector: QuietRoomConnector) => void): Promise<number[]> {
  await using client = await SteadyClient.connect();
  act(client.connector);
  await client.ticks(TICKS);
  return client.records.up;
}

const ignore = (promise: Promise<unknown>): void => void promise.catch(() => {});

const ACTS: Readonly<Record<string, (connector: QuietRoomConnector) => void>> = {
  idle: () => {},
  chatting: (connector) => {
    for (let count = 0; count < 20; count++) ignore(connector.sendDm('alice', `message ${count}`));
  },
  'joining rooms': (connector) => {
    for (let count = 0; count < 20; count++) ignore(connector.joinRoom(`#room${count}`, 'a password'));
  },
  'splitting a long text': (connector) => {
    ignore(connector.sendLobbyMessage('A long sentence with words. '.repeat(100)));
  },
  'asking for lists': (connector) => {
    ignore(connector.listUsers());
    ignore(connector.listRooms());
    ignore(connector.listMembers('lobby'));
    ignore(connector.rtt());
    ignore(connector.sendCommand('/help'));
  },
};

for (const [name, act] of Object.entries(ACTS)) {
  test(`steady: a minute of ${name} is 60 records of one size`, async () => {
    assert.deepEqual(
      await minuteOf(act),
      Array.from({ length: TICKS }, () => CELL_RECORD_BYTES),
    );
  });
}

test('steady: a reconnected client sends as before, its rejoins too', async () => {
  let connections = 0;
  await using client = await SteadyClient.connect({ reconnect: true }, async (connection, heard) => {
    connections++;
    if (connections > 1) return talkLike1x(connection, heard);
    const first: string[] = [];
    void talkLike1x(connection, first).catch(() => {});
    await until(() => first.includes('/join #a') && first.includes('/join #b'));
    await until(() => first.at(-1) === '/msg bob bye');
    connection.cut();
  });
  const { connector, clock } = client;
  const joined = Promise.all([connector.joinRoom('#a'), connector.joinRoom('#b')]);
  await client.ticks(8);
  await joined;
  ignore(connector.sendDm('bob', 'bye'));
  await until(() => {
    clock.advance(INTERVAL_MS);
    return !connector.isConnected;
  });
  await until(() => {
    if (connections < 2) clock.advance(INTERVAL_MS);
    return connector.isConnected;
  });
  await client.restart();
  const before = connector.stats().steady?.cells ?? 0;
  for (let tick = 1; tick <= 20; tick++) {
    clock.advance(INTERVAL_MS);
    const cells = (connector.stats().steady?.cells ?? 0) - before;
    await until(() => client.records.up.length >= cells);
    await turn();
  }
  assert.deepEqual(
    client.records.up,
    Array.from({ length: 20 }, () => CELL_RECORD_BYTES),
  );
  assert.deepEqual(connector.joinedRooms, ['#a', '#b']);
});

test('steady: after a stall of 2 s a busy connection has sent as much as an idle one, and counts what it dropped', async () => {
  const counts: number[] = [];
  for (const isBusy of [false, true]) {
    await using client = await SteadyClient.connect();
    await client.ticks(10);
    if (isBusy) for (let count = 0; count < 30; count++) ignore(client.connector.sendDm('a', 'x'));
    client.clock.stall(2000);
    await client.ticks(20);
    const { cells = 0, missedTicks = 0 } = client.connector.stats().steady ?? {};
    assert.ok(missedTicks >= 1);
    assert.equal(client.records.up.length, cells);
    assert.ok(client.records.up.every((bytes) => bytes === CELL_RECORD_BYTES));
    counts.push(cells + missedTicks);
  }
  const [idle = 0, busy = 0] = counts;
  assert.ok(Math.abs(idle - busy) <= 1, `${idle} and ${busy}`);
});

test('steady: the last record before the close is the one of /quit, on its tick', async () => {
  await using client = await SteadyClient.connect();
  const { connector, clock } = client;
  await client.ticks(3);
  const sent = connector.sendDm('alice', 'last words');
  const closed = connector.disconnect();
  await passing(clock, closed);
  await sent;
  // The alert that closes TLS has 2 bytes.
  const [alert, ...cells] = client.records.up.toReversed();
  assert.equal(alert, 2 + 1 + 16);
  assert.ok(cells.every((bytes) => bytes === CELL_RECORD_BYTES));
  assert.ok(client.heard.includes('/msg alice last words'));
});

test('steady: a long text is sent as messages that fit a cell with the prefix of the server', async () => {
  await using client = await SteadyClient.connect({ maxParts: 100 });
  const { connector, heard } = client;
  const text = 'Wörter, Wörter und noch mehr Wörter. '.repeat(60).trim();
  const receipts = Promise.all([connector.sendDm('alice', text), connector.sendLobbyMessage(text)]);
  await client.ticks(20);
  const all = await receipts;
  assert.ok(
    all.every(({ status, parts, acceptedParts }) => status === 'accepted' && parts === acceptedParts),
  );
  const messages = messagesIn(heard).filter((message) => message !== '/members');
  assert.equal(messages.length, all[0].parts + all[1].parts);
  for (const message of messages) {
    const relayed = message.startsWith('/msg alice ')
      ? `[DM from tester]: ${message.slice('/msg alice '.length)}`
      : `[12:00:00] tester: ${message}`;
    assert.ok(Buffer.byteLength(relayed) <= MAX_CELL_TEXT_BYTES);
    assert.ok(Buffer.byteLength(message) <= MAX_CELL_TEXT_BYTES);
  }
  const dms = messages.filter((message) => message.startsWith('/msg')).map((message) => message.slice(11));
  assert.equal(dms.join(' '), text);
});

async function refused(call: Promise<unknown>, code: string, hint: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ConnectorError);
    assert.equal(error.code, code);
    assert.match(error.message, hint);
    return true;
  });
}

test('steady: what does not fit a cell is refused with the reason', async () => {
  await using client = await SteadyClient.connect();
  const { connector } = client;
  await refused(connector.sendCommand(`/x${'y'.repeat(500)}`), 'MESSAGE_TOO_LONG', /steady mode.*one cell/);
  await refused(connector.sendDm('a', 'b'.repeat(500), { split: false }), 'MESSAGE_TOO_LONG', /one cell/);
  await refused(connector.sendFile('a', Buffer.from('x')), 'FILE_REFUSED', /leaveSteadyForFiles/);
  await refused(connector.sendDm('~0123456789abcdef', 'x'), 'RECIPIENT_INVALID', /~/);
});

test('steady: stats tell queue, delay, cells and cover', async () => {
  await using client = await SteadyClient.connect({ cover: { mode: 'steady', interval: 0.5 } });
  const { connector } = client;
  assert.deepEqual(connector.stats().steady, {
    isActive: true,
    interval: 0.5,
    queue: 0,
    delay: undefined,
    cells: 0,
    coverCells: 0,
    missedTicks: 0,
  });
  await client.ticks(2, 500);
  const sent = Promise.all(['a', 'b', 'c'].map((text) => connector.sendDm('alice', text)));
  assert.equal(connector.stats().steady?.queue, 3);
  await client.ticks(5, 500);
  await sent;
  const { delay = 0, cells = 0, coverCells = 0, queue } = connector.stats().steady ?? {};
  assert.equal(queue, 0);
  assert.ok(delay > 0.5 && delay < 1.6, `${delay} s`);
  assert.ok(cells - coverCells >= 4);
  assert.equal(client.records.up.length, cells);
});

test('a connector without steady mode has no steady stats', () => {
  assert.equal(new QuietRoomConnector().stats().steady, undefined);
});

test('steady: options are checked', () => {
  const invalid: unknown[] = [
    'loud',
    1,
    null,
    { mode: 'quiet' },
    { mode: 'steady', interval: 0 },
    { mode: 'steady', interval: 11 },
    { mode: 'steady', interval: '1' },
    { mode: 'steady', answers: 1 },
  ];
  for (const cover of invalid) {
    // As JavaScript callers may.
    const config = { cover } as ConstructorParameters<typeof QuietRoomConnector>[0];
    assert.throws(
      () => new QuietRoomConnector(config),
      (error) => codeOf(error) === 'OPTION_INVALID',
      JSON.stringify(cover),
    );
  }
  assert.throws(() => new QuietRoomConnector({ cover: 'steady', padding: 'random' }), /padding must be/);
  assert.ok(new QuietRoomConnector({ cover: { mode: 'steady', interval: 0.1, answers: true } }));
  assert.ok(new QuietRoomConnector({ cover: 'decoys', padding: 'random' }));
});

test('steady with answers: each tick is one record up and one down, idle or not, and the answers are shown to nobody', async () => {
  const log: LogEntry[] = [];
  await using client = await SteadyClient.connect({
    cover: { mode: 'steady', answers: true },
    log: (entry) => void log.push(entry),
  });
  const { connector, heard, clock } = client;
  const shown: string[] = [];
  connector.onMessage((text) => shown.push(text)).onSystemMessage((text) => shown.push(text));
  const receipts: Promise<Receipt>[] = [];
  for (let tick = 1; tick <= 60; tick++) {
    if (tick === 20)
      for (let count = 0; count < 5; count++) receipts.push(connector.sendDm('bob', `${count}`));
    clock.advance(INTERVAL_MS);
    // A tick is dropped when the network has not taken the cell before.
    const { cells = 0 } = connector.stats().steady ?? {};
    await until(() => client.records.up.length >= cells && client.records.down.length >= cells);
  }
  const { cells = 0, missedTicks = 0 } = connector.stats().steady ?? {};
  assert.equal(cells + missedTicks, 60);
  assert.deepEqual([client.records.up.length, client.records.down.length], [cells, cells]);
  assert.deepEqual(
    (await Promise.all(receipts)).map(({ status }) => status),
    Array.from({ length: 5 }, () => 'accepted'),
  );
  assert.deepEqual(
    shown,
    ['0', '1', '2', '3', '4'].map((text) => `[DM to bob]: ${text}`),
  );
  const covers = heard.filter((text) => text.startsWith('/msg ~'));
  assert.equal(covers.length, cells - 1 - 5);
  const names = covers.map((text) => text.split(' ')[1] ?? '');
  assert.equal(new Set(names.map((name) => name.slice(0, 17))).size, covers.length);
  assert.ok(new Set(names.map((name) => name.length)).size > 10, 'answers differ in length, as texts do');
  assert.ok(!JSON.stringify(log).includes('~'));
});

test('steady with answers: a refusal of a name that was not drawn is a refusal', async () => {
  await using client = await SteadyClient.connect({ cover: { mode: 'steady', answers: true } }, offlineTo);
  const { connector } = client;
  const shown: string[] = [];
  connector.onMessage((text) => shown.push(text));
  const raw = connector.sendCommand('/msg ~nobody hi');
  const receipt = connector.sendDm('carol', 'hi');
  await client.ticks(8);
  assert.equal(await raw, "User '~nobody' is not online.");
  assert.deepEqual(await receipt, {
    status: 'refused',
    reason: 'recipient-offline',
    parts: 1,
    acceptedParts: 0,
  });
  assert.deepEqual(shown, ["User '~nobody' is not online.", "User 'carol' is not online."]);
});

/** A server without any other user. */
async function offlineTo(connection: PeerConnection): Promise<void> {
  await logIn(connection);
  for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
    const request = parseClientRequest(text);
    if (request.type === 'dm') await connection.say(`User '${request.user}' is not online.`);
  }
  connection.end();
}

test('steady with answers: a server with a steady mode is sent cover that it does not answer', async () => {
  await using client = await SteadyClient.connect(
    { cover: { mode: 'steady', answers: true } },
    async (connection, heard) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
        heard.push(text);
        if (text === '/steady') await connection.say('Steady: one cell of 512 bytes every 1 s.');
      }
      connection.end();
    },
  );
  const shown: string[] = [];
  client.connector.onMessage((text) => shown.push(text));
  await client.ticks(1);
  await until(() => client.records.down.length === 1);
  await turn();
  await client.ticks(20);
  assert.ok(client.heard.length <= 2, client.heard.join(' | '));
  assert.deepEqual(shown, []);
});

test('steady: files leave the mode only when asked by name, which the log tells, and it goes on after them', async () => {
  const clock = new FakeClock();
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, clock });
  const log: LogEntry['event'][] = [];
  const at = { serverHost: '127.0.0.1', serverPort: server.port, cert: server.certPem };
  const steady = quietConnector({
    ...at,
    username: 'steady',
    clock,
    cover: 'steady',
    leaveSteadyForFiles: true,
    log: ({ event }) => void log.push(event),
  });
  const other = quietConnector({ ...at, username: 'other' });
  await Promise.all([steady.connect(), other.connect()]);
  const content = Buffer.alloc(100_000, 'content');
  const received: Promise<{ data: Buffer | undefined }>[] = [];
  other.onFileOffer((offer) => void received.push(offer.accept({ memory: true })));
  await passing(clock, steady.sendFile('other', content, { name: 'a.txt' }), INTERVAL_MS / 20);
  assert.ok((await received[0])?.data?.equals(content));
  assert.deepEqual(
    log.filter((event) => event.startsWith('steady')),
    ['steadyLeft', 'steadyResumed'],
  );
  assert.equal(steady.stats().steady?.isActive, true);
  await passing(clock, steady.disconnect());
  await other.disconnect();
  await server.close();
});

test('steady: an offered file cannot be accepted, with the reason, and stays open', async () => {
  const offered = called<FileOffer>();
  await using client = await SteadyClient.connect({}, async (connection, heard) => {
    const name = await logIn(connection);
    await connection.say(
      formatServerMessage({
        type: 'fileOffer',
        name: 'alice',
        file: 'a.txt',
        sha256: 'a'.repeat(64),
        id: `alice_${name}_1`,
      }),
    );
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      heard.push(text);
      if (text.startsWith('/decline')) await connection.say('*** File transfer declined. ***');
    }
    connection.end();
  });
  client.connector.onFileOffer((offer) => offered.call(offer));
  const offer = await offered.promise;
  await assert.rejects(offer.accept({ memory: true }), (error) => codeOf(error) === 'FILE_REFUSED');
  assert.ok(offer.isOpen);
  const declined = offer.decline();
  await client.ticks(4);
  await declined;
});

test('steady: a request that a server makes longer than a cell is refused, and not sent', async () => {
  const offered = called<FileOffer>();
  await using client = await SteadyClient.connect({}, async (connection, heard) => {
    await logIn(connection);
    const id = `alice_tester_${'1'.repeat(500)}`;
    await connection.say(
      formatServerMessage({ type: 'fileOffer', name: 'alice', file: 'a.txt', sha256: 'a'.repeat(64), id }),
    );
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear())
      heard.push(text);
    connection.end();
  });
  client.connector.onFileOffer((offer) => offered.call(offer));
  const offer = await offered.promise;
  const declined = offer.decline();
  ignore(declined);
  await client.ticks(5);
  await assert.rejects(declined, (error) => codeOf(error) === 'MESSAGE_TOO_LONG');
  assert.ok(client.heard.every((text) => !text.startsWith('/decline')));
  assert.ok(client.records.up.every((bytes) => bytes === CELL_RECORD_BYTES));
});
