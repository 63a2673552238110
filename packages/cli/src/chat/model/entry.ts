/** What became of a message of ours. `failed`: it has not left. */
export type Delivery = 'sending' | 'accepted' | 'refused' | 'unconfirmed' | 'failed';

interface Common {
  /** Counts up through all threads. */
  readonly id: number;
  readonly at: Date;
}

export interface MessageEntry extends Common {
  readonly type: 'message';
  readonly sender: string;
  readonly text: string;
  readonly own: boolean;
  /** Of a message that was written here. */
  readonly delivery?: Delivery;
  /** Why it was not accepted. */
  readonly note?: string;
}

/** Joins and leaves with nothing between them. */
export interface PresenceEntry extends Common {
  readonly type: 'presence';
  readonly joined: number;
  readonly left: number;
  /** The first of them. */
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
 * - `offered`: it waits for the one it was offered to.
 * - `waiting`: it is accepted, but another file comes first.
 */
export type FileStatus =
  'preparing' | 'offered' | 'waiting' | 'transferring' | 'done' | 'failed' | 'declined' | 'withdrawn';

export interface FileEntry extends Common {
  readonly type: 'file';
  /** What people call it by, as in `/accept 2`. */
  readonly number: number;
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly status: FileStatus;
  readonly bytes: number;
  /** Undefined as long as it is not known. */
  readonly totalBytes: number | undefined;
  /** Where it was saved, or what went wrong. */
  readonly note?: string;
}

export type Entry = MessageEntry | PresenceEntry | NoticeEntry | FileEntry;

/** Characters that an entry keeps in memory. */
export function entrySize(entry: Entry): number {
  switch (entry.type) {
    case 'message':
    case 'notice':
      return entry.text.length;
    case 'presence':
    case 'file':
      return 0;
  }
}

/** A file that may still be accepted or cancelled. */
export function isOpen({ status }: FileEntry): boolean {
  return status === 'preparing' || status === 'offered' || status === 'waiting' || status === 'transferring';
}
