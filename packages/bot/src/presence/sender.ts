import type { LoopGuard } from '../limits/loopGuard.js';
import type { RateLimiter } from '../limits/rateLimiter.js';
import { Lane } from '../limits/senderQueue.js';
import { TrackedPresence } from './presence.js';

/** What limits one sender; undefined where the limit is off. */
export interface SenderLimits {
  readonly rate: RateLimiter | undefined;
  readonly loopGuard: LoopGuard | undefined;
}

/** A presence with what the bot keeps for it. */
export class Sender<S> extends TrackedPresence {
  readonly limits: SenderLimits;
  /** Its messages in the queue. */
  readonly lane = new Lane();
  /** Undefined until the first message is handled, and without sessions. */
  session: { value: S; storedText: string | undefined } | undefined;

  constructor(name: string, nowMs: number, limits: SenderLimits) {
    super(name, nowMs);
    this.limits = limits;
  }
}
