import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { daemonAddress, daemonSocketPath, readPipeFile } from '#src/daemon/client/daemonAddress.js';
import { transferOf } from '#src/daemon/client/fileTransfer.js';
import { daemonSchema } from '#src/daemon/protocol/daemonSchema.js';
import type { DaemonEvent, NewEvent } from '#src/daemon/protocol/events.js';
import { EventLog } from '#src/daemon/service/eventLog.js';
import { RoomHolds } from '#src/daemon/service/roomHolds.js';
import { eventLine, Subscription, type SubscriptionOptions } from '#src/daemon/service/subscription.js';
import { listenLocally } from '#src/rpc/localSocket.js';
import { Folder } from '../harness/quietroom.js';

const AT = '2026-01-31T12:34:56.789Z';

function system(text: string): NewEvent {
  return { type: 'system', receivedAt: AT, text };
}

suite('the event log', () => {
  test('numbers events, and gives those after a number in parts', () => {
    const log = new EventLog({ maxEvents: 100, maxEventBytes: 100_000 });
    for (const text of ['a', 'b', 'c']) log.add(system(text));
    assert.equal(log.seq, 3);
    const first = log.since(1, 1);
    assert.deepEqual([first.events.map(({ seq }) => seq), first.seq, first.isComplete], [[2], 2, false]);
    const rest = log.since(first.seq);
    assert.deepEqual([rest.events.map(({ seq }) => seq), rest.seq, rest.isComplete], [[3], 3, true]);
    assert.deepEqual(log.since(3), { events: [], missed: 0, seq: 3, isComplete: true });
  });

  test('keeps the last events, and counts those that are missed', () => {
    const log = new EventLog({ maxEvents: 3, maxEventBytes: 100_000 });
    for (let count = 0; count < 20; count++) {
      log.add(system('x'));
      const { events, missed } = log.since(0);
      assert.equal(events.length, Math.min(count + 1, 3));
      assert.equal(missed + events.length, count + 1);
      assert.equal(events.at(-1)?.seq, count + 1);
    }
    assert.equal(log.since(18).missed, 0);
    assert.equal(log.since(16).missed, 1);
  });

  test('keeps no more bytes than its limit', () => {
    const log = new EventLog({ maxEvents: 100, maxEventBytes: 1000 });
    for (let count = 0; count < 10; count++) log.add(system('x'.repeat(300)));
    assert.equal(log.since(0).events.length, 2);
    log.add(system('x'.repeat(2000)));
    assert.deepEqual([log.since(0).events.length, log.since(0).missed], [0, 11]);
  });
});

class Sink {
  queuedBytes = 0;
  readonly lines: string[] = [];

  write(line: string): void {
    this.queuedBytes += line.length;
    this.lines.push(line);
  }
}

const OPTIONS: SubscriptionOptions = {
  client: 1,
  types: undefined,
  hasOwn: true,
  hasFiles: true,
  maxQueuedBytes: 300,
};

function send(subscription: Subscription, event: DaemonEvent): void {
  subscription.send(event, eventLine(event));
}

suite('a subscription', () => {
  test('tells a slow client how many events it lost, before it sends further ones', () => {
    const sink = new Sink();
    const subscription = new Subscription(sink, OPTIONS);
    for (let seq = 1; seq <= 10; seq++) send(subscription, { ...system('x'), seq });
    assert.equal(sink.lines.length, 2);
    sink.queuedBytes = 0;
    subscription.drained();
    subscription.drained();
    send(subscription, { ...system('x'), seq: 11 });
    const [, , lost, next, ...more] = sink.lines.map((line) => JSON.parse(line) as { params: object });
    assert.deepEqual(lost, { jsonrpc: '2.0', method: 'v1.lost', params: { count: 8, from: 3, to: 10 } });
    assert.ok(next && 'seq' in next.params && next.params.seq === 11);
    assert.deepEqual(more, []);
  });

  test('sends a large event to a client that has read everything', () => {
    const sink = new Sink();
    send(new Subscription(sink, OPTIONS), { ...system('x'.repeat(5000)), seq: 1 });
    assert.equal(sink.lines.length, 1);
  });

  const SENT: DaemonEvent = {
    type: 'sent',
    seq: 1,
    receivedAt: AT,
    kind: 'dm',
    to: 'bob',
    text: 'hi',
    client: 2,
    status: 'accepted',
    reason: null,
    parts: 1,
    acceptedParts: 1,
  };
  const OFFER: DaemonEvent = {
    type: 'fileOffer',
    seq: 1,
    receivedAt: AT,
    expiresAt: AT,
    offer: '1',
    sender: 'bob',
    name: 'a',
    sha256: '',
  };
  const CASES: { event: DaemonEvent; options: Partial<SubscriptionOptions>; isSent: boolean }[] = [
    { event: SENT, options: {}, isSent: true },
    { event: SENT, options: { hasOwn: false }, isSent: false },
    { event: SENT, options: { client: 2 }, isSent: false },
    { event: OFFER, options: {}, isSent: true },
    { event: OFFER, options: { hasFiles: false }, isSent: false },
    { event: OFFER, options: { types: new Set(['dm']) }, isSent: false },
    { event: OFFER, options: { types: new Set(['fileOffer']) }, isSent: true },
  ];
  for (const { event, options, isSent } of CASES) {
    const which = JSON.stringify({ ...options, types: options.types && [...options.types] });
    test(`with ${which} ${isSent ? 'takes' : 'leaves out'} ${event.type}`, () => {
      const sink = new Sink();
      send(new Subscription(sink, { ...OPTIONS, ...options }), event);
      assert.equal(sink.lines.length === 1, isSent);
    });
  }
});

