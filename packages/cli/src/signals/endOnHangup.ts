/** Ends the chat when its terminal is closed (SIGHUP). */
export class Hangup {
  #isHungUp = false;
  readonly #onSignal: () => void;

  /** `stop` is aborted at SIGHUP. */
  constructor(stop: AbortController) {
    this.#onSignal = () => {
      this.#isHungUp = true;
      stop.abort();
    };
    process.on('SIGHUP', this.#onSignal);
  }

  /** Ends the process by SIGHUP: an ordinary exit resets the terminal, and Node aborts when it is gone. */
  endIfHungUp(): void {
    if (!this.#isHungUp) return;
    process.off('SIGHUP', this.#onSignal);
    process.kill(process.pid, 'SIGHUP');
  }
}
