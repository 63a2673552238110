import type { ClientRequest } from '@quietroom/protocol';
import type { Outcome } from './outcome.js';
import type { ReplyGroup } from './replyGroup.js';
import type { Lane } from './replyKeys.js';

/** A request as the reply matcher sees it. The matcher sets all of it. */
export abstract class AwaitedReply {
  /**
   * - `unsent`: no reply is expected, or not yet
   * - `waiting`: its caller waits for the reply
   * - `overdue`: the time-out has passed, and its caller was told so. The request keeps its place, so that a late
   *   reply is taken for its own and not for that of another request in the same words.
   * - `over`: nothing more is expected
   */
  state: 'unsent' | 'waiting' | 'overdue' | 'over' = 'unsent';
  lane: Lane = 'direct';
  /** The request as the server reads it. */
  meaning: ClientRequest | undefined = undefined;
  /** Names the request; requests in the same words share it. Undefined until the request is indexed. */
  key: string | undefined = undefined;
  /** Counts the requests of a connection. */
  number = 0;
  /** Sent twice, either reply is true of both. */
  isRepeatable = false;
  /** The room that the request was for, where the reply does not name it. */
  place: string | undefined = undefined;
  /** Undefined when no reply of a group can belong to it, or can no longer. */
  group: ReplyGroup | undefined = undefined;
  expectedAt = 0;
  /** When TLS took it. */
  sentAt: number | undefined = undefined;
  /** When a direct reply to a later request came: no direct reply to this one can come after that. */
  passedAt: number | undefined = undefined;
  /** A reply that names it can still come. */
  isNameable = false;

  /** The next request with the same key. */
  nextEqual: AwaitedReply | undefined = undefined;
  /** Of the first request with a key: the last one, and how many there are. */
  lastEqual: AwaitedReply | undefined = undefined;
  equalCount = 0;

  /** Called once, unless the request is withdrawn. */
  abstract settle(outcome: Outcome): void;
}
