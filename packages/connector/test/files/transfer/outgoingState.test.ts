import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import {
  BEGIN_AFTER_STOP_MS,
  BEGIN_MS,
  END_MS,
  EXPIRY_MS,
  outgoingEvent,
  outgoingFile,
  updateOutgoing,
  type OutgoingEffect,
  type OutgoingEvent,
  type OutgoingState,
} from '#src/files/transfer/outgoingState.js';
import { sha256 } from '../transferring.js';

const SHA256 = sha256('hello');
const ANSWER_TIMEOUT_MS = 10_000;
const FILE_TIMEOUT_MS = 60_000;

type Event = OutgoingEvent | { readonly type: 'late' };

/** Feeds events to a new file, each a millisecond after the one before. */
function play(...events: readonly Event[]): {
  state: OutgoingState;
  effects: OutgoingEffect[];
  nowMs: number;
} {
  let state = outgoingFile({
    recipient: 'bob',
    name: 'the file',
    sha256: '',
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    fileTimeoutMs: FILE_TIMEOUT_MS,
  });
  const effects: OutgoingEffect[] = [];
  let nowMs = 0;
  for (const event of events) {
    nowMs++;
    const step = updateOutgoing(state, event, nowMs);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects, nowMs };
}

const error = new Error('cut');
const stop: Event = { type: 'failed', error };
const bytes = Buffer.from('hello');

const HASHING: readonly Event[] = [{ type: 'begin' }];
const QUEUED: readonly Event[] = [...HASHING, { type: 'opened', name: 'a.txt', sha256: SHA256, size: 5 }];
const PREPARING: readonly Event[] = [...QUEUED, { type: 'turn' }];
const ASKING: readonly Event[] = [...PREPARING, { type: 'prepared' }];
const OFFERED: readonly Event[] = [...ASKING, { type: 'offered', id: 'tester_bob_1' }];
const ACCEPTED: readonly Event[] = [...OFFERED, { type: 'accepted' }];
const STARTING: readonly Event[] = [...ACCEPTED, { type: 'begun' }];
const READING: readonly Event[] = [...STARTING, { type: 'sent' }];
const SENDING: readonly Event[] = [...READING, { type: 'read', bytes }];
const ENDED: readonly Event[] = [...SENDING, { type: 'sent' }, { type: 'readAll' }];

const BEFORE_OFFER: readonly OutgoingEffect['type'][] = [
  'stage',
  'openSource',
  'stage',
  'enqueue',
  'prepare',
  'offer',
];

const ROWS: readonly {
  readonly name: string;
  readonly events: readonly Event[];
  readonly phase: OutgoingState['phase'];
  /** The types of the effects after those of the phases up to the offer. */
  readonly effects: readonly OutgoingEffect['type'][];
}[] = [
  { name: 'is offered in its turn', events: ASKING, phase: 'asking', effects: [] },
  {
    name: 'is sent once, however often the server says to begin',
    events: [...ENDED, { type: 'begun' }, { type: 'accepted' }],
    phase: 'ended',
    effects: ['stage', 'stage', 'sendStart', 'read', 'send', 'read', 'sendEnd'],
  },
  {
    name: 'begins without a word of its acceptance',
    events: [...OFFERED, { type: 'begun' }],
    phase: 'sending',
    effects: ['stage', 'stage', 'sendStart'],
  },
  {
    name: 'is completed by what the server says after its end',
    events: [...ENDED, { type: 'completed' }],
    phase: 'over',
    effects: [
      'stage',
      'stage',
      'sendStart',
      'read',
      'send',
      'read',
      'sendEnd',
      'stage',
      'resolve',
      'release',
    ],
  },
  {
    name: 'is not completed before its end',
    events: [...SENDING, { type: 'completed' }],
    phase: 'sending',
    effects: ['stage', 'stage', 'sendStart', 'read', 'send'],
  },
  {
    name: 'is over when the server does not offer it',
    events: [...ASKING, { type: 'refused', error }],
    phase: 'over',
    effects: ['reject', 'release'],
  },
  {
    name: 'is withdrawn when it is offered after the stop',
    events: [...ASKING, stop, { type: 'offered', id: 'tester_bob_1' }, { type: 'withdrawn' }],
    phase: 'over',
    effects: ['reject', 'withdraw', 'release'],
  },
  {
    name: 'is withdrawn when the offer is stopped',
    events: [...OFFERED, stop, { type: 'withdrawn' }],
    phase: 'over',
    effects: ['stage', 'reject', 'withdraw', 'release'],
  },
  {
    name: 'is ended when its acceptance crosses the withdrawal',
    events: [...OFFERED, stop, { type: 'accepted' }, { type: 'withdrawn' }, { type: 'begun' }],
    phase: 'ending',
    effects: ['stage', 'reject', 'withdraw', 'sendEarlyEnd'],
  },
  {
    name: 'is ended when it is stopped in the middle',
    events: [...SENDING, stop, { type: 'sent' }, { type: 'completed' }],
    phase: 'over',
    effects: ['stage', 'stage', 'sendStart', 'read', 'send', 'reject', 'sendEarlyEnd', 'release'],
  },
  {
    name: 'is not ended twice when it is stopped after its end',
    events: [...ENDED, stop],
    phase: 'ending',
    effects: ['stage', 'stage', 'sendStart', 'read', 'send', 'read', 'sendEnd', 'reject'],
  },
];

for (const { name, events, phase, effects } of ROWS) {
  test(`An outgoing file ${name}`, () => {
    const played = play(...events);
    assert.equal(played.state.phase, phase);
    assert.deepEqual(
      played.effects.map(({ type }) => type),
      [...BEFORE_OFFER, ...effects],
    );
  });
}

