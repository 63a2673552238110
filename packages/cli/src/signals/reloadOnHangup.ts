import { closeSync, openSync } from 'node:fs';
import { releaseHangup } from './earlyHangup.js';

/**
 * SIGHUP has two meanings: an operator asks the server to reload its configuration, or the server's terminal
 * was closed. Neither ends the process at once. A reload request that comes before a callback is registered
 * is kept.
 */
export class Hangup {
  readonly #hadTerminal = hasTerminal();
  readonly #stop: AbortController;
  #callback: (() => void) | undefined;
  #isPending = false;

  /** `stop` is aborted when the terminal is closed. */
  constructor(stop: AbortController) {
    this.#stop = stop;
    process.on('SIGHUP', this.#onSignal);
    if (releaseHangup()) this.#onSignal();
  }

  readonly #onSignal = (): void => {
    if (this.isTerminalGone) this.#stop.abort();
    else if (this.#callback) this.#callback();
    else this.#isPending = true;
  };

  /** Registers the callback for reload requests; it is called at once for a request that was kept. */
  onRequest(callback: () => void): void {
    this.#callback = callback;
    if (this.#isPending) callback();
    this.#isPending = false;
  }

  get isTerminalGone(): boolean {
    return this.#hadTerminal && !hasTerminal();
  }

  /** Ends the process by SIGHUP: an ordinary exit resets the terminal, and Node aborts when it is gone. */
  end(): void {
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
