/** The terminal is gone, or somebody asks for the end as if it were. */
export class Hangup {
  #isHungUp = false;
  readonly #onSignal: () => void;

  /** `stop` is aborted then. */
  constructor(stop: AbortController) {
    this.#onSignal = () => {
      this.#isHungUp = true;
      stop.abort();
    };
    process.on('SIGHUP', this.#onSignal);
  }

  /** Ends the process as SIGHUP does: an ordinary end would reset the terminal, and Node aborts without one. */
  endIfHungUp(): void {
    if (!this.#isHungUp) return;
    process.off('SIGHUP', this.#onSignal);
    process.kill(process.pid, 'SIGHUP');
  }
}
