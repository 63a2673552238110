import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  incomingFile,
  START_MS,
  updateIncoming,
  type IncomingEffect,
  type IncomingEvent,
  type IncomingState,
} from '#src/files/transfer/incomingState.js';
import { sha256 } from '../transferring.js';

const SHA256 = sha256('hello');
const FILE_TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;

type Event = IncomingEvent | { readonly type: 'late' };

/** Feeds events to a new file, each a millisecond after the one before. */
function play(...events: readonly Event[]): {
  state: IncomingState;
  effects: IncomingEffect[];
  nowMs: number;
} {
  let state = incomingFile({ name: 'a.txt', sha256: SHA256, fileTimeoutMs: FILE_TIMEOUT_MS });
  const effects: IncomingEffect[] = [];
  let nowMs = 0;
  for (const event of events) {
    nowMs++;
    const step = updateIncoming(state, event, nowMs);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects, nowMs };
}

const packet = (text: string): Event => ({ type: 'packet', packet: Buffer.from(text) });
const waiting = (bytes: number): Event => ({ type: 'waiting', bytes });
const start = (size: number | string = 5, hash = SHA256): Event => packet(`FILE_START|a.txt|${size}|${hash}`);
const hashed = (hash = SHA256): Event => ({ type: 'hashed', sha256: hash });

const TURN: readonly Event[] = [{ type: 'turn' }];
const ASKED: readonly Event[] = [...TURN, { type: 'opened' }];
const ACCEPTED: readonly Event[] = [...ASKED, { type: 'accepted' }];
const RECEIVING: readonly Event[] = [...ACCEPTED, start()];
const PAUSED: readonly Event[] = [...RECEIVING, packet('he'), waiting(5 * MIB)];
const WHOLE: readonly Event[] = [...RECEIVING, packet('hello'), packet('FILE_END')];
const FLUSHING: readonly Event[] = [...RECEIVING, packet('hello'), waiting(5), packet('FILE_END'), hashed()];
const FINISHING: readonly Event[] = [...WHOLE, hashed()];
const FINISHED: readonly Event[] = [...FINISHING, { type: 'finished', result: { path: '/a.txt' } }];

const ROWS: readonly {
  readonly name: string;
  readonly events: readonly Event[];
  readonly phase: IncomingState['phase'];
  /** The types of all effects. */
  readonly effects: readonly IncomingEffect['type'][];
  readonly code?: string;
}[] = [
  { name: 'waits for its turn', events: [], phase: 'queued', effects: [] },
  { name: 'opens its target first', events: TURN, phase: 'opening', effects: ['open'] },
  { name: 'is accepted next', events: ASKED, phase: 'asking', effects: ['open', 'stage', 'accept'] },
  {
    name: 'ignores chunks before the start, and the start of another file',
    events: [...ACCEPTED, packet('stray'), packet('FILE_END'), start(5, sha256('other'))],
    phase: 'starting',
    effects: ['open', 'stage', 'accept'],
  },
  {
    name: 'starts by a packet that overtakes the acceptance',
    events: [...ASKED, start(), packet('he'), { type: 'accepted' }],
    phase: 'receiving',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'write'],
  },
  {
    name: 'is finished when all has come',
    events: FINISHED,
    phase: 'over',
    effects: [
      'open',
      'stage',
      'accept',
      'stage',
      'expect',
      'write',
      'hash',
      'finish',
      'stage',
      'resolve',
      'release',
    ],
  },
  {
    name: 'is finished after the target has taken the rest',
    events: [...FLUSHING, waiting(0)],
    phase: 'finishing',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'write', 'hash', 'finish'],
  },
  {
    name: 'stops reading above 4 MiB and goes on below 1 MiB',
    events: [...PAUSED, waiting(2 * MIB), waiting(MIB)],
    phase: 'receiving',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'write', 'pauseReading', 'resumeReading'],
  },
  {
    name: 'tells the caller after the discard, and waits for the end of what still comes',
    events: [...RECEIVING, packet('hello!'), { type: 'discarded' }, packet('more')],
    phase: 'failed',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'discard', 'decline', 'reject'],
    code: 'FILE_TOO_LONG',
  },
  {
    name: 'takes another hash for a failure',
    events: [...WHOLE, hashed(sha256('other')), { type: 'discarded' }],
    phase: 'over',
    effects: [
      'open',
      'stage',
      'accept',
      'stage',
      'expect',
      'write',
      'hash',
      'discard',
      'decline',
      'reject',
      'release',
    ],
    code: 'FILE_HASH_MISMATCH',
  },
  {
    name: 'takes an early end for a failure',
    events: [...RECEIVING, packet('FILE_END'), { type: 'discarded' }],
    phase: 'over',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'discard', 'decline', 'reject', 'release'],
    code: 'FILE_TOO_SHORT',
  },
  {
    name: 'takes no size for a failure',
    events: [...ACCEPTED, start('x'), { type: 'discarded' }],
    phase: 'failed',
    effects: ['open', 'stage', 'accept', 'discard', 'decline', 'reject'],
    code: 'FILE_EMPTY',
  },
  {
    name: 'discards a target that opens after the caller has given up',
    events: [
      ...TURN,
      { type: 'stopped', error: new Error('enough') },
      { type: 'opened' },
      { type: 'discarded' },
    ],
    phase: 'over',
    effects: ['open', 'reject', 'decline', 'discard', 'release'],
  },
  {
    name: 'cannot be stopped while its target is being finished',
    events: [...FINISHING, { type: 'stopped', error: new Error('too late') }],
    phase: 'finishing',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'write', 'hash', 'finish'],
  },
  {
    name: 'does not need the connection once all has come',
    events: [...FLUSHING, { type: 'lost', error: new Error('gone') }, waiting(0)],
    phase: 'finishing',
    effects: ['open', 'stage', 'accept', 'stage', 'expect', 'write', 'hash', 'finish'],
  },
];

