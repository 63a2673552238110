import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientRequest, parseServerMessage } from '@quietroom/protocol';
import { RoomTracker } from '#src/roomTracker.js';

/** `>` is a request, `<` what the server says; then the room as requested, and as confirmed. */
const ROWS: { name: string; talk: string[]; requested: string | undefined; confirmed: string | undefined }[] =
  [
    { name: 'nothing asked for', talk: [], requested: undefined, confirmed: undefined },
    { name: 'a join on its way', talk: ['> /join #a'], requested: '#a', confirmed: undefined },
    { name: 'a join', talk: ['> /join #a', '< Joined room #a'], requested: '#a', confirmed: '#a' },
    {
      name: 'a room made',
      talk: ['> /join #a pw', '< Created and joined room #a'],
      requested: '#a',
      confirmed: '#a',
    },
    {
      name: 'a second join on its way',
      talk: ['> /join #a', '< Joined room #a', '> /join #b'],
      requested: '#b',
      confirmed: '#a',
    },
    {
      name: 'leaving the current room',
      talk: ['> /join #a', '< Joined room #a', '> /leave #a', '< Left room #a - returned to lobby'],
      requested: undefined,
      confirmed: undefined,
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
      requested: '#b',
      confirmed: '#b',
    },
    ...[
      'This room is password-protected. Usage: /join #b <password>',
      'Incorrect password for room #b',
      'Error creating room password.',
    ].map((refusal) => ({
      name: `a join that is answered by ${JSON.stringify(refusal)}`,
      talk: ['> /join #a', '< Joined room #a', '> /join #b', `< ${refusal}`],
      requested: '#a',
      confirmed: '#a',
    })),
    {
      name: 'a leave that is refused',
      talk: ['> /join #a', '> /leave #b', '< Joined room #a', '< You are not in room #b'],
      requested: '#a',
      confirmed: '#a',
    },
    {
      name: 'an answer that the server dropped, before one that came',
      talk: ['> /join #a', '> /join #b', '> /leave #c', '< Joined room #b'],
      requested: '#b',
      confirmed: '#b',
    },
    {
      name: 'the same words of others',
      talk: ['> /join #a', '< [12:00:00] bob: Joined room #a', '< [DM from bob]: Joined room #a'],
      requested: '#a',
      confirmed: undefined,
    },
  ];

for (const { name, talk, requested, confirmed } of ROWS) {
  test(`The current room after ${name}`, () => {
    const rooms = new RoomTracker();
    for (const line of talk) {
      const text = line.slice(2);
      if (line.startsWith('>')) rooms.onRequest(parseClientRequest(text));
      else rooms.onMessage(parseServerMessage(text));
    }
    assert.equal(rooms.requested, requested);
    assert.equal(rooms.confirmed, confirmed);
  });
}
