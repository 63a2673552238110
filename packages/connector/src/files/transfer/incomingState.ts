import { isFileEnd, parseFileStart } from '@quietroom/protocol';
import { FileTransferError, type ConnectorErrorCode } from '../../errors.js';
import type { TargetResult } from '../target/sinks.js';
import type { FileStage } from './progress.js';
import type { Step } from './stateMachine.js';

/** A sender begins when the server says so: at once, or when it is done with another file. */
export const START_MS = 660_000;

/** Above this much that waits for a slow target, nothing more is read from the network; below a quarter it is again. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** The offered file. */
export interface ExpectedFile {
  readonly name: string;
  readonly sha256: string;
  readonly fileTimeoutMs: number;
}

/**
 * The phases of a file that is received:
 *
 * - `queued`: other files come first
 * - `opening`: the target is being opened
 * - `asking`: the server has been asked to let it come
 * - `starting`: its first packet is awaited
 * - `receiving`: its content comes
 * - `verifying`: all has come, and its hash is being compared
 * - `flushing`: the target has not taken all of it
 * - `finishing`: the target makes it last; it can fail now, but not be stopped
 * - `failed`: the target is being discarded, or packets may still come
 * - `over`
 */
export interface IncomingState {
  readonly phase:
    | 'queued'
    | 'opening'
    | 'asking'
    | 'starting'
    | 'receiving'
    | 'verifying'
    | 'flushing'
    | 'finishing'
    | 'failed'
    | 'over';
  readonly file: ExpectedFile;
  readonly deadlineMs: number | undefined;
  /** Bytes, as announced; 0 before. */
  readonly size: number;
  readonly receivedBytes: number;
  /** Bytes that the target has not taken. */
  readonly waitingBytes: number;
  readonly isPaused: boolean;
  readonly startedAtMs: number;
  /** From the first packet until the target had taken all. */
  readonly tookMs: number;
  readonly target: 'none' | 'opening' | 'open' | 'discarding';
  /** After a failure: packets may still come, which must not be taken for the next file's. */
  readonly mayCome: boolean;
  /** The error of a failure until the caller has got it. */
  readonly failure: { readonly error: unknown } | undefined;
}

export type IncomingEvent =
  | { readonly type: 'turn' }
  | { readonly type: 'opened' }
  | { readonly type: 'accepted' }
  /** The server does not let it come. */
  | { readonly type: 'refused'; readonly error: unknown }
  /** The server did not answer, or could not be asked. */
  | { readonly type: 'unanswered'; readonly error: unknown }
  | { readonly type: 'packet'; readonly packet: Uint8Array }
  | { readonly type: 'hashed'; readonly sha256: string }
  /** This many bytes wait for the target. */
  | { readonly type: 'waiting'; readonly bytes: number }
  | { readonly type: 'finished'; readonly result: TargetResult }
  | { readonly type: 'targetFailed'; readonly error: unknown }
  | { readonly type: 'discarded' }
  /** The caller gives it up. */
  | { readonly type: 'stopped'; readonly error: unknown }
  /** The server says that it is over, and why. */
  | { readonly type: 'ended'; readonly error: Error }
  /** The offer is withdrawn, or the connection lost: the server does not know of it. */
  | { readonly type: 'lost'; readonly error: Error }
  /** Nothing more of a failed file comes. */
  | { readonly type: 'silent' };

export type IncomingEffect =
  | { readonly type: 'open' }
  | { readonly type: 'accept' }
  | { readonly type: 'decline' }
  | { readonly type: 'stage'; readonly stage: FileStage; readonly size?: number }
  | { readonly type: 'expect'; readonly size: number }
  | { readonly type: 'write'; readonly chunk: Uint8Array }
  | { readonly type: 'pauseReading' }
  | { readonly type: 'resumeReading' }
  | { readonly type: 'hash' }
  | { readonly type: 'finish' }
  | { readonly type: 'discard'; readonly error: unknown }
  | { readonly type: 'resolve'; readonly result: TargetResult; readonly bytes: number; readonly ms: number }
  | { readonly type: 'reject'; readonly error: unknown }
  /** The next file can come. */
  | { readonly type: 'release' };

type IncomingStep = Step<IncomingState, IncomingEffect>;

