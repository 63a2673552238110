import type { QuietRoomConnector, Receipt } from 'quietroom-connector';
import type { Target } from './target.js';
import { TimeUpError, withinSeconds } from './timeLimit.js';

/** The outcome of a direct message to ourselves, which nobody else sees. */
export interface RoundTrip {
  readonly receipt: Receipt;
  /** The parts that came back; fewer than were sent when some are missing. */
  readonly arrived: readonly string[];
}

/** Seconds for a message to come back after the server has accepted it. */
const ARRIVAL_SECONDS = 10;

/** Sends direct messages to ourselves and waits for them, one at a time. */
export class OwnMessages {
  readonly #connector: Pick<QuietRoomConnector, 'sendDm' | 'username'>;
  readonly #target: Pick<Target, 'clock' | 'signal'>;
  #arrived: string[] = [];
  #wake: () => void = () => {};

  constructor(
    connector: Pick<QuietRoomConnector, 'sendDm' | 'username' | 'onDm'>,
    target: Pick<Target, 'clock' | 'signal'>,
  ) {
    this.#connector = connector;
    this.#target = target;
    connector.onDm((_sender, text, { own }) => {
      if (!own) return;
      this.#arrived.push(text);
      this.#wake();
    });
  }

  /** @throws what `sendDm` throws */
  async send(text: string): Promise<RoundTrip> {
    const { signal } = this.#target;
    this.#arrived = [];
    const receipt = await this.#connector.sendDm(this.#connector.username, text, { signal });
    if (receipt.status === 'accepted') await this.#arrival(receipt.parts);
    return { receipt, arrived: this.#arrived };
  }

  async #arrival(parts: number): Promise<void> {
    try {
      await withinSeconds(this.#target, ARRIVAL_SECONDS, async (signal) => {
        while (this.#arrived.length < parts && !signal.aborted) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      });
    } catch (error) {
      if (!(error instanceof TimeUpError)) throw error;
    }
  }
}
