import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { propertyRuns } from '@quietroom/testing';
import {
  MAX_DM_THREADS,
  type ChatState,
  type ChatEvent,
  entryBytes,
  placeId,
  type Place,
  MAX_SCROLLBACK_BYTES,
  MAX_ENTRIES,
  update,
} from '#src/index.js';
import { AT, start } from '@quietroom/testing/chat';

const name = fc.constantFrom('alice', 'bob', 'bob-7kq2', 'eve', 'lobby', '__proto__', 'Al x');
const room = fc.constantFrom('#ops', '#a]b', '#', '', '#__proto__');
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constant({ kind: 'lobby' } as const),
  room.map((one) => ({ kind: 'room', room: one }) as const),
  name.map((one) => ({ kind: 'dm', name: one }) as const),
);
const at = fc.constant(AT);
const text = fc.oneof(fc.string(), fc.constantFrom('alice!', 'x'.repeat(150_000)));
const isAsked = fc.boolean();
const number = fc.integer({ min: 0, max: 5 });
const line = fc.oneof(
  text,
  fc
    .tuple(
      fc.constantFrom(
        'msg',
        'join',
        'leave',
        'go',
        'users',
        'rooms',
        'members',
        'send',
        'accept',
        'decline',
        'ignore',
        'mute',
        'close',
      ),
      fc.oneof(name, room, number.map(String), fc.constant('')),
      fc.constantFrom('', ' text'),
    )
    .map(([command, word, rest]) => `/${command} ${word}${rest}`),
  fc.constantFrom(
    '/ignore bob',
    '/unignore bob',
    '/mute',
    '/joins',
    '/close',
    '/close dead',
    '/clear',
    '/search a',
    '/mentions',
    '/me x',
    '/cancel',
    '/theme',
    '/theme light',
    '/bell',
    '/bell on',
    '/help',
    '/keys',
    '/quit',
    '//x',
  ),
);

const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({ type: fc.constant('message' as const), place, sender: name, text, at }),
  fc.record({
    type: fc.constant('presence' as const),
    change: fc.constantFrom('joined' as const, 'left' as const),
    name,
    room: fc.option(room, { nil: undefined }),
    at,
  }),
  fc.record({ type: fc.constant('notice' as const), tone: fc.constant('info' as const), text, at }),
  fc.record({
    type: fc.constant('connection' as const),
    status: fc.constantFrom(
      { type: 'connected' } as const,
      { type: 'reconnecting', attempt: 1, reason: 'x' } as const,
      { type: 'disconnected', reason: undefined } as const,
    ),
    at,
  }),
  fc.record({ type: fc.constant('online' as const), names: fc.array(name), isAsked, at }),
  fc.record({ type: fc.constant('members' as const), room, names: fc.array(name), isAsked, at }),
  fc.record({
    type: fc.constant('delivery' as const),
    at,
    place: place.map(placeId),
    entry: number,
    delivery: fc.constantFrom('accepted' as const, 'refused' as const),
  }),
  fc.record({ type: fc.constant('joined' as const), room, created: fc.boolean(), at }),
  fc.record({ type: fc.constant('leftRoom' as const), room, at }),
  fc.record({ type: fc.constant('fileOffered' as const), sender: name, name: text, at }),
  fc.record({
    type: fc.constant('file' as const),
    at,
    number,
    status: fc.constantFrom('transferring' as const, 'done' as const, 'withdrawn' as const),
    bytes: fc.nat(),
  }),
  fc.record({ type: fc.constant('typed' as const), line, at }),
  fc.record({ type: fc.constant('show' as const), place: place.map(placeId) }),
  fc.record({
    type: fc.constant('step' as const),
    by: fc.constantFrom(1 as const, -1 as const),
    unreadOnly: fc.boolean(),
  }),
);

/** A change of what came before would be seen by those who still show it. */
function freeze(state: ChatState): void {
  Object.freeze(state);
  Object.freeze(state.threads);
  for (const thread of state.threads) {
    Object.freeze(thread);
    Object.freeze(thread.entries);
    for (const entry of thread.entries.slice(-3)) Object.freeze(entry);
  }
}

function assertWhole(state: ChatState): void {
  const ids = state.threads.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'each place has one thread');
  assert.equal(ids[0], 'lobby');
  assert.ok(ids.includes(state.shown), 'what is shown is there');
  const kinds = state.threads.map((thread) => thread.place.kind).join(' ');
  assert.match(kinds, /^lobby( room)*( dm| visitors)*$/);
  assert.ok(state.threads.filter((thread) => thread.place.kind === 'dm').length <= MAX_DM_THREADS);
  const total = state.threads.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.equal(state.scrollbackBytes, total);
  assert.ok(total <= MAX_SCROLLBACK_BYTES);
  const numbers: number[] = [];
  for (const thread of state.threads) {
    const { entries, bytes, newFrom } = thread;
    if (thread.id === state.shown) assert.equal(thread.unread, 0, 'what is shown is read');
    assert.ok(entries.length <= MAX_ENTRIES);
    assert.equal(
      bytes,
      entries.reduce((sum, entry) => sum + entryBytes(entry), 0),
    );
    entries.forEach((entry, index) => {
      assert.ok(entry.id < state.nextEntry);
      assert.ok(entry.id > (entries[index - 1]?.id ?? 0), 'entries are in order');
      if (entry.type === 'file') numbers.push(entry.number);
    });
    if (newFrom !== undefined) assert.ok(newFrom < state.nextEntry);
  }
  assert.equal(new Set(numbers).size, numbers.length, 'each file has a number of its own');
  assert.ok(numbers.every((one) => one < state.nextFile));
}

suite('the model of the chat', () => {
  test('stays whole whatever happens, and never changes what it was', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), fc.boolean(), (events, bell) => {
        let state = start({ bell });
        for (const one of events) {
          freeze(state);
          state = update(state, one).state;
          assertWhole(state);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });
});
