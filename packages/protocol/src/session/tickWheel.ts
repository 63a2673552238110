import { randomInt } from 'node:crypto';
import type { Clock } from './cover.js';

/** Timers, and the time that they go by. */
export interface TickClock extends Clock {
  /** Monotonic milliseconds. */
  now(): number;
}

/** It is called once per interval, at a phase of its own. */
export interface Ticker {
  /** Called a tenth of the interval before each tick. */
  prepare(): void;
  tick(): void;
  /** So many ticks were dropped, since the event loop stalled. */
  missed(ticks: number): void;
}

/** Phases that tickers are spread over: a timer for each would cost more than their work. */
const SLOTS = 50;

/** `prepare` comes so many slots before `tick`. */
const LEAD_SLOTS = SLOTS / 10;

/** Timers can be early by the rounding of their delay. */
const TOLERANCE_MS = 0.5;

/**
 * Ticks for many connections by one timer. Ticks have fixed times, whatever happens in them; one that is late by more
 * than half an interval is dropped, and never made up for.
 */
export class TickWheel {
  readonly #clock: TickClock;
  readonly #slotMs: number;
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Ticker>());
  #count = 0;
  /** The time of slot 0. Slots are counted on over all turns. */
  #startMs = 0;
  /** The next slot to be visited. */
  #next = 0;
  #timer: unknown;
  #isVisiting = false;

  constructor(clock: TickClock, intervalMs: number) {
    this.#clock = clock;
    this.#slotMs = intervalMs / SLOTS;
  }

  /** Ticks from now on, at a random phase. Returns a function that ends it, which can be called again. */
  add(ticker: Ticker): () => void {
    const slot = this.#slots[randomInt(SLOTS)];
    if (this.#count === 0) {
      this.#startMs = this.#clock.now();
      this.#next = 1;
    }
    slot?.add(ticker);
    this.#count++;
    this.#arm();
    return () => {
      if (slot?.delete(ticker) !== true) return;
      this.#count--;
      if (this.#count === 0) this.#disarm();
    };
  }

  /** The next visit may be earlier than the timer that is set. */
  #arm(): void {
    this.#disarm();
    if (this.#count === 0 || this.#isVisiting) return;
    let slot = this.#next;
    while (this.#at(slot).size === 0 && this.#at(slot + LEAD_SLOTS).size === 0) slot++;
    const waitMs = Math.max(0, this.#timeOf(slot) - this.#clock.now());
    this.#timer = this.#clock.setTimeout(() => this.#run(), waitMs);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    const now = this.#clock.now();
    this.#isVisiting = true;
    this.#skipTurns(now);
    while (this.#count > 0 && this.#timeOf(this.#next) <= now + TOLERANCE_MS) this.#visit(this.#next++, now);
    this.#isVisiting = false;
    this.#arm();
  }

  #visit(slot: number, now: number): void {
    const isLate = now - this.#timeOf(slot) > (SLOTS / 2) * this.#slotMs;
    for (const ticker of this.#at(slot)) {
      if (isLate) ticker.missed(1);
      else ticker.tick();
    }
    for (const ticker of this.#at(slot + LEAD_SLOTS)) ticker.prepare();
  }

  /** After a long stall, as of a computer that slept: all but the last turns at once. */
  #skipTurns(now: number): void {
    const turns = Math.floor((now - this.#timeOf(this.#next)) / (SLOTS * this.#slotMs)) - 1;
    if (turns < 1) return;
    this.#next += turns * SLOTS;
    for (const slot of this.#slots) for (const ticker of slot) ticker.missed(turns);
  }

  #at(slot: number): ReadonlySet<Ticker> {
    return this.#slots[slot % SLOTS] ?? NONE;
  }

  #timeOf(slot: number): number {
    return this.#startMs + slot * this.#slotMs;
  }
}

const NONE: ReadonlySet<Ticker> = new Set();
