/** How long a line of the bridge is recognised in messages of others, and how many are remembered. */
const MEMORY_MS = 10_000;
const MAX_LINES = 2000;

/** Places in a text where a line of the bridge is looked for. */
const MAX_MARKS = 16;

/** The starts of lines that a bridge says: messages, joins and leaves, messages that may have arrived before. */
const STARTS = /[<*]|-- |\(perhaps again\) /g;

/**
 * Tells messages that another bridge has brought back. Two tests: the message ends with a line that this bridge has just
 * said on either side; or it holds the mark that this bridge puts before texts of the same sender, though not at its start. The
 * first spares most copies. The second ends every loop, after one turn: each turn puts that mark before the text.
 */
export class ReturnGuard {
  readonly #now: () => number;
  /** The lines of this bridge and when they were said, oldest first. */
  readonly #said = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes a line that this bridge says. */
  said(line: string): void {
    this.#said.delete(line);
    this.#said.set(line, this.#now());
    for (const [oldest, atMs] of this.#said) {
      if (this.#said.size <= MAX_LINES && this.#now() - atMs < MEMORY_MS) break;
      this.#said.delete(oldest);
    }
  }

  /** `name`: of the sender, as this bridge shows it. */
  isReturned(name: string, text: string): boolean {
    if ([`<${name}> `, `* ${name} `].some((mark) => text.indexOf(mark, 1) > 0)) return true;
    const marks = [...text.matchAll(STARTS)].slice(0, MAX_MARKS);
    return marks.some(({ index }) => {
      const saidAt = this.#said.get(text.slice(index));
      return saidAt !== undefined && this.#now() - saidAt < MEMORY_MS;
    });
  }
}
