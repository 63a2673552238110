import { closeSync, openSync } from 'node:fs';

/**
 * SIGHUP has two meanings: an operator asks the server to read its configuration again, or the terminal that it
 * runs in is gone. Neither ends the process at once. A request that comes before there is somebody to hear it
 * waits.
 */
export class Hangup {
  readonly #hadTerminal = hasTerminal();
  readonly #stop: AbortController;
  #callback: (() => void) | undefined;
  #isPending = false;

  /** `stop` is aborted when the terminal is gone. */
  constructor(stop: AbortController) {
    this.#stop = stop;
    process.on('SIGHUP', () => {
      if (this.isTerminalGone) this.#stop.abort();
      else if (this.#callback) this.#callback();
      else this.#isPending = true;
    });
  }

  /** To be called at each request, now if there was one already. */
  onRequest(callback: () => void): void {
    this.#callback = callback;
    if (this.#isPending) callback();
    this.#isPending = false;
  }

  get isTerminalGone(): boolean {
    return this.#hadTerminal && !hasTerminal();
  }

  /** Ends the process as SIGHUP does: an ordinary end would reset the terminal, and Node aborts without one. */
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