for (const { name, events, phase, effects, code } of ROWS) {
  test(`An incoming file ${name}`, () => {
    const played = play(...events);
    assert.equal(played.state.phase, phase);
    assert.deepEqual(
      played.effects.map(({ type }) => type),
      effects,
    );
    if (code === undefined) return;
    const rejected = played.effects.find((effect) => effect.type === 'reject');
    assert.ok(rejected?.error instanceof Error && 'code' in rejected.error);
    assert.equal(rejected.error.code, code);
  });
}

const PHASES: Readonly<Record<string, readonly Event[]>> = {
  queued: [],
  opening: TURN,
  asking: ASKED,
  starting: ACCEPTED,
  receiving: RECEIVING,
  paused: PAUSED,
  verifying: WHOLE,
  flushing: FLUSHING,
  finishing: FINISHING,
};

const error = new Error('cut');
const CUTS: readonly Event[] = [
  { type: 'stopped', error },
  { type: 'refused', error },
  { type: 'unanswered', error },
  { type: 'targetFailed', error },
  { type: 'ended', error },
  { type: 'lost', error },
  { type: 'late' },
];

for (const [phase, events] of Object.entries(PHASES)) {
  for (const cut of CUTS) {
    test(`An incoming file that is ${phase} leaves nothing behind after "${cut.type}"`, () => {
      const { effects, state } = play(
        ...events,
        cut,
        ...(phase === 'opening' ? [{ type: 'opened' } as const] : []),
        { type: 'discarded' },
        { type: 'silent' },
        { type: 'finished', result: {} },
      );
      const count = (type: IncomingEffect['type']): number =>
        effects.filter((effect) => effect.type === type).length;
      // Events that do not apply leave it where it was.
      if (state.phase !== 'over') {
        assert.equal(count('reject') + count('discard') + count('release'), 0);
        return;
      }
      assert.equal(state.deadlineMs, undefined);
      assert.equal(count('resolve') + count('reject'), 1);
      assert.equal(count('release'), 1);
      assert.equal(count('pauseReading'), count('resumeReading'));
      const isOpen = phase !== 'queued' && !(phase === 'opening' && cut.type === 'targetFailed');
      if (count('reject') > 0 && isOpen) assert.ok(count('discard') > 0);
    });
  }
}

/** Every wait, its limit, and the error when the limit passes. */
const WAITS: readonly [wait: string, events: readonly Event[], limitMs: number | undefined, code?: string][] =
  [
    ['its turn: the files before it are limited', [], undefined],
    ['the target to open', TURN, FILE_TIMEOUT_MS, 'FILE_TARGET_FAILED'],
    ['the answer to the acceptance: the request is limited', ASKED, undefined],
    ['the first packet', ACCEPTED, START_MS, 'FILE_TIMED_OUT'],
    ['the next packet', RECEIVING, FILE_TIMEOUT_MS, 'FILE_TIMED_OUT'],
    ['the next packet after a chunk', [...RECEIVING, packet('he')], FILE_TIMEOUT_MS, 'FILE_TIMED_OUT'],
    ['a slow target', PAUSED, FILE_TIMEOUT_MS, 'FILE_TARGET_FAILED'],
    ['a slow target that takes some', [...PAUSED, waiting(4 * MIB)], FILE_TIMEOUT_MS, 'FILE_TARGET_FAILED'],
    ['a target that takes the rest', FLUSHING, FILE_TIMEOUT_MS, 'FILE_TARGET_FAILED'],
    ['a target that is finished', FINISHING, FILE_TIMEOUT_MS, 'FILE_TARGET_FAILED'],
    [
      'the discard, and the rest of a failed file',
      [...RECEIVING, packet('hello!')],
      FILE_TIMEOUT_MS,
      'FILE_TOO_LONG',
    ],
  ];

for (const [wait, events, limitMs, code] of WAITS) {
  test(`An incoming file waits for ${wait}: ${limitMs ?? 'no'} ms`, () => {
    const { state, nowMs } = play(...events);
    assert.equal(state.deadlineMs === undefined ? undefined : state.deadlineMs - nowMs, limitMs);
    if (code === undefined) return;
    const { state: after, effects } = play(...events, { type: 'late' }, { type: 'discarded' });
    const rejected = effects.find((effect) => effect.type === 'reject');
    assert.ok(rejected?.error instanceof Error && 'code' in rejected.error);
    assert.equal(rejected.error.code, code);
    if (code === 'FILE_TIMED_OUT' || code === 'FILE_TOO_LONG') assert.equal(after.phase, 'over');
  });
}

test('Packets that a paused reader still gets do not extend the wait for its target', () => {
  const { state } = play(...PAUSED);
  const { state: later } = play(...PAUSED, packet('l'), waiting(5 * MIB + 1));
  assert.equal(later.deadlineMs, state.deadlineMs);
});
