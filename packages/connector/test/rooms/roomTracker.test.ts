import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import { DIALECTS } from '#src/requests/dialects.js';
import { RoomTracker } from '#src/rooms/roomTracker.js';

const [, V1_1] = DIALECTS;
assert.ok(V1_1?.version === '1.1');

interface Row {
  readonly name: string;
  /** What the server says; `?` stands for a join or leave that is never answered. */
  readonly heard: readonly string[];
  readonly joined: readonly string[];
  readonly current?: string;
  readonly isCertain?: false;
  /** Where bare text of a 1.1 server comes from: a room, `lobby`, or `unknown`. */
  readonly bare: string;
}

const A = 'Joined room #a';
const B = 'Created and joined room #b';
const LEFT_A = 'Left room #a - returned to lobby';
const LEFT_B = 'Left room #b - returned to lobby';

const ROWS: readonly Row[] = [
  { name: 'nothing', heard: [], joined: [], bare: 'lobby' },
  { name: 'a join', heard: [A], joined: ['#a'], current: '#a', bare: '#a' },
  { name: 'a room made', heard: [B], joined: ['#b'], current: '#b', bare: '#b' },
  { name: 'two joins', heard: [A, B], joined: ['#a', '#b'], current: '#b', bare: 'unknown' },
  { name: 'a second join of a room', heard: [A, B, A], joined: ['#a', '#b'], current: '#a', bare: 'unknown' },
  { name: 'leaving the only room', heard: [A, LEFT_A], joined: [], bare: 'lobby' },
  { name: 'leaving the current of two rooms', heard: [A, B, LEFT_B], joined: ['#a'], bare: 'unknown' },
  {
    name: 'leaving the other of two rooms',
    heard: [A, B, LEFT_A],
    joined: ['#b'],
    current: '#b',
    bare: '#b',
  },
  {
    name: 'a join that is refused',
    heard: [
      A,
      'Incorrect password for room #b',
      'This room is password-protected. Usage: /join #c <password>',
    ],
    joined: ['#a'],
    current: '#a',
    bare: '#a',
  },
  {
    name: 'a leave that is refused',
    heard: [A, 'You are not in room #b'],
    joined: ['#a'],
    current: '#a',
    bare: '#a',
  },
  {
    name: 'a leave that shows that we are not in the room',
    heard: [A, 'You are not in room #a'],
    joined: [],
    bare: 'lobby',
  },
  {
    name: 'a message that shows that we are not in the room',
    heard: [A, B, '*** You are not a member of #b ***'],
    joined: ['#a'],
    bare: 'unknown',
  },
  {
    name: 'news that we have joined, of which the answer was dropped',
    heard: [A, '?', '*** me joined #b ***'],
    joined: ['#a', '#b'],
    current: '#a',
    isCertain: false,
    bare: 'unknown',
  },
  {
    name: 'news that others have joined',
    heard: ['*** you joined #b ***', '*** mee joined #c ***'],
    joined: [],
    bare: 'lobby',
  },
  {
    name: 'news that others have left',
    heard: [A, '*** you left #a ***'],
    joined: ['#a'],
    current: '#a',
    bare: '#a',
  },
  {
    name: 'a request that was not answered',
    heard: [A, '?'],
    joined: ['#a'],
    current: '#a',
    isCertain: false,
    bare: 'unknown',
  },
  {
    name: 'a join after a request that was not answered',
    heard: ['?', A],
    joined: ['#a'],
    current: '#a',
    bare: '#a',
  },
  {
    name: 'a leave after a request that was not answered',
    heard: ['?', LEFT_A],
    joined: [],
    isCertain: false,
    bare: 'unknown',
  },
  {
    name: 'users of a room',
    heard: ['?', 'Users in #a:\n  me\n'],
    joined: ['#a'],
    current: '#a',
    bare: '#a',
  },
  {
    name: 'users of the lobby',
    heard: [A, '?', 'Online Users (Lobby):\n  me\n'],
    joined: ['#a'],
    bare: 'unknown',
  },
  {
    name: 'users of the lobby, in no room',
    heard: ['?', 'Online Users (Lobby):\n  me\n'],
    joined: [],
    bare: 'lobby',
  },
  {
    name: 'users of a 1.2 server, which tells no place',
    heard: [A, '?', 'Online Users (1):\n  me'],
    joined: ['#a'],
    current: '#a',
    isCertain: false,
    bare: 'unknown',
  },
  {
    name: 'the same words of others',
    heard: [`[12:00:00] bob: ${A}`, `[DM from bob]: ${A}`, '[12:00:00] bob: *** me joined #a ***'],
    joined: [],
    bare: 'lobby',
  },
];

for (const { name, heard, joined, current, isCertain = true, bare } of ROWS) {
  test(`Rooms after ${name}`, () => {
    const rooms = new RoomTracker('me');
    for (const room of ['#a', '#b', '#c']) rooms.requested(room);
    for (const text of heard) {
      if (text === '?') rooms.lostTrack();
      else rooms.onMessage(parseServerMessage(text));
    }
    assert.deepEqual(rooms.joined, joined);
    assert.equal(rooms.current, current);
    assert.equal(rooms.isCertain, isCertain);
    const place = V1_1.placeOf(rooms);
    assert.equal(place === 'unknown' ? place : (place.room ?? 'lobby'), bare);
    for (const room of ['#a', '#b', '#c']) assert.equal(rooms.isIn(room), joined.includes(room));
  });
}

test('the current room can be set back to one joined before', () => {
  const rooms = new RoomTracker('me');
  for (const room of ['#a', '#b']) rooms.requested(room);
  for (const text of [A, B]) rooms.onMessage(parseServerMessage(text));
  rooms.current = '#a';
  assert.deepEqual([rooms.current, rooms.joined], ['#a', ['#a', '#b']]);
});

test('rooms that were not asked for are not believed', () => {
  const rooms = new RoomTracker('me');
  for (const text of [A, '*** me joined #b ***', 'Users in #c:\n  me\n'])
    rooms.onMessage(parseServerMessage(text));
  assert.deepEqual([rooms.joined, rooms.current, rooms.isRequested('#a')], [[], undefined, false]);
});

test('a room is forgotten once we are not in it', () => {
  const rooms = new RoomTracker('me');
  rooms.requested('#a');
  rooms.onMessage(parseServerMessage(A));
  rooms.forget('#a');
  assert.equal(rooms.requests, 1);
  rooms.onMessage(parseServerMessage(LEFT_A));
  rooms.forget('#a');
  assert.equal(rooms.requests, 0);
});
