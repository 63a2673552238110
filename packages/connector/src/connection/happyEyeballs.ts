import { onAbort } from '@quietroom/protocol/internals';
import { lookup, type LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { summaryOf } from '../errors.js';
import { unlessAborted, type Clock } from '../time/clock.js';

/** Finds all addresses of a host, in the order of preference. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>;

/** One attempt to connect; its socket emits `connect` or `error`. */
export interface Attempt {
  readonly socket: Socket;
}

export interface RaceOptions<A extends Attempt> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Starts an attempt. */
  readonly open: (address: string) => A;
  /** Default: `dns.lookup`. */
  readonly resolveHost?: ResolveHost | undefined;
}

/** RFC 8305, section 8: how long an attempt runs alone before the next one starts beside it. */
const ATTEMPT_DELAY_MS = 250;

const lookupAll = promisify(lookup);

const resolveBySystem: ResolveHost = (host) => lookupAll(host, { all: true });

/**
 * Connects to a host as RFC 8305 ("Happy Eyeballs") does: tries its addresses in turn, families interleaved, each
 * 250 ms after the one before, or at once when that has failed. The first that connects wins; the others are closed.
 * Only the signal limits the time, so a slow address is not abandoned for a dead one.
 *
 * (`autoSelectFamily` of Node abandons each address but the last after its time-out.)
 *
 * @throws the error of `resolveHost`; the error of the only address, or an AggregateError that names what each
 * address said; the signal's reason, when it aborts
 */
export async function connectToHost<A extends Attempt>(host: string, options: RaceOptions<A>): Promise<A> {
  const { signal, resolveHost = resolveBySystem } = options;
  const found = await unlessAborted(resolveHost(host), signal);
  return race(interleaveFamilies(found), options);
}

/** One address of each family in turn, beginning with the family of the first. */
export function interleaveFamilies(addresses: readonly LookupAddress[]): string[] {
  const first = addresses[0]?.family;
  const preferred = addresses.filter(({ family }) => family === first);
  const others = addresses.filter(({ family }) => family !== first);
  const longest = Math.max(preferred.length, others.length);
  const turns = Array.from({ length: longest }, (_, index) => [preferred[index], others[index]]);
  return turns.flat().flatMap((entry) => (entry === undefined ? [] : [entry.address]));
}

async function race<A extends Attempt>(
  addresses: readonly string[],
  { clock, signal, open }: RaceOptions<A>,
): Promise<A> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const running = new Set<Socket>();
    const errors: Error[] = [];
    let next = 0;
    let timer: unknown;

    const end = (winner?: Socket): void => {
      clock.clearTimeout(timer);
      stopListening();
      for (const socket of running) if (socket !== winner) socket.destroy();
    };
    const startNext = (): void => {
      clock.clearTimeout(timer);
      const address = addresses[next];
      if (address === undefined) return;
      next++;
      const attempt = open(address);
      const { socket } = attempt;
      running.add(socket);
      socket.once('connect', () => {
        if (!running.has(socket)) return;
        end(socket);
        running.clear();
        resolve(attempt);
      });
      // For the life of the socket: an error without a listener would end the process.
      socket.on('error', (error) => {
        if (!running.delete(socket)) return;
        errors.push(error);
        if (next < addresses.length) startNext();
        else if (running.size === 0) fail(allFailed(errors));
      });
      if (next < addresses.length) timer = clock.setTimeout(startNext, ATTEMPT_DELAY_MS);
    };
    const fail = (reason: unknown): void => {
      end();
      running.clear();
      reject(reason);
    };
    const stopListening = onAbort(signal, () => fail(signal.reason));
    startNext();
  });
}

function allFailed(errors: readonly Error[]): Error {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const error = new AggregateError(errors, errors.map(summaryOf).join('; '));
  return Object.assign(error, first !== undefined && 'code' in first ? { code: first.code } : {});
}
