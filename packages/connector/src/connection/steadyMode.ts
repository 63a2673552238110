import { formatClientRequest, type Channel, type Cover, type ServerMessage } from '@quietroom/protocol';
import {
  CELL_DATA_BYTES,
  SteadyCover,
  TickWheel,
  type CellCounts,
  type TickClock,
} from '@quietroom/protocol/internals';
import type { SteadyConfig } from '../options/coverOptions.js';
import { AnsweredCover } from './answeredCover.js';

/** Asks a server for its own steady mode; 1.x servers do not know it. Nobody else sees it. */
const QUESTION = formatClientRequest({ type: 'steady' });

/** The steady mode of one connection: one cell per tick, from the login to `/quit`. */
export class SteadyMode implements Cover {
  readonly #cover: SteadyCover;
  readonly #channel: Channel;
  readonly #answered = new AnsweredCover();
  readonly #asksForAnswers: boolean;
  readonly #sendFailed: (error: unknown) => void;
  /** The server's answer to the question is still to come. */
  #isAsking = true;
  /** The server sends one cell per tick, too: answers would only fill its queue. */
  #isServerSteady = false;

  /** `sendFailed` hears what the channel throws when it is given cover. */
  constructor(
    { intervalMs, answers }: SteadyConfig,
    clock: TickClock,
    channel: Channel,
    sendFailed: (error: unknown) => void,
  ) {
    this.#channel = channel;
    this.#asksForAnswers = answers;
    this.#sendFailed = sendFailed;
    this.#cover = new SteadyCover(new TickWheel(clock, intervalMs), channel, () => this.#fill());
  }

  get counts(): CellCounts {
    return this.#cover.counts;
  }

  /** False while it is left for a file. */
  get isRunning(): boolean {
    return this.#cover.isRunning;
  }

  start(): void {
    this.#cover.start();
    this.#send(() => this.#channel.sendText(QUESTION));
  }

  /** Writes everything at once, until `resume`. */
  leave(): void {
    this.#cover.stop();
  }

  resume(): void {
    this.#cover.start();
  }

  finish(): void {
    this.#cover.finish();
  }

  stop(): void {
    this.#cover.stop();
  }

  /** Whether a message answers cover, or the question for the server's steady mode: then it is shown to nobody. */
  takes(message: ServerMessage): boolean {
    return this.#takesReply(message) || this.#answered.takes(message);
  }

  /** The server's reply to the question. */
  #takesReply(message: ServerMessage): boolean {
    if (!this.#isAsking) return false;
    const isUnknown =
      message.type === 'refusal' && message.reason === 'unknownCommand' && message.word === '/steady';
    if (message.type !== 'steady' && !isUnknown) return false;
    this.#isAsking = false;
    this.#isServerSteady = message.type === 'steady';
    return true;
  }

  #fill(): void {
    this.#send(() => {
      if (this.#asksForAnswers && !this.#isServerSteady) this.#channel.sendText(this.#answered.next());
      else this.#channel.sendDecoy(CELL_DATA_BYTES);
    });
  }

  #send(send: () => unknown): void {
    try {
      send();
    } catch (error) {
      this.#sendFailed(error);
    }
  }
}
