import type { DaemonEvent, NewEvent } from '../protocol/events.js';

export interface EventLogLimits {
  readonly maxEvents: number;
  readonly maxEventBytes: number;
}

/** A part of the log. */
export interface LoggedEvents {
  readonly events: DaemonEvent[];
  /** Events after the given number that are not kept any more. */
  readonly missed: number;
  /** The number of the last event of this part. */
  readonly seq: number;
  readonly isComplete: boolean;
}

/** Numbers events and keeps the last ones. */
export class EventLog {
  readonly #limits: EventLogLimits;
  /** Ordered; those before `#first` are dropped. */
  #events: { readonly event: DaemonEvent; readonly bytes: number }[] = [];
  #first = 0;
  #bytes = 0;
  #seq = 0;

  constructor(limits: EventLogLimits) {
    this.#limits = limits;
  }

  /** The number of the last event; 0 when there was none. */
  get seq(): number {
    return this.#seq;
  }

  add(given: NewEvent): DaemonEvent {
    const event: DaemonEvent = { ...given, seq: ++this.#seq };
    const bytes = Buffer.byteLength(JSON.stringify(event));
    this.#events.push({ event, bytes });
    this.#bytes += bytes;
    this.#dropOldest();
    return event;
  }

  /** Events after a number, oldest first. */
  since(seq: number, limit = Infinity): LoggedEvents {
    const oldest = this.#seq - (this.#events.length - this.#first) + 1;
    const missed = Math.max(0, Math.min(oldest - 1, this.#seq) - seq);
    const from = this.#first + Math.max(0, seq + 1 - oldest);
    const events = this.#events.slice(from, from + limit).map(({ event }) => event);
    const last = events.at(-1)?.seq ?? this.#seq;
    return { events, missed, seq: last, isComplete: last === this.#seq };
  }

  #dropOldest(): void {
    const { maxEvents, maxEventBytes } = this.#limits;
    while (this.#events.length - this.#first > maxEvents || this.#bytes > maxEventBytes) {
      this.#bytes -= this.#events[this.#first]?.bytes ?? 0;
      this.#first++;
    }
    // When half of it is dropped, so that it costs little for each event.
    if (2 * this.#first > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }
}
