import { BotError } from '../errors.js';

/** Hands the message on to what was registered later; resolves when that has handled it. */
export type Next = () => Promise<void>;

/** Handles a message. Without a call of `next` the message goes no further. */
export type Handler<C> = (ctx: C, next: Next) => unknown;

/** A candidate for a message: `match` returns its handler, or undefined if it does not handle the message. */
export interface Link<C> {
  match(ctx: C): Handler<C> | undefined;
}

/**
 * Calls the first handler that matches, from the position `at` on; its `next` goes on after it, and in the end calls
 * `after`. Links that do not match cost no promise.
 */
export function runChain<C>(links: readonly Link<C>[], ctx: C, after: Next, at = 0): unknown {
  for (let index = at; index < links.length; index++) {
    const handler = links[index]?.match(ctx);
    if (handler === undefined) continue;
    let isCalled = false;
    return handler(ctx, () => {
      if (isCalled) {
        return Promise.reject(
          new BotError('NEXT_CALLED_TWICE', 'A handler called next() twice for one message.'),
        );
      }
      isCalled = true;
      return goOn(links, ctx, after, index + 1);
    });
  }
  return after();
}

/** The result of `next` when all later handlers have finished synchronously. It is shared, so that a message makes no promise. */
export const DONE = Promise.resolve();

/** A promise of what follows; what it throws rejects the promise. */
function goOn<C>(links: readonly Link<C>[], ctx: C, after: Next, at: number): Promise<void> {
  try {
    const result = runChain(links, ctx, after, at);
    const isOpen = typeof result === 'object' && result !== null && 'then' in result && result !== DONE;
    return isOpen ? settled(result) : DONE;
  } catch (error) {
    return Promise.reject(error);
  }
}

async function settled(result: unknown): Promise<void> {
  await result;
}
