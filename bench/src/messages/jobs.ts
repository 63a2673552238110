import type { PaddingShape } from '@quietroom/protocol';
import type { Target } from '../measure/workerProcess.js';

/** How many messages are sent: the first `warmUp` are not measured. */
export interface Load {
  readonly warmUp: number;
  readonly messages: number;
  /** Estimate the allocated bytes, in place of the CPU time. */
  readonly sampleAllocations?: boolean;
}

/** What one process of the benchmark does. */
export type Job =
  /** Our server. */
  | { readonly role: 'server'; readonly padding: PaddingShape }
  /** Logs one client in and sends it all messages at once, as fast as it takes them. */
  | ({ readonly role: 'flood'; readonly padding: PaddingShape } & Load)
  /** Sends messages to `to` when told to go. */
  | ({ readonly role: 'source'; readonly target: Target; readonly to: string } & Load)
  /** Takes messages and does nothing with them. */
  | { readonly role: 'sink'; readonly target: Target; readonly name: string }
  /** Measured: receives messages. */
  | ({ readonly role: 'receive'; readonly target: Target; readonly name: string } & Load)
  /** Measured: sends messages to `to` and takes the echo of each. */
  | ({
      readonly role: 'send';
      readonly target: Target;
      readonly to: string;
      readonly padding: PaddingShape;
    } & Load)
  /** Bare TLS: sends a record for each message, or answers each record with one. */
  | ({ readonly role: 'bareServer'; readonly answers: boolean; readonly padding: PaddingShape } & Load)
  /** Measured: bare TLS and one AES-GCM open a record. */
  | ({ readonly role: 'bareReceive'; readonly target: Target } & Load)
  /** Measured: bare TLS and one AES-GCM seal a record sent, one open a record received. */
  | ({ readonly role: 'bareSend'; readonly target: Target; readonly padding: PaddingShape } & Load);

/** Text of the messages: about as long as a line of chat. */
export function messageText(index: number): string {
  return `message ${String(index).padStart(6, '0')} of the benchmark, with a few words`;
}
