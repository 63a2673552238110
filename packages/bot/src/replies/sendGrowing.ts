import type { Clock, Receipt } from 'quietroom-connector';
import { completeLength } from './sentences.js';

/** The pause after a message before the next one of the same reply, in milliseconds. */
const PAUSE_MS = 1000;

/** Text that may wait to be sent before reading pauses, in characters. */
const MAX_WAITING = 65_536;

/**
 * Sends a text as it grows: the first complete sentence at once, then about every second what is complete, and at the
 * end the rest. Aborting the signal ends it, and the iterator.
 *
 * @returns one receipt for each message
 */
export async function sendGrowing(
  chunks: AsyncIterable<string>,
  send: (text: string) => Promise<Receipt>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Receipt[]> {
  const sender = new GrowingReply(send, clock);
  const iterator = chunks[Symbol.asyncIterator]();
  const aborted = abortOf(signal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), sender.failed, aborted.promise]);
      if (next.done === true) break;
      const room = sender.add(next.value);
      if (room) await Promise.race([room, sender.failed, aborted.promise]);
    }
    return await Promise.race([sender.end(), aborted.promise]);
  } catch (error) {
    sender.stop();
    // Not awaited: an iterator that hangs in next() would hang here, too.
    iterator.return?.().catch(() => {});
    throw error;
  } finally {
    aborted.forget();
  }
}

/** Collects a growing text and sends it at the ends of sentences. */
class GrowingReply {
  readonly #send: (text: string) => Promise<Receipt>;
  readonly #clock: Clock;
  readonly #receipts: Receipt[] = [];
  readonly #fail: (error: unknown) => void;
  /** Rejects when sending fails; never resolves. */
  readonly failed: Promise<never>;
  #text = '';
  #sending: Promise<void> | undefined;
  #timer: unknown;

  constructor(send: (text: string) => Promise<Receipt>, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
    const { promise, reject } = rejectable();
    this.failed = promise;
    this.#fail = reject;
  }

  /** Returns a promise to wait for before the next call when much text waits. */
  add(chunk: string): Promise<void> | undefined {
    this.#text += chunk;
    if (this.#sending === undefined && this.#timer === undefined) this.#sendComplete();
    return this.#text.length > MAX_WAITING ? this.#sending : undefined;
  }

  async end(): Promise<Receipt[]> {
    this.stop();
    await this.#sending;
    const rest = this.#text.trim();
    this.#text = '';
    if (rest !== '') this.#receipts.push(await this.#send(rest));
    return this.#receipts;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sendComplete(): void {
    const length = completeLength(this.#text);
    const complete = this.#text.slice(0, length).trim();
    this.#text = this.#text.slice(length);
    if (complete === '') return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#sending === undefined) this.#sendComplete();
    }, PAUSE_MS);
    this.#sending = this.#sendPart(complete);
  }

  async #sendPart(text: string): Promise<void> {
    try {
      this.#receipts.push(await this.#send(text));
      this.#sending = undefined;
      if (this.#timer === undefined) this.#sendComplete();
    } catch (error) {
      this.#fail(error);
    }
  }
}

function abortOf(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  const { promise, reject } = rejectable();
  const onAbort = (): void => reject(signal?.reason);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return { promise, forget: () => signal?.removeEventListener('abort', onAbort) };
}

/** A promise that never resolves; its rejection need not be handled. */
function rejectable(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  const rejects: ((reason: unknown) => void)[] = [];
  const promise = new Promise<never>((_, reject) => rejects.push(reject));
  promise.catch(() => {});
  return { promise, reject: (reason) => rejects.forEach((reject) => reject(reason)) };
}
