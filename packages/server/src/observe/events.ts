import { Callbacks } from '@quietroom/protocol/internals';
import type { Log } from './log.js';
import type { TransferStep } from './reasons.js';

/** A message to the lobby, a room or a user. */
export type ChatMessage =
  | { readonly type: 'lobby'; readonly sender: string; readonly text: string }
  | { readonly type: 'room'; readonly sender: string; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly sender: string; readonly recipient: string; readonly text: string };

/** A file transfer after a change of its state. */
export type FileTransfer = TransferStep & {
  /** Unique among the transfers that have not ended. */
  readonly id: string;
  readonly sender: string;
  readonly recipient: string;
  /** As the recipient sees it: without folders and control characters. The sender chose it. */
  readonly fileName: string;
  readonly sha256: string;
  /** As announced by the sender; undefined before it begins. */
  readonly sizeBytes: number | undefined;
  /** Bytes relayed so far. */
  readonly bytes: number;
};

/** `place`: `lobby`, or the name of a room with its `#`. */
export type PresenceCallback = (name: string, place: string) => unknown;
export type MessageCallback = (message: ChatMessage) => unknown;
export type TransferCallback = (transfer: FileTransfer) => unknown;

/** The callbacks of the program that runs the server. */
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
