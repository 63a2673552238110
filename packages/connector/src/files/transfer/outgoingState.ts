import type { ServerMessage } from '@quietroom/protocol';
import { FileTransferError } from '../../errors.js';
import type { FileStage } from './progress.js';
import type { Step } from './stateMachine.js';

/** Servers forget an offer that is not accepted within 5 minutes; they tell so a little later than that. */
export const EXPIRY_MS = 310_000;

/** One server begins 0.1 s after the acceptance, another when the recipient is done with another file. */
export const BEGIN_MS = 660_000;

/** The rest may wait for a slow recipient until the server's own limit of 10 minutes ends it. */
export const END_MS = 660_000;

/** How far apart an acceptance and the server's `BEGIN_SEND` may be when the transfer is to be ended between them. */
export const BEGIN_AFTER_STOP_MS = 1000;

/** Our server gives this reason when it cancels a file above its limit. */
const TOO_LARGE = 'the file is larger than this server allows';

/** A file to send. Name and hash are known once the source is open. */
export interface OutgoingFacts {
  readonly recipient: string;
  /** Safe to be sent. */
  readonly name: string;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
  readonly answerTimeoutMs: number;
  readonly fileTimeoutMs: number;
}

/**
 * The phases of a file that is sent:
 *
 * - `hashing`: the source is being opened, and read for its hash
 * - `queued`: other files come first
 * - `preparing`: the server is asked what it can do
 * - `asking`: the server has been asked to offer it
 * - `offered`: the recipient has not answered
 * - `accepted`: the server has not let it begin
 * - `reading`: the next bytes of the source are awaited
 * - `sending`: the connection has not taken those bytes
 * - `ended`: all has been sent; the server has not passed it on
 *
 * When it has failed, the server is left without an open offer or transfer:
 *
 * - `recalling`: the answer to the offer is awaited, so that it can be withdrawn
 * - `withdrawing`: the server has been asked to withdraw it
 * - `stopping`: accepted, it can be ended only once the server has let it begin
 * - `ending`: it was ended early, and the server has not confirmed that
 * - `over`
 */
export interface OutgoingState {
  readonly phase:
    | 'hashing'
    | 'queued'
    | 'preparing'
    | 'asking'
    | 'offered'
    | 'accepted'
    | 'reading'
    | 'sending'
    | 'ended'
    | 'recalling'
    | 'withdrawing'
    | 'stopping'
    | 'ending'
    | 'over';
  readonly file: OutgoingFacts;
  readonly deadlineMs: number | undefined;
  /** The transfer's ID, once it is offered. */
  readonly id: string | undefined;
  readonly startedAtMs: number;
}

export type OutgoingEvent =
  | { readonly type: 'begin' }
  /** Bytes of the source have been read for its hash. */
  | { readonly type: 'hashed' }
  | { readonly type: 'opened'; readonly name: string; readonly sha256: string; readonly size: number }
  | { readonly type: 'turn' }
  | { readonly type: 'prepared' }
  | { readonly type: 'offered'; readonly id: string }
  /** The server does not offer it, or did not answer. */
  | { readonly type: 'refused'; readonly error: unknown }
  | { readonly type: 'accepted' }
  /** The server lets it begin. */
  | { readonly type: 'begun' }
  /** Bytes have been read from the source. */
  | { readonly type: 'read'; readonly bytes: Uint8Array }
  /** The source is at its end. */
  | { readonly type: 'readAll' }
  /** The connection has taken some of what was sent. */
  | { readonly type: 'moved' }
  /** There is room for more. */
  | { readonly type: 'sent' }
  /** The server has passed on all. */
  | { readonly type: 'completed' }
  /** The server has answered the withdrawal, or cannot be asked. */
  | { readonly type: 'withdrawn' }
  /** The source, a question or the connection fails, or the caller gives it up. */
  | { readonly type: 'failed'; readonly error: unknown }
  /** The server says that it is over, and why. */
  | { readonly type: 'settled'; readonly error: Error }
  | { readonly type: 'lost'; readonly error: Error };

