import type { ServerMessage } from '@quietroom/protocol';

/** The outcome of a request that was sent. */
export type Outcome =
  | { readonly type: 'answered'; readonly message: ServerMessage; readonly raw: string }
  /** No reply came in time, or later replies show that none will come, or the connection was lost. */
  | { readonly type: 'unanswered'; readonly reason: 'no-answer' | 'connection-lost' };

export type Answered = Outcome & { type: 'answered' };

export const NO_ANSWER: Outcome = { type: 'unanswered', reason: 'no-answer' };
export const CONNECTION_LOST: Outcome = { type: 'unanswered', reason: 'connection-lost' };
