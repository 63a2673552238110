import type { ServerMessage } from '@quietroom/protocol';
import type { Outcome } from '../replies/outcome.js';

/** Why a server did not pass a message on. */
export type RefusedReason = 'recipient-offline' | 'not-a-member';

/** Why it is not known whether a server passed a message on: it left, and then nothing was heard of it. */
export type UnconfirmedReason = 'no-answer' | 'connection-lost';

interface Parts {
  /** How many messages the text was sent as. */
  readonly parts: number;
  /** How many of them the server has taken. */
  readonly acceptedParts: number;
}

/**
 * What is known of a message that has left.
 *
 * - `accepted`: the server took all of it and echoed it. It does not say that anybody has seen it.
 * - `refused`: the server did not pass on a part of it; `reason` says why.
 * - `unconfirmed`: it left, and of a part of it nothing was heard.
 */
export type Receipt =
  | ({ readonly status: 'accepted' } & Parts)
  | ({ readonly status: 'refused'; readonly reason: RefusedReason } & Parts)
  | ({ readonly status: 'unconfirmed'; readonly reason: UnconfirmedReason } & Parts);

/** Makes one receipt of what became of the parts of a message; `undefined` stands for a part that never left. */
export function receiptOf(outcomes: readonly (Outcome | undefined)[]): Receipt {
  const parts = outcomes.length;
  let acceptedParts = 0;
  let refused: RefusedReason | undefined;
  let unconfirmed: UnconfirmedReason | undefined;
  for (const outcome of outcomes) {
    const reason = outcome?.type === 'answered' ? refusalIn(outcome.message) : undefined;
    if (reason !== undefined) refused ??= reason;
    else if (outcome?.type === 'answered') acceptedParts++;
    else unconfirmed ??= outcome?.reason ?? 'connection-lost';
  }
  if (refused !== undefined) return { status: 'refused', reason: refused, parts, acceptedParts };
  if (unconfirmed !== undefined) return { status: 'unconfirmed', reason: unconfirmed, parts, acceptedParts };
  return { status: 'accepted', parts, acceptedParts };
}

function refusalIn(answer: ServerMessage): RefusedReason | undefined {
  if (answer.type !== 'refusal') return undefined;
  return answer.reason === 'notAMember' ? 'not-a-member' : 'recipient-offline';
}
