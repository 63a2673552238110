import type { Channel } from './channel.js';
import type { Cover } from './cover.js';
import type { Ticker, TickWheel } from './tickWheel.js';

/** Counts of a steady connection. */
export interface CellCounts {
  /** Cells that were sent, with cover. */
  readonly cells: number;
  /** Those of them that were cover. */
  readonly coverCells: number;
  /** Ticks without a cell: the event loop stalled, or the network did not take the cell before. */
  readonly missedTicks: number;
}

/**
 * One cell per tick: a packet that waits if there is one, else cover. A cell is built before its tick and written on
 * it, so that the time of the write does not depend on what is in it.
 */
export class SteadyCover implements Cover, Ticker {
  #wheel: TickWheel;
  readonly #channel: Pick<Channel, 'pace' | 'unpace' | 'buildCell' | 'writeCell'>;
  readonly #fill: () => void;
  #leave: (() => void) | undefined;
  #cells = 0;
  #coverCells = 0;
  /** The cell that was built is cover. */
  #isFilled = false;
  #missedTicks = 0;

  /** `fill` sends a packet of one cell through the channel, and does not throw. */
  constructor(
    wheel: TickWheel,
    channel: Pick<Channel, 'pace' | 'unpace' | 'buildCell' | 'writeCell'>,
    fill: () => void,
  ) {
    this.#wheel = wheel;
    this.#channel = channel;
    this.#fill = () => {
      this.#isFilled = true;
      fill();
    };
  }

  get counts(): CellCounts {
    return { cells: this.#cells, coverCells: this.#coverCells, missedTicks: this.#missedTicks };
  }

  get isRunning(): boolean {
    return this.#leave !== undefined;
  }

  start(): void {
    this.#channel.pace();
    this.#leave ??= this.#wheel.add(this);
  }

  finish(): void {
    // Messages that wait need their ticks; a channel that ends takes no cover.
  }

  stop(): void {
    if (this.#leave === undefined) return;
    this.#leave();
    this.#leave = undefined;
    this.#channel.unpace();
  }

  /** Goes on with the ticks of another wheel, and lets nothing out meanwhile. */
  moveTo(wheel: TickWheel): void {
    if (wheel === this.#wheel) return;
    this.#wheel = wheel;
    if (this.#leave === undefined) return;
    this.#leave();
    this.#leave = wheel.add(this);
  }

  prepare(): void {
    this.#channel.buildCell(this.#fill);
  }

  tick(): void {
    this.#channel.buildCell(this.#fill);
    if (!this.#channel.writeCell()) {
      this.#missedTicks++;
      return;
    }
    this.#cells++;
    if (this.#isFilled) this.#coverCells++;
    this.#isFilled = false;
  }

  missed(ticks: number): void {
    this.#missedTicks += ticks;
  }
}
