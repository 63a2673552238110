import type { ServerMessage } from '@quietroom/protocol';
import type { Outcome } from '../replies/outcome.js';

/** Why a server did not relay a message. */
export type RefusedReason = 'recipient-offline' | 'not-a-member';

/** Why it is unknown whether a server relayed a message that was sent. */
export type UnconfirmedReason = 'no-answer' | 'connection-lost';

interface Parts {
  /** How many messages the text was sent as. */
  readonly parts: number;
  /** How many of them the server has taken. */
  readonly acceptedParts: number;
}

/**
 * The fate of a message that was sent, as far as it is known.
 *
 * - `accepted`: the server took all of it and echoed it. It does not mean that a user has seen it.
 * - `refused`: the server did not relay a part of it; `reason` says why.
 * - `unconfirmed`: it was sent, and the answer to a part of it did not come.
 */
export type Receipt =
  | ({ readonly status: 'accepted' } & Parts)
  | ({ readonly status: 'refused'; readonly reason: RefusedReason } & Parts)
  | ({ readonly status: 'unconfirmed'; readonly reason: UnconfirmedReason } & Parts);

/** The receipt of a message from the outcomes of its parts; `undefined`: a part that was not sent. */
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
