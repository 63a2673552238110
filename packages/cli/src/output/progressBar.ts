import type { FileProgress, FileStage } from 'quietroom-connector';

/** The output for a bar, which is drawn only on a terminal. */
export interface BarOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const WHAT: Readonly<Record<FileStage, string>> = {
  hashing: 'Reading',
  waiting: 'Waiting',
  offered: 'Offered; waiting until it is accepted',
  transferring: 'Sending',
  done: 'Sent',
};

const BAR_COLUMNS = 30;
const FALLBACK_COLUMNS = 80;

const CLEAR_LINE = '\r\x1b[K';

/** A progress bar in one terminal line. */
export class ProgressBar {
  readonly #output: BarOutput;
  #isShown = false;

  constructor(output: BarOutput) {
    this.#output = output;
  }

  show(progress: FileProgress): void {
    if (this.#output.isTTY !== true) return;
    this.#isShown = true;
    const columns = this.#output.columns ?? FALLBACK_COLUMNS;
    this.#output.write(CLEAR_LINE + barText(progress).slice(0, columns - 1));
  }

  /** Removes the bar. */
  clear(): void {
    if (this.#isShown) this.#output.write(CLEAR_LINE);
    this.#isShown = false;
  }
}

/** `Sending [######                        ]  20 %  2.0 of 10.0 MB`. */
export function barText({ stage, bytes, totalBytes }: FileProgress): string {
  const what = WHAT[stage];
  if (stage === 'waiting' || stage === 'offered' || totalBytes === undefined) return `${what} ...`;
  const part = Math.min(1, bytes / totalBytes);
  const filled = Math.round(part * BAR_COLUMNS);
  const bar = '#'.repeat(filled).padEnd(BAR_COLUMNS);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  return `${what} [${bar}] ${percent} %  ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