const PHASES: Readonly<Record<string, readonly Event[]>> = {
  hashing: HASHING,
  queued: QUEUED,
  preparing: PREPARING,
  asking: ASKING,
  offered: OFFERED,
  accepted: ACCEPTED,
  starting: STARTING,
  reading: READING,
  sending: SENDING,
  ended: ENDED,
};

for (const [phase, events] of Object.entries(PHASES)) {
  for (const cut of [stop, { type: 'late' }, { type: 'settled', error }, { type: 'lost', error }] as const) {
    if (cut.type === 'late' && play(...events).state.deadlineMs === undefined) continue;
    test(`An outgoing file that is ${phase} leaves nothing open after "${cut.type}"`, () => {
      const { state, effects } = play(
        ...events,
        cut,
        { type: 'late' },
        { type: 'late' },
        { type: 'withdrawn' },
      );
      const after = effects.slice(play(...events).effects.length).map(({ type }) => type);
      assert.equal(state.phase, 'over');
      assert.equal(state.deadlineMs, undefined);
      assert.equal(after.filter((type) => type === 'reject').length, 1);
      assert.equal(after.at(-1), 'release');
      assert.equal(after.filter((type) => type === 'release').length, 1);
      // The server knows by itself when it has ended the transfer, or is gone.
      const mustTell = cut === stop || cut.type === 'late';
      assert.equal(after.includes('withdraw'), mustTell && phase === 'offered');
      const mustEnd = mustTell && ['accepted', 'starting', 'reading', 'sending'].includes(phase);
      assert.equal(after.includes('sendEarlyEnd'), mustEnd);
    });
  }
}

/** Every wait, its limit, and the error when the limit passes. */
const WAITS: readonly [wait: string, events: readonly Event[], limitMs: number | undefined, code?: string][] =
  [
    ['its source to open', HASHING, FILE_TIMEOUT_MS, 'FILE_SOURCE_FAILED'],
    ['more of the source to hash', [...HASHING, { type: 'hashed' }], FILE_TIMEOUT_MS, 'FILE_SOURCE_FAILED'],
    ['its turn: the files before it are limited', QUEUED, undefined],
    ['the features of the server: the request is limited', PREPARING, undefined],
    ['the answer to the offer: the request is limited', ASKING, undefined],
    ['the recipient', OFFERED, EXPIRY_MS, 'FILE_EXPIRED'],
    ['the server to let it begin', ACCEPTED, BEGIN_MS, 'FILE_TIMED_OUT'],
    ['its source', READING, FILE_TIMEOUT_MS, 'FILE_SOURCE_FAILED'],
    ['the connection', SENDING, FILE_TIMEOUT_MS, 'FILE_TIMED_OUT'],
    ['the connection that takes some', [...SENDING, { type: 'moved' }], FILE_TIMEOUT_MS, 'FILE_TIMED_OUT'],
    ['the server to pass on the rest', ENDED, END_MS, 'FILE_TIMED_OUT'],
    ['the answer to the offer after a stop', [...ASKING, stop], ANSWER_TIMEOUT_MS],
    ['the withdrawal: the request is limited', [...OFFERED, stop], undefined],
    ['the server to let it begin after a stop', [...ACCEPTED, stop], BEGIN_AFTER_STOP_MS],
    ['the server to confirm an early end', [...SENDING, stop], ANSWER_TIMEOUT_MS],
  ];

for (const [wait, events, limitMs, code] of WAITS) {
  test(`An outgoing file waits for ${wait}: ${limitMs ?? 'no'} ms`, () => {
    const { state, nowMs } = play(...events);
    assert.equal(state.deadlineMs === undefined ? undefined : state.deadlineMs - nowMs, limitMs);
    if (code === undefined) return;
    const rejected = play(...events, { type: 'late' }).effects.find((effect) => effect.type === 'reject');
    assert.ok(rejected?.error instanceof Error && 'code' in rejected.error);
    assert.equal(rejected.error.code, code);
  });
}

/** What the server says, in phases where it is about the file and where it is not. */
const MESSAGES: readonly [text: string, event: string, from: readonly Event[], notFrom: readonly Event[]][] =
  [
    ['*** bob accepted your file transfer (ID: tester_bob_1). ***', 'accepted', OFFERED, ASKING],
    [`BEGIN_SEND|a.txt|${SHA256}`, 'begun', OFFERED, ASKING],
    ['*** bob declined the file transfer (ID: tester_bob_1). ***', 'settled', OFFERED, ASKING],
    ['*** File transfer expired (not accepted within 5 minutes). ***', 'settled', OFFERED, ACCEPTED],
    ['*** File transfer cancelled: recipient disconnected ***', 'settled', SENDING, ASKING],
    ['*** File transfer timed out after 10 minutes ***', 'settled', SENDING, ASKING],
    ['*** File transfer stream completed. ***', 'completed', ENDED, ACCEPTED],
  ];

for (const [text, type, from, notFrom] of MESSAGES) {
  test(`${JSON.stringify(text)} is about a file only from when it can be`, () => {
    const message = parseServerMessage(text);
    assert.equal(outgoingEvent(play(...from).state, message)?.type, type);
    assert.equal(outgoingEvent(play(...notFrom).state, message), undefined);
    assert.equal(outgoingEvent(play(...from, { type: 'lost', error }).state, message), undefined);
  });
}

for (const text of [
  '*** bob accepted your file transfer (ID: tester_bob_2). ***',
  '*** bob declined the file transfer (ID: tester_bob_2). ***',
  `BEGIN_SEND|a.txt|${sha256('other')}`,
  '*** File transfer cancelled: sender disconnected ***',
]) {
  test(`${JSON.stringify(text)} is about another file`, () => {
    assert.equal(outgoingEvent(play(...OFFERED).state, parseServerMessage(text)), undefined);
  });
}
