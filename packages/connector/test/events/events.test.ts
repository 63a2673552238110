import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import type { Placed } from '#src/requests/requestTracker.js';
import { messageEvent } from '#src/events/events.js';

const LOBBY: Placed = { isAnswer: false, place: { room: undefined } };

interface Row {
  readonly name: string;
  readonly raw: string;
  readonly placed?: Partial<Placed>;
  readonly event: Record<string, unknown>;
}

const ROWS: readonly Row[] = [
  {
    name: 'a direct message',
    raw: '[DM from bob]: hi',
    event: { type: 'dm', sender: 'bob', text: 'hi', own: false },
  },
  {
    name: 'a direct message to oneself',
    raw: '[DM from me]: hi',
    event: { type: 'dm', sender: 'me', text: 'hi', own: true },
  },
  {
    name: 'a direct message that looks like another one',
    raw: '[DM from bob]: x\n[DM from me]: hi',
    event: { type: 'dm', sender: 'bob', text: 'x\n[DM from me]: hi', own: false },
  },
  {
    name: 'a room message',
    raw: '[12:34:56] [#a] bob: hi',
    placed: { place: { room: '#a' } },
    event: { type: 'room', room: '#a', sender: 'bob', text: 'hi', time: '12:34:56', own: false },
  },
  {
    name: 'our own room message',
    raw: '[12:34:56] [#a] me: hi',
    placed: { place: { room: '#a' }, isAnswer: true },
    event: { type: 'room', room: '#a', sender: 'me', text: 'hi', time: '12:34:56', own: true },
  },
  {
    name: 'a lobby message',
    raw: '[12:34:56] bob: hi',
    event: { type: 'lobby', sender: 'bob', text: 'hi', time: '12:34:56', own: false },
  },
  {
    name: 'a room message of a 1.1 server',
    raw: '[12:34:56] bob: hi',
    placed: { place: { room: '#a' } },
    event: { type: 'room', room: '#a', sender: 'bob', text: 'hi', time: '12:34:56', own: false },
  },
  {
    name: 'a message of a 1.1 server whose room is not known',
    raw: '[12:34:56] bob: hi',
    placed: { place: 'unknown' },
    event: { type: 'room', room: '', sender: 'bob', text: 'hi', time: '12:34:56', own: false },
  },
  {
    name: 'chat behind U+2060, which hides a command from the server',
    raw: '[12:34:56] bob: \u2060/quit',
    event: { type: 'lobby', sender: 'bob', text: '/quit', time: '12:34:56', own: false },
  },
  {
    name: 'chat with a U+2060 that hides nothing',
    raw: '[12:34:56] bob: \u2060hi',
    event: { type: 'lobby', sender: 'bob', text: '\u2060hi', time: '12:34:56', own: false },
  },
  {
    name: 'somebody who comes',
    raw: '*** bob joined the chat ***',
    event: {
      type: 'presence',
      change: 'joined',
      sender: 'bob',
      room: undefined,
      own: false,
      text: '*** bob joined the chat ***',
    },
  },
  {
    name: 'somebody who leaves',
    raw: '*** bob left the chat ***',
    event: {
      type: 'presence',
      change: 'left',
      sender: 'bob',
      room: undefined,
      own: false,
      text: '*** bob left the chat ***',
    },
  },
  {
    name: 'somebody who joins a room',
    raw: '*** bob joined #a ***',
    event: {
      type: 'presence',
      change: 'joined',
      sender: 'bob',
      room: '#a',
      own: false,
      text: '*** bob joined #a ***',
    },
  },
  {
    name: 'ourselves leaving a room',
    raw: '*** me left #a ***',
    event: {
      type: 'presence',
      change: 'left',
      sender: 'me',
      room: '#a',
      own: true,
      text: '*** me left #a ***',
    },
  },
  {
    name: 'an answer',
    raw: "User 'bob' is not online.",
    placed: { isAnswer: true },
    event: { type: 'answer', text: "User 'bob' is not online.", own: false },
  },
  {
    name: 'an echo, which is by the server though it holds a name',
    raw: '[DM to me]: hi',
    placed: { isAnswer: true },
    event: { type: 'answer', text: '[DM to me]: hi', own: false },
  },
  {
    name: 'an answer to nothing',
    raw: "User 'bob' is not online.",
    event: { type: 'system', text: "User 'bob' is not online.", own: false },
  },
  {
    name: 'a notice',
    raw: '*** Server is shutting down. Goodbye! ***',
    event: { type: 'system', text: '*** Server is shutting down. Goodbye! ***', own: false },
  },
  { name: 'text of no known form', raw: 'x', event: { type: 'system', text: 'x', own: false } },
];

for (const { name, raw, placed, event } of ROWS) {
  test(`The event of ${name}`, () => {
    const before = Date.now();
    const { receivedAt, ...rest } = messageEvent(raw, parseServerMessage(raw), { ...LOBBY, ...placed }, 'me');
    assert.deepEqual(rest, { raw, ...event });
    assert.ok(receivedAt instanceof Date && receivedAt.getTime() >= before);
  });
}
