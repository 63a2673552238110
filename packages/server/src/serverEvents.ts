import { Callbacks } from './callbacks.js';
import type { Log } from './log.js';

/** A message of a user, for everyone, for a room or for somebody. */
export type ChatMessage =
  | { readonly type: 'lobby'; readonly sender: string; readonly text: string }
  | { readonly type: 'room'; readonly sender: string; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly sender: string; readonly recipient: string; readonly text: string };

/** `place`: `lobby`, or the name of a room with its `#`. */
export type PresenceCallback = (name: string, place: string) => unknown;
export type MessageCallback = (message: ChatMessage) => unknown;

/** What the program around a server is told of the chat. */
export class ServerEvents {
  readonly joined: Callbacks<Parameters<PresenceCallback>>;
  readonly left: Callbacks<Parameters<PresenceCallback>>;
  readonly message: Callbacks<Parameters<MessageCallback>>;

  constructor(log: Log) {
    const failed = (callback: string) => (error: unknown) =>
      log({ event: 'callbackFailed', callback, error });
    this.joined = new Callbacks(failed('onJoin'));
    this.left = new Callbacks(failed('onLeave'));
    this.message = new Callbacks(failed('onMessage'));
  }
}
