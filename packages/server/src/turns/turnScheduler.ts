import { COST } from './costs.js';
import { Lanes } from './lanes.js';

/** Costs of a turn are in the units of `COST`, microseconds. */
const INPUT_COST = 4000;
const WRITE_COST = 4000;

/** Input is handled at this rate at least, while handshakes or writes use up the turn. */
const LEAST_INPUT_COST = 500;

/**
 * Work costs more than estimated while code is not compiled yet or the machine is busy: so a turn also ends after this
 * time, in milliseconds. Writes get half of it.
 */
const TURN_MS = 6;
const LEAST_INPUT_MS = LEAST_INPUT_COST / 1000;

/**
 * When writes wait for longer, input does. Until then messages for one client gather into one write, which costs much
 * less than a write for each.
 */
const MOST_TURNS_BEHIND = 16;

/** The share of a client in one round. */
const QUANTUM = 300;

/** A client with less than this to be written is written before those with more. */
const LIGHT_BYTES = 4096;

/** The bytes of TLS records that are read from all clients in one turn. */
const READ_BYTES = 262_144;

/** A source of work. */
export interface Turns {
  /** There is work to be done. */
  wake(): void;
  /** Nothing more is to be done. */
  end(): void;
}

interface Source extends Turns {
  readonly work: () => number;
  /** What it may still cost in this round; below 0 after expensive work. */
  deficit: number;
  /** The turn in which it had nothing more to do. */
  idleSince: number;
  state: 'idle' | 'waiting' | 'ended';
}

/**
 * Divides the turns of the event loop among the clients, so that no turn takes long and no client waits for the work
 * of another.
 *
 * Each turn writes what waits to be written, those with little first, then handles input: clients that had nothing to
 * do before come first, three times of four, the others in rounds, each up to the same cost (deficit round robin, as in fq_codel). What is
 * left is done in the next turn, after the network was polled. Input waits when writes are many turns behind, so that
 * clients cannot cause more than the server can send.
 */
export class TurnScheduler {
  readonly #schedule: (run: () => void) => void;
  readonly #now: () => number;
  /** Clients that had nothing to do before are in the quick lane. */
  readonly #sources = new Lanes<Source>();
  /** A client whose share was not used up when the turn was. */
  #interrupted: Source | undefined;
  /** Clients with little to be written are in the quick lane. */
  readonly #writes = new Lanes<{ readonly write: () => number; readonly since: number }>();
  /** Writes wait for too many turns. */
  #isBehind = false;
  #isScheduled = false;
  #turn = 0;
  #spent = 0;
  #readBytes = 0;
  /** When this turn began to read. */
  #readSince: number | undefined;
  #paused: (() => void)[] = [];

  /**
   * @param schedule - Calls back in the next turn; default: setImmediate.
   * @param now - Milliseconds, by which turns are cut short; default: performance.now.
   */
  constructor(
    schedule: (run: () => void) => void = setImmediate,
    now: () => number = () => performance.now(),
  ) {
    this.#schedule = schedule;
    this.#now = now;
  }

  /** `work` does one piece of work and returns its cost, or 0 when there is nothing to do until `wake`. It must not throw. */
  add(work: () => number): Turns {
    const source: Source = {
      work,
      deficit: QUANTUM,
      idleSince: 0,
      state: 'idle',
      wake: () => {
        if (source.state !== 'idle') return;
        source.state = 'waiting';
        source.deficit = Math.min(QUANTUM, source.deficit + QUANTUM * (this.#turn - source.idleSince));
        if (source.deficit > 0) this.#sources.addQuick(source);
        else this.#sources.addSlow(source);
        this.#wake();
      },
      end: () => {
        source.state = 'ended';
      },
    };
    return source;
  }

  /** Calls `write` in one of the next turns; it returns the bytes that it has written. */
  readonly write = (write: () => number, queuedBytes: number): void => {
    const waiting = { write, since: this.#turn };
    if (queuedBytes <= LIGHT_BYTES) this.#writes.addQuick(waiting);
    else this.#writes.addSlow(waiting);
    this.#wake();
  };

  /** Counts work that was done outside of `work`. */
  spend(cost: number): void {
    this.#spent += cost;
  }

  /** Counts a TLS record. False when enough was read in this turn: then `resume` is called in the next one. */
  read(bytes: number, resume: () => void): boolean {
    this.#readBytes += bytes;
    const now = this.#now();
    this.#readSince ??= now;
    if (this.#readBytes <= READ_BYTES && now - this.#readSince <= TURN_MS / 2) return true;
    this.#paused.push(resume);
    this.#wake();
    return false;
  }

  #wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#turn++;
    const spent = this.#spent;
    this.#spent = 0;
    this.#readBytes = 0;
    const start = this.#readSince ?? this.#now();
    this.#readSince = undefined;
    const paused = this.#paused;
    this.#paused = [];
    for (const resume of paused) resume();
    this.#runWrites(this.#now() + TURN_MS / 2);
    this.#runInput(
      this.#isBehind ? LEAST_INPUT_COST : Math.max(LEAST_INPUT_COST, INPUT_COST - spent),
      Math.max(start + TURN_MS, this.#now() + LEAST_INPUT_MS),
    );
    if (this.#interrupted !== undefined || this.#sources.length + this.#writes.length > 0) this.#wake();
  };

  #runWrites(end: number): void {
    for (let left = WRITE_COST; left > 0 && this.#now() <= end;) {
      const next = this.#writes.take();
      this.#isBehind = next !== undefined && this.#turn - next.since > MOST_TURNS_BEHIND;
      if (next === undefined) return;
      left -= COST.write + (next.write() / 512) * COST.cell;
    }
  }

  #runInput(budget: number, end: number): void {
    for (let left = budget; left > 0 && this.#now() <= end;) {
      const source = this.#interrupted ?? this.#sources.take();
      this.#interrupted = undefined;
      if (source === undefined) return;
      if (source.state === 'ended') continue;
      if (source.deficit > 0) left -= this.#serve(source, left, end);
      else this.#nextRound(source);
    }
  }

  /** Lets a source work until its share or the turn is used up, and returns what that cost. */
  #serve(source: Source, most: number, end: number): number {
    let total = 0;
    while (source.deficit > 0 && total < most && this.#now() <= end) {
      const cost = source.work();
      if (source.state === 'ended') return total + cost;
      if (cost === 0) {
        source.state = 'idle';
        source.idleSince = this.#turn;
        return total;
      }
      source.deficit -= cost;
      total += cost;
    }
    // Below its share only because the turn is over: then it goes on in the next one.
    if (source.deficit > 0) this.#interrupted = source;
    else this.#nextRound(source);
    return total;
  }

  #nextRound(source: Source): void {
    source.deficit += QUANTUM;
    this.#sources.addSlow(source);
  }
}
