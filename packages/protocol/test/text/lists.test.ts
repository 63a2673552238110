import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatServerMessage, parseServerMessage } from '@quietroom/protocol';
import { isNextPart, joinLists, listParts, type ListMessage } from '@quietroom/protocol/internals';
import fc from 'fast-check';

/** Objects as parsers make them. */
const PLAIN = { noNullPrototype: true } as const;

const name = fc.string({ unit: fc.constantFrom('a', 'B', '9', '_', '.'), minLength: 1, maxLength: 32 });
const room = fc.record(
  {
    name: fc.string({ unit: fc.constantFrom('x', 'é', '🔒', ']'), maxLength: 60 }).map((text) => `#${text}`),
    users: fc.nat(2000),
    isProtected: fc.boolean(),
  },
  PLAIN,
);

const list: fc.Arbitrary<ListMessage> = fc.oneof(
  fc.record(
    { type: fc.constant('users' as const), users: fc.array(name, { maxLength: 200, size: 'max' }) },
    PLAIN,
  ),
  fc.record(
    {
      type: fc.constant('users' as const),
      users: fc.array(name, { maxLength: 200, size: 'max' }),
      place: fc.constantFrom('lobby', '#a'),
    },
    PLAIN,
  ),
  fc.record(
    {
      type: fc.constant('members' as const),
      members: fc.array(name, { maxLength: 200, size: 'max' }),
      place: fc.constantFrom('lobby', '#long-name'),
    },
    PLAIN,
  ),
  fc.record(
    { type: fc.constant('rooms' as const), rooms: fc.array(room, { maxLength: 200, size: 'max' }) },
    PLAIN,
  ),
);

test('The parts of a list have the size that is allowed, and are joined to the list again', () => {
  let several = 0;
  fc.assert(
    fc.property(list, fc.integer({ min: 400, max: 4068 }), (whole, maxBytes) => {
      const texts = listParts(whole, maxBytes).map(formatServerMessage);
      for (const text of texts) assert.ok(Buffer.byteLength(text) <= maxBytes, text);
      // What was sent is what another side reads.
      const [first, ...others] = texts.map(parseServerMessage) as [ListMessage, ...ListMessage[]];
      for (const [index, next] of others.entries())
        assert.ok(isNextPart([first, ...others][index] ?? next, next));
      assert.deepEqual(joinLists([first, ...others]), whole);
      if (texts.length > 1) several++;
    }),
    { numRuns: 200 },
  );
  assert.ok(several > 20, `${several} lists in several parts`);
});

test('An entry that is larger than a part has a part of its own', () => {
  const rooms = ['#a', `#${'x'.repeat(500)}`, '#b'].map((long) => {
    return { name: long, users: 1, isProtected: false };
  });
  const parts = listParts({ type: 'rooms', rooms }, 128);
  assert.deepEqual(
    parts.map((part) => (part.type === 'rooms' ? part.rooms.map(({ name: short }) => short.length) : [])),
    [[2], [501], [2]],
  );
});

test('Only a list that has the missing entries is the next part', () => {
  const first: ListMessage = { type: 'users', users: ['a'], remaining: 2 };
  const next: ListMessage = { type: 'users', users: ['b', 'c'] };
  assert.ok(isNextPart(first, next));
  for (const other of [
    { type: 'users', users: ['b'] },
    { type: 'users', users: [], remaining: 2 },
    { type: 'users', users: ['b', 'c'], place: '#a' },
    { type: 'users', users: ['b', 'c'], remaining: 1 },
    { type: 'members', members: ['b', 'c'], place: 'lobby' },
    { type: 'rooms', rooms: [] },
  ] as const) {
    assert.equal(isNextPart(first, other), false, JSON.stringify(other));
  }
});
