import { Session, type HeapProfiler } from 'node:inspector';
import type { Load } from './jobs.js';

/** A sample for every so many allocated bytes, on average. */
const SAMPLE_EVERY_BYTES = 16_384;

/**
 * Counts messages. From the end of the warm-up to the last message it measures the CPU time of this process in
 * microseconds, or, with `sampleAllocations`, an estimate of the bytes allocated on the JavaScript heap.
 */
export class Meter {
  readonly #load: Load;
  readonly #done: (measured: number) => void;
  #count = 0;
  #cpuAtStart: NodeJS.CpuUsage | undefined;
  #sampling: Session | undefined;

  constructor(load: Load, done: (measured: number) => void) {
    this.#load = load;
    this.#done = done;
  }

  count(): void {
    this.#count++;
    if (this.#count === this.#load.warmUp) this.#start();
    if (this.#count === this.#load.warmUp + this.#load.messages) this.#end();
  }

  #start(): void {
    if (this.#load.sampleAllocations !== true) {
      this.#cpuAtStart = process.cpuUsage();
      return;
    }
    this.#sampling = new Session();
    this.#sampling.connect();
    // The last two are missing from Node's types.
    const parameters: HeapProfiler.StartSamplingParameterType & Record<string, unknown> = {
      samplingInterval: SAMPLE_EVERY_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    };
    this.#sampling.post('HeapProfiler.startSampling', parameters);
  }

  #end(): void {
    if (this.#sampling === undefined) {
      const { user, system } = process.cpuUsage(this.#cpuAtStart);
      this.#done(user + system);
      return;
    }
    this.#sampling.post('HeapProfiler.stopSampling', (error, result) => {
      if (error) throw error;
      this.#done(bytesIn(result.profile.head));
    });
  }
}

function bytesIn(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.children.reduce((sum, child) => sum + bytesIn(child), node.selfSize);
}
