import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientRequest } from '@quietroom/protocol';
import { DesiredRooms } from '#src/rooms/desiredRooms.js';

/** What was called for, in order; then where chat is meant to go. */
const ROWS: { calls: string[]; current: string | undefined }[] = [
  { calls: [], current: undefined },
  { calls: ['/join #a'], current: '#a' },
  { calls: ['/join #a pw', '/join #b'], current: '#b' },
  { calls: ['/join #a', '/leave #a'], current: undefined },
  { calls: ['/join #a', '/join #b', '/leave #a'], current: '#b' },
  { calls: ['/join #a', '/join #b', '/leave #b'], current: undefined },
  { calls: ['/join #a', '/join b'], current: '#a' },
  { calls: ['/join #a', '/msg bob hi', '[#b] hi', 'hi', '/users'], current: '#a' },
];

for (const { calls, current } of ROWS) {
  test(`After ${calls.join(', ') || 'nothing'} chat is meant for ${current ?? 'the lobby'}`, () => {
    const wanted = new DesiredRooms();
    for (const call of calls) wanted.onCalled(parseClientRequest(call));
    assert.equal(wanted.current, current);
    assert.deepEqual(wanted.all, []);
  });
}

test('rooms are wanted in the order of joining, with their passwords', () => {
  const wanted = new DesiredRooms();
  wanted.joined('#a', 'pw');
  wanted.joined('#b', '');
  assert.deepEqual(wanted.all, [
    { room: '#a', password: 'pw' },
    { room: '#b', password: '' },
  ]);
});

test('a room that is joined again comes last, and keeps its password until there is another', () => {
  const wanted = new DesiredRooms();
  wanted.joined('#a', 'pw');
  wanted.joined('#b', '');
  wanted.joined('#a', '');
  assert.deepEqual(wanted.all, [
    { room: '#b', password: '' },
    { room: '#a', password: 'pw' },
  ]);
  wanted.joined('#a', 'other');
  assert.deepEqual(wanted.all.at(-1), { room: '#a', password: 'other' });
});

test('a room that was left is not wanted, and its password is forgotten', () => {
  const wanted = new DesiredRooms();
  wanted.joined('#a', 'pw');
  wanted.joined('#b', '');
  wanted.left('#a');
  wanted.left('#c');
  assert.deepEqual(wanted.all, [{ room: '#b', password: '' }]);
  wanted.joined('#a', '');
  assert.deepEqual(wanted.all.at(-1), { room: '#a', password: '' });
});

test('after clear nothing is wanted', () => {
  const wanted = new DesiredRooms();
  wanted.onCalled(parseClientRequest('/join #a'));
  wanted.joined('#a', 'pw');
  wanted.clear();
  assert.deepEqual([wanted.all, wanted.current], [[], undefined]);
});

test('The current room comes last, whatever was joined after it', () => {
  const rooms = new DesiredRooms();
  for (const room of ['#a', '#b', '#c']) {
    rooms.onCalled({ type: 'join', room, password: '' });
    rooms.joined(room, '');
  }
  rooms.onCalled({ type: 'join', room: '#a', password: '' });
  assert.deepEqual(
    rooms.all.map(({ room }) => room),
    ['#b', '#c', '#a'],
  );
});
