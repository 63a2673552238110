/** The outcome of a sent message. `failed`: it was not sent. */
export type Delivery = 'sending' | 'accepted' | 'refused' | 'unconfirmed' | 'failed';

interface Common {
  /** Increases across all threads. */
  readonly id: number;
  readonly at: Date;
}

export interface MessageEntry extends Common {
  readonly type: 'message';
  readonly sender: string;
  readonly text: string;
  readonly own: boolean;
  /** It mentions the user. */
  readonly isMention?: boolean;
  /** Set for the user's own messages. */
  readonly delivery?: Delivery;
  /** The reason when it was not accepted. */
  readonly note?: string;
}

/** Consecutive joins and leaves. */
export interface PresenceEntry extends Common {
  readonly type: 'presence';
  readonly joined: number;
  readonly left: number;
  /** The first of them, in order. */
  readonly names: readonly PresenceChange[];
}

export interface PresenceChange {
  readonly name: string;
  readonly change: 'joined' | 'left';
}

export interface NoticeEntry extends Common {
  readonly type: 'notice';
  readonly tone: 'info' | 'problem';
  /** May have several lines. */
  readonly text: string;
}

/**
 * - `offered`: waits for the recipient's decision.
 * - `waiting`: accepted, queued behind another file.
 */
export type FileStatus =
  'preparing' | 'offered' | 'waiting' | 'transferring' | 'done' | 'failed' | 'declined' | 'withdrawn';

export interface FileEntry extends Common {
  readonly type: 'file';
  /** The number to type, as in `/accept 2`. */
  readonly number: number;
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly status: FileStatus;
  readonly bytes: number;
  /** Undefined while unknown. */
  readonly totalBytes: number | undefined;
  /** The path of the saved file, or the error. */
  readonly note?: string;
}

export type Entry = MessageEntry | PresenceEntry | NoticeEntry | FileEntry;

/** About what an entry holds in memory beside its texts. */
const ENTRY_BYTES = 200;

/** About the bytes that an entry holds in memory; a character of a text takes two. */
export function entryBytes(entry: Entry): number {
  switch (entry.type) {
    case 'message':
    case 'notice':
      return ENTRY_BYTES + 2 * entry.text.length;
    case 'presence':
      return entry.names.reduce((sum, { name }) => sum + ENTRY_BYTES / 2 + 2 * name.length, ENTRY_BYTES);
    case 'file':
      return ENTRY_BYTES;
  }
}

/** True for a file that can still be accepted or cancelled. */
export function isOpen({ status }: FileEntry): boolean {
  return status === 'preparing' || status === 'offered' || status === 'waiting' || status === 'transferring';
}
