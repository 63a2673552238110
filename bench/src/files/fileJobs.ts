import type { Target } from '../measure/workerProcess.js';

/** What one process of the benchmark of files does. */
export type FileJob =
  | { readonly role: 'server' }
  /** Takes a file into a folder, and direct messages by two names. */
  | { readonly role: 'receiver'; readonly target: Target; readonly folder: string }
  /** Sends a file, or none but messages for as many milliseconds, and messages meanwhile. */
  | {
      readonly role: 'sender';
      readonly target: Target;
      readonly path: string | undefined;
      readonly idleMs: number;
    }
  /** Bare TLS: writes what comes to a file. */
  | { readonly role: 'bareReceiver'; readonly folder: string }
  /** Bare TLS: sends a file. */
  | { readonly role: 'bareSender'; readonly target: Target; readonly path: string };

/** What a process measured. */
export interface FileFigures {
  readonly cpuSeconds: number;
  /** MiB by which its memory was larger than at the start, at most. */
  readonly grownMib: number;
  /** Of the transfer; of the sender. */
  readonly seconds?: number;
  /** Milliseconds that messages took to the recipient of the file, and to somebody else. */
  readonly delays?: { readonly recipient: readonly number[]; readonly other: readonly number[] };
  readonly sha256?: string;
}

export type FileReport =
  | { readonly type: 'ready'; readonly target?: Target }
  /** The work is done; figures are told when asked for. */
  | { readonly type: 'finished' }
  | { readonly type: 'figures'; readonly figures: FileFigures };
