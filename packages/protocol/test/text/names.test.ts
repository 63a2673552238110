import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecipient, isRoomName, normalizeUsername } from '@quietroom/protocol';

const USERNAMES: readonly { typed: string; name: string | undefined; recipient?: boolean }[] = [
  { typed: 'alice', name: 'alice', recipient: true },
  { typed: '  bob.smith_2-x\u0085\u00A0', name: 'bob.smith_2-x', recipient: true },
  { typed: 'a', name: 'a', recipient: true },
  { typed: '.', name: '.', recipient: true },
  { typed: 'lobby', name: 'lobby', recipient: true },
  { typed: 'Server', name: 'Server', recipient: true },
  { typed: 'Al x', name: 'Al x', recipient: false },
  { typed: 'x'.repeat(32), name: 'x'.repeat(32), recipient: true },
  { typed: ` ${'x'.repeat(32)} `, name: 'x'.repeat(32), recipient: true },
  { typed: 'x'.repeat(33), name: undefined },
  { typed: '', name: undefined },
  { typed: ' \t\n', name: undefined },
  { typed: 'a\nb', name: undefined },
  { typed: 'a\tb', name: undefined },
  { typed: 'a\u00A0b', name: undefined },
  { typed: 'zażółć', name: undefined },
  { typed: 'a:b', name: undefined },
  { typed: 'a]', name: undefined },
  { typed: '#room', name: undefined },
  { typed: '\uFEFFalice', name: undefined },
  { typed: 'alice\n', name: 'alice', recipient: true },
];

for (const { typed, name, recipient } of USERNAMES) {
  test(`${JSON.stringify(typed)} logs in as ${JSON.stringify(name)}`, () => {
    assert.equal(normalizeUsername(typed), name);
    if (name !== undefined) assert.equal(isRecipient(name), recipient);
  });
}

test('A recipient is a whole name without blanks: nothing is trimmed', () => {
  for (const name of ['', ' alice', 'alice ', 'alice\n', 'a b', 'x'.repeat(33), 'a:b']) {
    assert.equal(isRecipient(name), false, JSON.stringify(name));
  }
});

const ROOMS: readonly [name: string, valid: boolean][] = [
  ['#general', true],
  ['#', true],
  ['##', true],
  ['#a]b', true],
  ['#]', true],
  ['#a:b', true],
  ['#🔒', true],
  ['#\u0000\u001b[31m', true],
  ['#\u200B\uFEFF', true],
  [`#${'x'.repeat(1000)}`, true],
  ['general', false],
  ['', false],
  [' #a', false],
  ['#a ', false],
  ['#a b', false],
  ['#a\nb', false],
  ['#a\n', false],
  ['#a\u0085', false],
  ['#a\u00A0', false],
];

for (const [name, valid] of ROOMS) {
  test(`${JSON.stringify(name.slice(0, 20))} is ${valid ? 'a' : 'no'} name for a room`, () => {
    assert.equal(isRoomName(name), valid);
  });
}