export type OutgoingEffect =
  | { readonly type: 'openSource' }
  | { readonly type: 'enqueue' }
  | { readonly type: 'prepare' }
  | { readonly type: 'offer' }
  | { readonly type: 'withdraw'; readonly id: string }
  | { readonly type: 'stage'; readonly stage: FileStage; readonly size?: number }
  | { readonly type: 'sendStart' }
  | { readonly type: 'read' }
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  | { readonly type: 'sendEnd' }
  /** A start, if none went out, and an end, so that the recipient sees at once that it is not whole. */
  | { readonly type: 'sendEarlyEnd'; readonly isStarted: boolean }
  | { readonly type: 'resolve'; readonly ms: number }
  | { readonly type: 'reject'; readonly error: unknown }
  /** The next file can go. */
  | { readonly type: 'release' };

type OutgoingStep = Step<OutgoingState, OutgoingEffect>;

export function outgoingFile(file: OutgoingFacts): OutgoingState {
  return { phase: 'hashing', file, deadlineMs: undefined, id: undefined, startedAtMs: 0 };
}

/** Turns a message of the server into an event of this file; undefined when it is not about it. */
export function outgoingEvent(state: OutgoingState, message: ServerMessage): OutgoingEvent | undefined {
  const { recipient, sha256 } = state.file;
  const isOpen = state.id !== undefined && state.phase !== 'over';
  switch (message.type) {
    case 'fileOffered': {
      const isAwaited = state.phase === 'asking' || state.phase === 'recalling';
      return isAwaited && message.name === recipient ? { type: 'offered', id: message.id } : undefined;
    }
    case 'fileAcceptedBy':
      return isOpen && message.id === state.id ? { type: 'accepted' } : undefined;
    case 'beginSend':
      // It comes without an ID. One for a file that is not on offer is never obeyed, nor is one that comes again.
      return isOpen && message.sha256.toLowerCase() === sha256 ? { type: 'begun' } : undefined;
    case 'fileDeclinedBy':
      if (!isOpen || message.id !== state.id) return undefined;
      return settled('FILE_DECLINED', `${recipientOf(state)} declined ${nameOf(state)}.`);
    case 'fileExpired':
      if (!isOpen || !isUnanswered(state)) return undefined;
      return settled('FILE_EXPIRED', `${recipientOf(state)} did not accept ${nameOf(state)} in time.`);
    case 'transferCancelled':
      return isOpen && message.id === state.id ? cancelled(state, message.text) : undefined;
    case 'fileCancelled':
      // That reason is for recipients.
      return isOpen && message.text !== 'sender disconnected' ? cancelled(state, message.text) : undefined;
    case 'fileSendTimedOut':
      if (!isOpen) return undefined;
      return settled(
        'FILE_TIMED_OUT',
        `${nameOf(state)} was not through within the time that the server allows.`,
      );
    case 'fileSent':
      return hasStarted(state) || state.phase === 'ending' ? { type: 'completed' } : undefined;
    default:
      return undefined;
  }
}

