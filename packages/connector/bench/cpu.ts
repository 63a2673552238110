import type { Load } from './jobs.js';

/** Counts messages; measures the CPU time of this process from the end of the warm-up to the last one. */
export class CpuMeter {
  readonly #load: Load;
  readonly #done: (cpuMicroseconds: number) => void;
  #count = 0;
  #start: NodeJS.CpuUsage | undefined;

  constructor(load: Load, done: (cpuMicroseconds: number) => void) {
    this.#load = load;
    this.#done = done;
  }

  count(): void {
    this.#count++;
    if (this.#count === this.#load.warmUp) this.#start = process.cpuUsage();
    if (this.#count === this.#load.warmUp + this.#load.messages) {
      const { user, system } = process.cpuUsage(this.#start);
      this.#done(user + system);
    }
  }
}