export function incomingFile(file: ExpectedFile): IncomingState {
  return {
    phase: 'queued',
    file,
    deadlineMs: undefined,
    size: 0,
    receivedBytes: 0,
    waitingBytes: 0,
    isPaused: false,
    startedAtMs: 0,
    tookMs: 0,
    target: 'none',
    mayCome: false,
    failure: undefined,
  };
}

export function updateIncoming(
  state: IncomingState,
  event: IncomingEvent | { readonly type: 'late' },
  nowMs: number,
): IncomingStep {
  const idleMs = nowMs + state.file.fileTimeoutMs;
  switch (event.type) {
    case 'turn':
      if (state.phase !== 'queued') return unchanged(state);
      return step({ ...state, phase: 'opening', target: 'opening', deadlineMs: idleMs }, { type: 'open' });
    case 'opened':
      if (state.phase !== 'opening') return discardLate(state);
      return step(
        { ...state, phase: 'asking', target: 'open', deadlineMs: undefined },
        { type: 'stage', stage: 'offered' },
        { type: 'accept' },
      );
    case 'accepted':
      // Its first packet can come in one record with this.
      if (state.phase !== 'asking') return unchanged(state);
      return step({ ...state, phase: 'starting', deadlineMs: nowMs + START_MS });
    case 'refused':
      return state.phase === 'asking'
        ? fail(state, event.error, nowMs, { mayCome: false })
        : unchanged(state);
    case 'unanswered':
      return state.phase === 'asking' ? fail(state, event.error, nowMs) : unchanged(state);
    case 'packet':
      return onPacket(state, event.packet, nowMs);
    case 'hashed':
      return onHashed(state, event.sha256, nowMs);
    case 'waiting':
      return onWaiting(state, event.bytes, nowMs);
    case 'finished':
      if (state.phase !== 'finishing') return unchanged(state);
      return step(
        over(state),
        { type: 'stage', stage: 'done' },
        { type: 'resolve', result: event.result, bytes: state.receivedBytes, ms: state.tookMs },
        { type: 'release' },
      );
    case 'targetFailed':
      // A target that could not be opened leaves nothing to discard.
      return fail(state.target === 'opening' ? { ...state, target: 'none' } : state, event.error, nowMs);
    case 'discarded':
      return state.phase === 'failed' ? afterFailure({ ...state, target: 'none' }) : unchanged(state);
    case 'stopped':
      if (state.phase === 'finishing') return unchanged(state);
      return fail(state, event.error, nowMs, { isToldAtOnce: true });
    case 'ended':
      return isComplete(state) ? unchanged(state) : fail(state, event.error, nowMs, { mayCome: false });
    case 'lost':
      if (isComplete(state)) return unchanged(state);
      return fail(state, event.error, nowMs, { mayCome: false, isKnownToServer: false });
    case 'silent':
      return state.phase === 'failed' ? afterFailure({ ...state, mayCome: false }) : unchanged(state);
    case 'late':
      return onLate(state, nowMs);
  }
}

function onPacket(state: IncomingState, packet: Uint8Array, nowMs: number): IncomingStep {
  switch (state.phase) {
    case 'asking':
    case 'starting':
      return onStart(state, packet, nowMs);
    case 'receiving':
      return onContent(state, packet, nowMs);
    case 'failed': {
      const isEnd = isFileEnd(packet, state.receivedBytes >= state.size);
      const received = { ...state, receivedBytes: state.receivedBytes + packet.length };
      if (isEnd) return afterFailure({ ...received, mayCome: false });
      return step({ ...received, deadlineMs: nowMs + state.file.fileTimeoutMs });
    }
    default:
      return unchanged(state);
  }
}

function onStart(state: IncomingState, packet: Uint8Array, nowMs: number): IncomingStep {
  const start = parseFileStart(packet);
  // Chunks before the start, and the start of another file, do not belong to this one.
  if (start === undefined || start.sha256 !== state.file.sha256) return unchanged(state);
  if (!(start.size > 0)) {
    const error = failure('FILE_EMPTY', `${nameOf(state)} is announced as empty, or without a size.`);
    return fail(state, error, nowMs, { mayCome: true });
  }
  return step(
    {
      ...state,
      phase: 'receiving',
      size: start.size,
      startedAtMs: nowMs,
      deadlineMs: nowMs + state.file.fileTimeoutMs,
    },
    { type: 'stage', stage: 'transferring', size: start.size },
    { type: 'expect', size: start.size },
  );
}