export function updateOutgoing(
  state: OutgoingState,
  event: OutgoingEvent | { readonly type: 'late' },
  nowMs: number,
): OutgoingStep {
  const { phase, file } = state;
  if (phase === 'over') return step(state);
  const idleMs = nowMs + file.fileTimeoutMs;
  switch (event.type) {
    case 'begin':
      return step(
        { ...state, deadlineMs: idleMs },
        { type: 'stage', stage: 'hashing' },
        { type: 'openSource' },
      );
    case 'hashed':
      return phase === 'hashing' ? step({ ...state, deadlineMs: idleMs }) : step(state);
    case 'opened': {
      if (phase !== 'hashing') return step(state);
      const opened = { ...file, name: event.name, sha256: event.sha256 };
      return step(
        { ...state, phase: 'queued', file: opened, deadlineMs: undefined },
        { type: 'stage', stage: 'waiting', size: event.size },
        { type: 'enqueue' },
      );
    }
    case 'turn':
      if (phase !== 'queued') return step(state);
      return step({ ...state, phase: 'preparing' }, { type: 'prepare' });
    case 'prepared':
      if (phase !== 'preparing') return step(state);
      return step({ ...state, phase: 'asking' }, { type: 'offer' });
    case 'offered':
      return onOffered(state, event.id, nowMs);
    case 'refused':
      if (phase === 'recalling') return finish(state);
      return phase === 'asking' ? finish(state, { type: 'reject', error: event.error }) : step(state);
    case 'accepted':
      return onAccepted(state, nowMs);
    case 'begun':
      return onBegun(state, nowMs);
    case 'read':
      if (phase !== 'reading') return step(state);
      return step({ ...state, phase: 'sending', deadlineMs: idleMs }, { type: 'send', bytes: event.bytes });
    case 'readAll':
      if (phase !== 'reading') return step(state);
      return step({ ...state, phase: 'ended', deadlineMs: nowMs + END_MS }, { type: 'sendEnd' });
    case 'moved':
      return phase === 'sending' ? step({ ...state, deadlineMs: idleMs }) : step(state);
    case 'sent':
      if (phase !== 'sending') return step(state);
      return step({ ...state, phase: 'reading', deadlineMs: idleMs }, { type: 'read' });
    case 'completed':
      return onCompleted(state, nowMs);
    case 'withdrawn':
      return phase === 'withdrawing' ? finish(state) : step(state);
    case 'failed':
      return fail(state, event.error, nowMs);
    case 'settled':
    case 'lost':
      return isFailed(state) ? finish(state) : finish(state, { type: 'reject', error: event.error });
    case 'late':
      return onLate(state, nowMs);
  }
}

function onOffered(state: OutgoingState, id: string, nowMs: number): OutgoingStep {
  if (state.phase === 'recalling') return withdraw({ ...state, id });
  if (state.phase !== 'asking') return step(state);
  return step(
    { ...state, phase: 'offered', id, deadlineMs: nowMs + EXPIRY_MS },
    { type: 'stage', stage: 'offered' },
  );
}

function onAccepted(state: OutgoingState, nowMs: number): OutgoingStep {
  // A withdrawal that crossed the acceptance: what was accepted must be ended.
  if (state.phase === 'withdrawing') return stop(state, nowMs);
  if (state.phase !== 'offered') return step(state);
  return step({ ...state, phase: 'accepted', deadlineMs: nowMs + BEGIN_MS });
}

function onBegun(state: OutgoingState, nowMs: number): OutgoingStep {
  switch (state.phase) {
    case 'offered':
    case 'accepted':
      return step(
        { ...state, phase: 'sending', startedAtMs: nowMs, deadlineMs: nowMs + state.file.fileTimeoutMs },
        { type: 'stage', stage: 'transferring' },
        { type: 'sendStart' },
      );
    case 'withdrawing':
    case 'stopping':
      return end(state, nowMs, false);
    default:
      return step(state);
  }
}

function onCompleted(state: OutgoingState, nowMs: number): OutgoingStep {
  if (state.phase === 'ending') return finish(state);
  // Before the end went out, it is about the file before this one.
  if (state.phase !== 'ended') return step(state);
  return finish(state, { type: 'stage', stage: 'done' }, { type: 'resolve', ms: nowMs - state.startedAtMs });
}

/** The one way from any phase to the cleanup that it needs. */
function fail(state: OutgoingState, error: unknown, nowMs: number): OutgoingStep {
  if (isFailed(state)) return step(state);
  const { state: next, effects } = cleanUp(state, nowMs);
  return step(next, { type: 'reject', error }, ...effects);
}

function cleanUp(state: OutgoingState, nowMs: number): OutgoingStep {
  switch (state.phase) {
    case 'asking':
      return step({ ...state, phase: 'recalling', deadlineMs: nowMs + state.file.answerTimeoutMs });
    case 'offered':
      return withdraw(state);
    case 'accepted':
      return stop(state, nowMs);
    case 'reading':
    case 'sending':
      return end(state, nowMs, true);
    case 'ended':
      return step({ ...state, phase: 'ending', deadlineMs: nowMs + state.file.answerTimeoutMs });
    default:
      return finish(state);
  }
}

