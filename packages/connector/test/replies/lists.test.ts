import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { QuietRoomConnector } from 'quietroom-connector';
import { parseServerMessage } from '@quietroom/protocol';
import { isList, ListAssembler } from '#src/replies/listAssembler.js';

test('600 rooms with long names are listed, and each of two equal calls gets all of them', async (t) => {
  const server = await QuietRoomServer.start({
    port: 0,
    identity: firstIdentity,
    maxRoomsPerClient: 600,
    maxRoomsPerAddress: 600,
    roomsPerMinute: 600,
    roomsPerMinutePerAddress: 600,
  });
  t.after(() => server.close());
  const connector = new QuietRoomConnector({
    serverPort: server.port,
    cert: server.certPem,
    username: 'bot',
  });
  t.after(() => connector.disconnect());
  await connector.connect();
  const names = Array.from({ length: 600 }, (_, index) => `#${String(index).padStart(63, 'x')}`);
  await Promise.all(names.map((name) => connector.joinRoom(name)));
  const lists = await Promise.all([connector.listRooms(), connector.listRooms()]);
  for (const rooms of lists) {
    assert.deepEqual(
      rooms.map(({ name }) => name),
      names,
    );
  }
});

test('A message for a room keeps its leading white space, and its echo is recognised', async (t) => {
  for (const protocolVersion of ['1.1', '1.2'] as const) {
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, protocolVersion });
    t.after(() => server.close());
    const connector = new QuietRoomConnector({
      serverPort: server.port,
      cert: server.certPem,
      username: 'bot',
    });
    t.after(() => connector.disconnect());
    const said: string[] = [];
    server.onMessage((message) => said.push(message.text));
    await connector.connect();
    await connector.joinRoom('#a');
    const receipts = [
      await connector.sendRoomMessage('#a', '  two blanks '),
      await connector.sendRoomMessage('#a', '\nhi'),
    ];
    assert.deepEqual(
      receipts.map(({ status }) => status),
      ['accepted', 'accepted'],
    );
    assert.deepEqual(said, protocolVersion === '1.2' ? ['  two blanks', '\nhi'] : ['two blanks', 'hi']);
  }
});

test('Parts that do not belong together, or without end, are dropped', () => {
  const lists = new ListAssembler();
  const add = (raw: string): unknown => {
    const message = parseServerMessage(raw);
    assert.ok(isList(message));
    return lists.add(raw, message)?.message;
  };
  assert.equal(add('Online Users (3):\n  a\n  … 2 more follow'), undefined);
  assert.deepEqual(add('Members of lobby (1):\n  x'), { type: 'members', place: 'lobby', members: ['x'] });
  assert.deepEqual(add('Online Users (2):\n  b\n  c'), { type: 'users', users: ['b', 'c'] });
  // One part after the other says that more follow; none is kept for ever.
  const name = `#${'x'.repeat(32_000)}`;
  for (let remaining = 1000; remaining > 0; remaining--) {
    assert.equal(add(`Active Rooms:\n  ${name} (1 users)\n  … ${remaining} more follow\n`), undefined);
  }
  assert.deepEqual(add('No active rooms. Use /join #roomname to create one.'), { type: 'rooms', rooms: [] });
});