function onContent(state: IncomingState, packet: Uint8Array, nowMs: number): IncomingStep {
  const { size } = state;
  const deadlineMs = state.isPaused ? state.deadlineMs : nowMs + state.file.fileTimeoutMs;
  if (isFileEnd(packet, state.receivedBytes >= size)) {
    if (state.receivedBytes < size) return fail(state, tooShort(state), nowMs, { mayCome: false });
    return step({ ...state, phase: 'verifying', deadlineMs: undefined }, { type: 'hash' });
  }
  const receivedBytes = state.receivedBytes + packet.length;
  const received = { ...state, receivedBytes, deadlineMs };
  if (receivedBytes > size) {
    const text = `More of ${nameOf(state)} came than the ${size} bytes that were announced.`;
    return fail(received, failure('FILE_TOO_LONG', text), nowMs, { mayCome: true });
  }
  return step(received, { type: 'write', chunk: packet });
}

function onHashed(state: IncomingState, sha256: string, nowMs: number): IncomingStep {
  if (state.phase !== 'verifying') return unchanged(state);
  if (sha256 === state.file.sha256) return flush(state, nowMs);
  const text = `The content of ${nameOf(state)} differs from what was offered: its SHA-256 is another. Ask for it again.`;
  return fail(state, failure('FILE_HASH_MISMATCH', text), nowMs, { mayCome: false });
}

/** Reading stops while much waits for the target. A target that takes something, however slowly, is not late. */
function onWaiting(state: IncomingState, bytes: number, nowMs: number): IncomingStep {
  const waiting = { ...state, waitingBytes: bytes };
  const deadlineMs = bytes < state.waitingBytes ? nowMs + state.file.fileTimeoutMs : state.deadlineMs;
  if (state.phase === 'flushing') return flush(waiting, nowMs);
  if (state.phase !== 'receiving') return step(waiting);
  if (!state.isPaused) {
    if (bytes <= MAX_WAITING_BYTES) return step(waiting);
    const pausedUntilMs = nowMs + state.file.fileTimeoutMs;
    return step({ ...waiting, isPaused: true, deadlineMs: pausedUntilMs }, { type: 'pauseReading' });
  }
  if (bytes > MAX_WAITING_BYTES / 4) return step({ ...waiting, deadlineMs });
  return step({ ...waiting, isPaused: false, deadlineMs }, { type: 'resumeReading' });
}

function flush(state: IncomingState, nowMs: number): IncomingStep {
  const deadlineMs = nowMs + state.file.fileTimeoutMs;
  const [resumed, effects] = resume(state);
  if (state.waitingBytes > 0) return step({ ...resumed, phase: 'flushing', deadlineMs }, ...effects);
  const tookMs = nowMs - state.startedAtMs;
  return step({ ...resumed, phase: 'finishing', deadlineMs, tookMs }, ...effects, { type: 'finish' });
}

function onLate(state: IncomingState, nowMs: number): IncomingStep {
  const seconds = state.file.fileTimeoutMs / 1000;
  const name = nameOf(state);
  switch (state.phase) {
    case 'opening': {
      const text = `The target of ${name} could not be opened within ${seconds} s. Choose another target.`;
      return fail(state, failure('FILE_TARGET_FAILED', text), nowMs);
    }
    case 'starting': {
      const text = `${name} was accepted, but did not come within ${START_MS / 1000} s. Ask for it again.`;
      return fail(state, failure('FILE_TIMED_OUT', text), nowMs, { mayCome: false });
    }
    case 'receiving': {
      if (state.isPaused) return fail(state, stuckTarget(state), nowMs);
      const text = `Nothing of ${name} came for ${seconds} s: the sender has stopped. Ask for it again.`;
      // After such a silence no more packets are expected.
      return fail(state, failure('FILE_TIMED_OUT', text), nowMs, { mayCome: false });
    }
    case 'flushing':
    case 'finishing':
      return fail(state, stuckTarget(state), nowMs);
    case 'failed':
      return afterFailure({ ...state, mayCome: false, target: 'none' });
    default:
      return unchanged(state);
  }
}