function withdraw(state: OutgoingState): OutgoingStep {
  // An offer that was made has an ID.
  const { id = '' } = state;
  return step({ ...state, phase: 'withdrawing', deadlineMs: undefined }, { type: 'withdraw', id });
}

function stop(state: OutgoingState, nowMs: number): OutgoingStep {
  return step({ ...state, phase: 'stopping', deadlineMs: nowMs + BEGIN_AFTER_STOP_MS });
}

function end(state: OutgoingState, nowMs: number, isStarted: boolean): OutgoingStep {
  return step(
    { ...state, phase: 'ending', deadlineMs: nowMs + state.file.answerTimeoutMs },
    { type: 'sendEarlyEnd', isStarted },
  );
}

function finish(state: OutgoingState, ...effects: readonly OutgoingEffect[]): OutgoingStep {
  return step({ ...state, phase: 'over', deadlineMs: undefined }, ...effects, { type: 'release' });
}

function onLate(state: OutgoingState, nowMs: number): OutgoingStep {
  const seconds = state.file.fileTimeoutMs / 1000;
  const name = nameOf(state);
  const recipient = recipientOf(state);
  switch (state.phase) {
    case 'hashing':
    case 'reading': {
      const text = `The source of ${name} gave nothing for ${seconds} s. Look at what it reads from, and send it again.`;
      return fail(state, new FileTransferError('FILE_SOURCE_FAILED', text), nowMs);
    }
    case 'offered': {
      const text = `${recipient} did not accept ${name} in time, and the server did not say so.`;
      return fail(state, new FileTransferError('FILE_EXPIRED', text), nowMs);
    }
    case 'accepted': {
      const text = `${recipient} accepted ${name}, but the server does not let it begin.`;
      return fail(state, timedOut(text), nowMs);
    }
    case 'sending': {
      const text = `Nothing of the file went out for ${seconds} s: the recipient or the server does not take it. Try again later.`;
      return fail(state, timedOut(text), nowMs);
    }
    case 'ended': {
      const text = `All of ${name} went out, but the server has not said that it is through.`;
      return fail(state, timedOut(text), nowMs);
    }
    case 'stopping':
      return end(state, nowMs, false);
    case 'recalling':
    case 'ending':
      return finish(state);
    default:
      return step(state);
  }
}

function isFailed({ phase }: OutgoingState): boolean {
  return ['recalling', 'withdrawing', 'stopping', 'ending', 'over'].includes(phase);
}

function hasStarted({ phase }: OutgoingState): boolean {
  return phase === 'reading' || phase === 'sending' || phase === 'ended';
}

function isUnanswered({ phase }: OutgoingState): boolean {
  return phase === 'offered' || phase === 'withdrawing';
}

function step(state: OutgoingState, ...effects: readonly OutgoingEffect[]): OutgoingStep {
  return { state, effects };
}

function recipientOf({ file }: OutgoingState): string {
  return JSON.stringify(file.recipient);
}

function nameOf({ file }: OutgoingState): string {
  return JSON.stringify(file.name);
}

function cancelled(state: OutgoingState, why: string): OutgoingEvent {
  if (why === TOO_LARGE) {
    return settled('FILE_TOO_LARGE', `${nameOf(state)} is larger than this server allows. Send it in parts.`);
  }
  return settled('FILE_CANCELLED', `The transfer of ${nameOf(state)} was cancelled: ${JSON.stringify(why)}.`);
}

function settled(
  code: 'FILE_TOO_LARGE' | 'FILE_DECLINED' | 'FILE_EXPIRED' | 'FILE_CANCELLED' | 'FILE_TIMED_OUT',
  message: string,
): OutgoingEvent {
  return { type: 'settled', error: new FileTransferError(code, message) };
}

function timedOut(message: string): FileTransferError {
  return new FileTransferError('FILE_TIMED_OUT', message);
}
