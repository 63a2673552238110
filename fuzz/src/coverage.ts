import { Session, type Profiler } from 'node:inspector';

/** Which code of our packages has run, by V8's precise coverage. */
export class Coverage {
  readonly #session = new Session();
  /** By script: 1 for each character of it that has run. */
  readonly #covered = new Map<string, Uint8Array>();
  /** Blocks that were seen to run. */
  readonly #blocks = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get blockCount(): number {
    return this.#blocks.size;
  }

  get characterCount(): number {
    let count = 0;
    for (const covered of this.#covered.values()) for (const bit of covered) count += bit;
    return count;
  }

  /** Whether code has run since the last call that is not noted as covered; with `isNoted`, it is from here on. */
  hasGrown(isNoted: boolean): boolean {
    let hasGrown = false;
    // Commands of an inspector in the same process are answered before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error) throw error;
      for (const script of result) {
        if (!/\/packages\/[a-z]+\/dist\//.test(script.url)) continue;
        for (const { ranges } of script.functions)
          hasGrown = this.#add(script.url, ranges, isNoted) || hasGrown;
      }
    });
    return hasGrown;
  }

  close(): void {
    this.#session.disconnect();
  }

  /** The first range is that of the function; the others lie in it, and in each other. */
  #add(url: string, ranges: readonly Profiler.CoverageRange[], isNoted: boolean): boolean {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return false;
    const ran = new Uint8Array(whole.endOffset - whole.startOffset);
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
      if (count > 0 && isNoted) this.#blocks.add(`${url}:${startOffset}-${endOffset}`);
    }
    const covered = this.#coveredOf(url, whole.endOffset);
    let hasGrown = false;
    for (let at = 0; at < ran.length; at++) {
      if (ran[at] === 0 || covered[whole.startOffset + at] === 1) continue;
      if (isNoted) covered[whole.startOffset + at] = 1;
      hasGrown = true;
    }
    return hasGrown;
  }

  #coveredOf(url: string, length: number): Uint8Array {
    const known = this.#covered.get(url) ?? new Uint8Array();
    if (known.length >= length) return known;
    const longer = new Uint8Array(length);
    longer.set(known);
    this.#covered.set(url, longer);
    return longer;
  }
}