interface FailureKind {
  /** Default: packets may come once the server has been asked, until the end of the file. */
  readonly mayCome?: boolean;
  /** Whether to decline the file at the server. Default true. */
  readonly isKnownToServer?: boolean;
  /** Whether the call settles before the target is discarded. Default false. */
  readonly isToldAtOnce?: boolean;
}

/** The one way from any phase to `failed` and `over`. */
function fail(
  state: IncomingState,
  error: unknown,
  nowMs: number,
  { mayCome, isKnownToServer = true, isToldAtOnce = false }: FailureKind = {},
): IncomingStep {
  if (state.phase === 'over') return unchanged(state);
  if (state.phase === 'failed') return afterFailure({ ...state, mayCome: mayCome ?? state.mayCome });
  const [resumed, effects] = resume(state);
  const told: IncomingEffect[] = isToldAtOnce ? [{ type: 'reject', error }] : [];
  const discarded: IncomingEffect[] = state.target === 'open' ? [{ type: 'discard', error }] : [];
  const declined: IncomingEffect[] = isKnownToServer ? [{ type: 'decline' }] : [];
  const { state: next, effects: last } = afterFailure({
    ...resumed,
    phase: 'failed',
    mayCome: mayCome ?? isExpected(state),
    target: state.target === 'open' ? 'discarding' : state.target,
    failure: isToldAtOnce ? undefined : { error },
    deadlineMs: nowMs + state.file.fileTimeoutMs,
  });
  return step(next, ...effects, ...told, ...discarded, ...declined, ...last);
}

/** The call settles when the target is discarded; the next file can begin when no packet of this one can arrive. */
function afterFailure(state: IncomingState): IncomingStep {
  if (state.target !== 'none') return step(state);
  const told: IncomingEffect[] = state.failure ? [{ type: 'reject', error: state.failure.error }] : [];
  if (state.mayCome) return step({ ...state, failure: undefined }, ...told);
  return step(over(state), ...told, { type: 'release' });
}

/** A target that opens after the transfer has failed. */
function discardLate(state: IncomingState): IncomingStep {
  const error =
    state.failure?.error ?? failure('FILE_CANCELLED', `${nameOf(state)} is not received any more.`);
  const next = state.phase === 'failed' ? { ...state, target: 'discarding' as const } : state;
  return step(next, { type: 'discard', error });
}

function resume(state: IncomingState): readonly [IncomingState, readonly IncomingEffect[]] {
  return state.isPaused ? [{ ...state, isPaused: false }, [{ type: 'resumeReading' }]] : [state, []];
}

function over(state: IncomingState): IncomingState {
  return { ...state, phase: 'over', deadlineMs: undefined, failure: undefined };
}

function isExpected({ phase }: IncomingState): boolean {
  return phase === 'asking' || phase === 'starting' || phase === 'receiving';
}

/** All of it has come and is what was offered: what the server says does not matter any more. */
function isComplete({ phase }: IncomingState): boolean {
  return phase === 'flushing' || phase === 'finishing';
}

function step(state: IncomingState, ...effects: readonly IncomingEffect[]): IncomingStep {
  return { state, effects };
}

function unchanged(state: IncomingState): IncomingStep {
  return { state, effects: [] };
}

function nameOf({ file }: IncomingState): string {
  return JSON.stringify(file.name);
}

function stuckTarget(state: IncomingState): FileTransferError {
  const seconds = state.file.fileTimeoutMs / 1000;
  return failure(
    'FILE_TARGET_FAILED',
    `The target of ${nameOf(state)} took nothing for ${seconds} s. Look at what reads from it.`,
  );
}

function tooShort(state: IncomingState): FileTransferError {
  return failure(
    'FILE_TOO_SHORT',
    `Only ${state.receivedBytes} of the ${state.size} bytes of ${nameOf(state)} came: the sender has stopped. Ask for it again.`,
  );
}

function failure(code: ConnectorErrorCode, message: string): FileTransferError {
  return new FileTransferError(code, message);
}
