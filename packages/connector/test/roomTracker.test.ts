import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientRequest, parseServerMessage } from '@quietroom/protocol';
import { RoomTracker } from '#src/roomTracker.js';

/** `>` is a request, `<` what the server says; then the current room, and whether all is answered. */
const ROWS: { name: string; talk: string[]; current: string | undefined; isSettled: boolean }[] = [
  { name: 'nothing asked for', talk: [], current: undefined, isSettled: true },
  { name: 'a join on its way', talk: ['> /join #a'], current: undefined, isSettled: false },
  { name: 'a join', talk: ['> /join #a', '< Joined room #a'], current: '#a', isSettled: true },
  {
    name: 'a room made',
    talk: ['> /join #a pw', '< Created and joined room #a'],
    current: '#a',
    isSettled: true,
  },
  {
    name: 'a second join on its way',
    talk: ['> /join #a', '< Joined room #a', '> /join #b'],
    current: '#a',
    isSettled: false,
  },
  {
    name: 'leaving the current room',
    talk: ['> /join #a', '< Joined room #a', '> /leave #a', '< Left room #a - returned to lobby'],
    current: undefined,
    isSettled: true,
  },
  {
    name: 'leaving another room',
    talk: [
      '> /join #a',
      '> /join #b',
      '< Joined room #a',
      '< Joined room #b',
      '> /leave #a',
      '< Left room #a - returned to lobby',
    ],
    current: '#b',
    isSettled: true,
  },
  ...[
    'This room is password-protected. Usage: /join #b <password>',
    'Incorrect password for room #b',
    'Error creating room password.',
  ].map((refusal) => ({
    name: `a join that is answered by ${JSON.stringify(refusal)}`,
    talk: ['> /join #a', '< Joined room #a', '> /join #b', `< ${refusal}`],
    current: '#a',
    isSettled: true,
  })),
  {
    name: 'a leave that is refused',
    talk: ['> /join #a', '> /leave #b', '< Joined room #a', '< You are not in room #b'],
    current: '#a',
    isSettled: true,
  },
  {
    name: 'an answer that the server dropped, before one that came',
    talk: ['> /join #a', '> /join #b', '> /leave #c', '< Joined room #b'],
    current: '#b',
    isSettled: false,
  },
  {
    name: 'the same words of others',
    talk: ['> /join #a', '< [12:00:00] bob: Joined room #a', '< [DM from bob]: Joined room #a'],
    current: undefined,
    isSettled: false,
  },
];

for (const { name, talk, current, isSettled } of ROWS) {
  test(`The current room after ${name}`, () => {
    const rooms = new RoomTracker();
    for (const line of talk) {
      const text = line.slice(2);
      if (line.startsWith('>')) rooms.onSent(parseClientRequest(text));
      else rooms.onMessage(parseServerMessage(text));
    }
    assert.equal(rooms.current, current);
    assert.equal(rooms.isSettled, isSettled);
  });
}
