/**
 * The reason why requests of a client wait: its own rate, the recipient of its file, who accepts nothing, a slow reader
 * of its messages, too many messages of all clients to its lobby or room, or its input without messages.
 */
export type SlowedBy = 'messageRate' | 'fileRecipient' | 'slowReader' | 'place' | 'junk';

/** A connection as operators see it. */
export interface ClientView {
  /** The number of the connection, as in the log. */
  readonly client: number;
  /** Undefined before the login. */
  readonly name: string | undefined;
  readonly address: string;
  readonly since: Date;
  /** Bytes that the client has not read yet. */
  readonly queuedBytes: number;
  /** Texts from the client per second, averaged over about 10 seconds. */
  readonly messagesPerSecond: number;
  readonly slowedBy: SlowedBy | undefined;
  /** Whether the client's messages to others are refused. */
  readonly isMuted: boolean;
}

/** A room as operators see it. */
export interface RoomView {
  readonly name: string;
  readonly isProtected: boolean;
  /** In the order of joining. */
  readonly members: readonly string[];
}
