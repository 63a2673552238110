import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { Rooms } from '#src/chat/rooms.js';
import { resolveOptions } from '#src/options/options.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import type { User } from '#src/users/user.js';

const PASSWORD = { salt: Buffer.alloc(16), hash: Buffer.alloc(32) };
const HERE = '192.0.2.1';
const THERE = '192.0.2.2';

// Rooms only keep users, and look at nothing of them.
const ALICE = { name: 'alice' } as User;

function makeRooms(options: ServerOptions): { rooms: Rooms; clock: FakeClock } {
  const clock = new FakeClock();
  return { rooms: new Rooms(clock, new CurrentOptions(resolveOptions(options))), clock };
}

function namesOf(rooms: Rooms): string[] {
  return rooms.summaries().map(({ name }) => name);
}

test('The room that has been empty for longest makes way, open ones before protected ones', () => {
  const { rooms, clock } = makeRooms({ maxRooms: 4 });
  rooms.create('#full', HERE);
  rooms.add(ALICE, '#full');
  for (const [name, password] of [['#vault1', PASSWORD], ['#vault2', PASSWORD], ['#open']] as const) {
    rooms.create(name, HERE, password);
    clock.advance(1000);
  }
  // It has been empty for a shorter time now.
  rooms.add(ALICE, '#vault1');
  rooms.remove(ALICE, '#vault1');
  for (const left of [
    ['#full', '#vault1', '#vault2', '#1'],
    ['#full', '#vault1', '#1', '#2'],
    ['#full', '#1', '#2', '#3'],
  ]) {
    const name = left.at(-1) ?? '';
    rooms.create(name, THERE);
    rooms.add(ALICE, name);
    assert.deepEqual(namesOf(rooms), left);
  }
  assert.equal(rooms.create('#4', THERE), 'rooms');
});

test('Rooms that were created from one address replace one another, and none of other addresses', () => {
  const { rooms } = makeRooms({ maxRoomsPerAddress: 2 });
  rooms.create('#theirs', THERE);
  for (const name of ['#a', '#b', '#c']) rooms.create(name, HERE);
  assert.deepEqual(namesOf(rooms), ['#theirs', '#b', '#c']);
  for (const name of ['#b', '#c']) rooms.add(ALICE, name);
  assert.equal(rooms.create('#d', HERE), 'roomsPerAddress');
  assert.equal(typeof rooms.create('#d', THERE), 'object');
});