suite('rooms of clients', () => {
  test('a room is left when the last client that joined it for a time has ended', () => {
    const rooms = new RoomHolds();
    rooms.hold('#a', 1, true);
    rooms.hold('#a', 2, true);
    rooms.hold('#b', 1, true);
    assert.deepEqual(rooms.ended(1), ['#b']);
    assert.deepEqual(rooms.ended(2), ['#a']);
    assert.deepEqual(rooms.ended(2), []);
  });

  test('a client that still joins a room keeps it, and gives it up when it is refused', () => {
    const rooms = new RoomHolds();
    rooms.hold('#a', 1, true);
    const release = rooms.hold('#a', 2, true);
    assert.deepEqual(rooms.ended(1), []);
    release();
    assert.deepEqual(rooms.ended(2), []);
    const releaseKept = rooms.hold('#b', 1, false);
    rooms.hold('#b', 2, false)();
    rooms.hold('#b', 3, true);
    assert.deepEqual(rooms.ended(3), []);
    releaseKept();
    rooms.hold('#b', 3, true);
    assert.deepEqual(rooms.ended(3), ['#b']);
  });

  test('a room that was joined to stay is kept, until it is left', () => {
    const rooms = new RoomHolds();
    rooms.hold('#a', 1, true);
    rooms.hold('#a', 2, false);
    assert.deepEqual(rooms.ended(1), []);
    rooms.left('#a');
    rooms.hold('#a', 3, true);
    assert.deepEqual(rooms.ended(3), ['#a']);
  });
});

suite('the address of a daemon', { skip: process.platform === 'win32' }, () => {
  test('is a socket of the profile in the folder of the session, else in the home folder', () => {
    const runtime = { XDG_RUNTIME_DIR: '/run/user/7' };
    assert.equal(daemonSocketPath(undefined, undefined, runtime), '/run/user/7/quietroom/default.sock');
    assert.equal(daemonSocketPath(undefined, 'work', runtime), '/run/user/7/quietroom/work.sock');
    assert.match(
      daemonSocketPath(undefined, 'work', { XDG_RUNTIME_DIR: 'relative' }),
      /^\/.*\/\.local\/state\/quietroom\/run\/work\.sock$/,
    );
    assert.equal(daemonSocketPath('/x/s', 'work', runtime), '/x/s');
  });

  test('a path that is too long is refused with a next step', () => {
    assert.throws(
      () => daemonSocketPath(`/${'x'.repeat(200)}`, undefined),
      /daemon socket.* has 201 bytes; the system allows \d+\. Choose another path with --daemon-socket\./,
    );
  });

  test('is accepted only in a folder of this user alone', async () => {
    await using folder = await Folder.make();
    const run = join(folder.path, 'run');
    mkdirSync(run, { mode: 0o700 });
    const path = join(run, 's.sock');
    assert.equal(daemonAddress(path), undefined);
    const server = createServer();
    const remove = await listenLocally(server, path);
    assert.deepEqual(daemonAddress(path), { path, token: undefined });
    chmodSync(path, 0o660);
    assert.throws(() => daemonAddress(path), /socket .* must belong to this user and have mode 0600/);
    chmodSync(path, 0o600);
    for (const mode of [0o750, 0o701, 0o770]) {
      chmodSync(run, mode);
      assert.throws(() => daemonAddress(path), /folder .* must belong to this user and have mode 0700/);
    }
    chmodSync(run, 0o700);
    symlinkSync(run, join(folder.path, 'link'));
    assert.throws(() => daemonAddress(join(folder.path, 'link', 's.sock')), /folder/);
    remove();
    server.close();
    writeFileSync(path, '');
    assert.throws(() => daemonAddress(path), /is not a socket/);
  });

  test('on Windows is read from a file, with a token', async () => {
    await using folder = await Folder.make();
    const path = join(folder.path, 'default.json');
    assert.equal(readPipeFile(path), undefined);
    writeFileSync(path, '{"pipe":"x","token":"t"}');
    assert.deepEqual(readPipeFile(path), { path: 'x', token: 't' });
    writeFileSync(path, '{"pipe":"x"}');
    assert.throws(() => readPipeFile(path), /is not one of a daemon/);
    writeFileSync(path, '');
    assert.throws(() => readPipeFile(path), /cannot be read/);
  });
});

test('a transfer gives its progress to a callback, and the latest to an iterator', async () => {
  const called: number[] = [];
  const iterated: number[] = [];
  const transfer = transferOf(
    async (onProgress) => {
      for (const bytes of [1, 2]) onProgress({ stage: 'transferring', bytes, totalBytes: 3 });
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      onProgress({ stage: 'done', bytes: 3, totalBytes: 3 });
      return 'sent';
    },
    ({ bytes }) => called.push(bytes),
  );
  for await (const { bytes } of transfer.progress) iterated.push(bytes);
  assert.equal(await transfer, 'sent');
  assert.deepEqual(
    [called, iterated],
    [
      [1, 2, 3],
      [2, 3],
    ],
  );
});

test('the JSON schema of the protocol is shipped as the methods make it; npm run docs:cli writes it', () => {
  const path = new URL('../../quietroom.daemon.schema.json', import.meta.url);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), structuredClone(daemonSchema()));
});
