import type { Clock, QuietRoomConnector } from 'quietroom-connector';
import type { SenderQueue } from '../limits/senderQueue.js';
import type { Asks } from '../replies/asks.js';
import type { CommandCall } from './addressing.js';

/** What contexts need of their bot. */
export interface Services {
  readonly connector: QuietRoomConnector;
  readonly clock: Clock;
  readonly queue: SenderQueue;
  readonly asks: Asks;
  readonly askTimeoutMs: number;
  /** Aborts when the bot stops and its handlers have used up the time limit. */
  readonly signal: AbortSignal;
  /** The text without the name of the bot before it; undefined when it does not name the bot. */
  mentionIn(text: string): string | undefined;
  callIn(text: string): CommandCall | undefined;
}
