import { Fifo } from '@quietroom/protocol/internals';
import type { TurnScheduler, Turns } from '../turns/turnScheduler.js';
import { COST } from '../turns/costs.js';
import { PauseCounter, type Flow } from './pauseCounter.js';

/** What a kept record costs beside its bytes: a Buffer with memory of its own. */
const RECORD_BYTES = 256;

/** What a decoded request that waits costs beside its bytes. */
const REQUEST_BYTES = 512;

export interface InputHandlers<T> {
  /** Decodes a record, and adds its requests. Returns the cost. */
  decode(record: Uint8Array): number;
  /** Milliseconds for which the next request must wait, usually 0. */
  delayMs(request: T): number;
  /** Handles a request and returns its cost. May block. */
  handle(request: T): number;
  /** The most bytes to keep; then the client is not read until they are half. */
  mostBytes(): number;
  /** `bytes` more or, below 0, fewer are kept. */
  kept(bytes: number): void;
}

/**
 * What a client has sent and the server has not handled. It is kept, so that a client is read also while its requests
 * wait: a client that writes with a short time limit would fail otherwise. Only past a limit is it not read.
 */
export class ClientInput<T extends { readonly bytes: Uint8Array }> {
  readonly #handlers: InputHandlers<T>;
  readonly #scheduler: TurnScheduler;
  readonly #turns: Turns;
  readonly #reading: PauseCounter;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #records = new Fifo<Uint8Array>();
  readonly #requests = new Fifo<T>();
  #bytes = 0;
  #blocks = 0;
  #isFull = false;
  /** The delay of the first request is over. */
  #isAdmitted = false;
  #isClosed = false;
  #whenIdle: (() => void) | undefined;

  constructor(
    scheduler: TurnScheduler,
    source: Flow,
    wait: (ms: number) => Promise<void>,
    handlers: InputHandlers<T>,
  ) {
    this.#scheduler = scheduler;
    this.#reading = new PauseCounter(source);
    this.#wait = wait;
    this.#handlers = handlers;
    this.#turns = scheduler.add(() => this.#work());
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  addRecord(record: Uint8Array): void {
    if (this.#isClosed) return;
    this.#scheduler.spend(COST.record);
    this.#records.add(record);
    this.#keep(record.length + RECORD_BYTES);
    if (!this.#scheduler.read(record.length, this.#resume)) this.#reading.pause();
    this.#turns.wake();
  }

  /** To be called by `decode`. */
  addRequest(request: T): void {
    this.#requests.add(request);
    this.#keep(request.bytes.length + REQUEST_BYTES);
  }

  /** Handles nothing until `unblock`, which must be called as often. */
  block(): void {
    this.#blocks++;
  }

  unblock(): void {
    if (--this.#blocks === 0 && !this.#isClosed) this.#turns.wake();
  }

  /** Handles nothing for so many milliseconds. */
  blockFor(ms: number): void {
    if (ms === 0) return;
    this.block();
    void this.#wait(ms).then(() => this.unblock());
  }

  /** Calls back when all input so far is handled. */
  whenIdle(callback: () => void): void {
    this.#whenIdle = callback;
    this.#turns.wake();
  }

  /** Drops what is kept, and all that comes: the client is read so that it can read the last messages. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    while (this.#records.take());
    while (this.#requests.take());
    this.#turns.end();
    this.#handlers.kept(-this.#bytes);
    this.#bytes = 0;
    this.#reading.release();
  }

  #work(): number {
    if (this.#blocks > 0 || this.#isClosed) return 0;
    const request = this.#requests.first;
    if (request !== undefined) return this.#workOn(request);
    const record = this.#records.take();
    if (record !== undefined) {
      this.#keep(-record.length - RECORD_BYTES);
      return this.#handlers.decode(record);
    }
    const callback = this.#whenIdle;
    this.#whenIdle = undefined;
    callback?.();
    return 0;
  }

  #workOn(request: T): number {
    if (!this.#isAdmitted) {
      this.#isAdmitted = true;
      const ms = this.#handlers.delayMs(request);
      if (ms > 0) {
        this.blockFor(ms);
        return COST.record;
      }
    }
    this.#isAdmitted = false;
    this.#requests.take();
    this.#keep(-request.bytes.length - REQUEST_BYTES);
    return this.#handlers.handle(request);
  }

  #keep(bytes: number): void {
    this.#bytes += bytes;
    this.#handlers.kept(bytes);
    const most = this.#handlers.mostBytes();
    if (!this.#isFull && this.#bytes > most) {
      this.#isFull = true;
      this.#reading.pause();
    } else if (this.#isFull && this.#bytes <= most / 2) {
      this.#isFull = false;
      this.#reading.resume();
    }
  }

  readonly #resume = (): void => {
    if (!this.#isClosed) this.#reading.resume();
  };
}
