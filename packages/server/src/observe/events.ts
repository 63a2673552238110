import { Callbacks } from '@quietroom/protocol/internals';
import type { Log } from './log.js';
import type { TransferStep } from './reasons.js';

/** A message of a user, for everyone, for a room or for somebody. */
export type ChatMessage =
  | { readonly type: 'lobby'; readonly sender: string; readonly text: string }
  | { readonly type: 'room'; readonly sender: string; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly sender: string; readonly recipient: string; readonly text: string };

/** A step of an offer of a file, and how far it has come. */
export type FileTransfer = TransferStep & {
  /** The same at all its steps, and of no other that is not over. */
  readonly id: string;
  readonly sender: string;
  readonly recipient: string;
  /** As the recipient is told it: without folders and controls. The sender chose it. */
  readonly fileName: string;
  readonly sha256: string;
  /** What the sender has announced; undefined before it begins. */
  readonly sizeBytes: number | undefined;
  /** How much of the file was relayed so far. */
  readonly bytes: number;
};

/** `place`: `lobby`, or the name of a room with its `#`. */
export type PresenceCallback = (name: string, place: string) => unknown;
export type MessageCallback = (message: ChatMessage) => unknown;
export type TransferCallback = (transfer: FileTransfer) => unknown;

/** What the program around a server is told of the chat. */
export class ServerEvents {
  readonly joined: Callbacks<Parameters<PresenceCallback>>;
  readonly left: Callbacks<Parameters<PresenceCallback>>;
  readonly message: Callbacks<Parameters<MessageCallback>>;
  readonly transfer: Callbacks<Parameters<TransferCallback>>;

  constructor(log: Log) {
    const failed = (callback: string) => (error: unknown) =>
      log({ event: 'callbackFailed', callback, error });
    this.joined = new Callbacks(failed('onJoin'));
    this.left = new Callbacks(failed('onLeave'));
    this.message = new Callbacks(failed('onMessage'));
    this.transfer = new Callbacks(failed('onTransfer'));
  }
}
