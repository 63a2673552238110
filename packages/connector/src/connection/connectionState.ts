import { onAbort } from '@quietroom/protocol/internals';
import { sleep, type Clock } from '../time/clock.js';
import type { Connection } from './connection.js';
import { ConnectorError, type ConnectionLostError } from '../errors.js';
import type { ConnectorState, StateChange } from '../observe/state.js';
import { Backoff, isRetryable, type ResolvedReconnect } from '../options/backoff.js';

type ConnectionInput = 'connect' | 'open' | 'disconnect' | 'lose' | 'retry' | 'end';

/** Every change of state: what is not here cannot happen. */
const TRANSITIONS: {
  readonly [S in ConnectorState]: { readonly [I in ConnectionInput]?: ConnectorState };
} = {
  disconnected: { connect: 'connecting' },
  connecting: { open: 'connected', end: 'disconnected' },
  connected: { disconnect: 'disconnecting', lose: 'reconnecting', end: 'disconnected' },
  reconnecting: { retry: 'reconnecting', open: 'connected', end: 'disconnected' },
  disconnecting: { end: 'disconnected' },
};

export interface ConnectionStateMachineOptions {
  readonly clock: Clock;
  readonly reconnect: ResolvedReconnect | false;
  /** Connects and logs in. */
  readonly open: (signal: AbortSignal, isAgain: boolean) => Promise<Connection>;
  readonly opened: (connection: Connection) => void;
  readonly changed: (change: StateChange) => void;
  /** Called once for each connection that ends. null: it was closed on request. */
  readonly dropped: (reason: ConnectionLostError | null) => void;
  /** No further attempt is made, although a connection is wanted. */
  readonly gaveUp: (error: Error) => void;
  /** `disconnected` is reached; `connect` may follow. null: on request. */
  readonly ended: (reason: Error | null) => void;
}

/** The connection state of a connector: connects, reconnects after a loss, and disconnects. */
export class ConnectionStateMachine {
  readonly #options: ConnectionStateMachineOptions;
  #state: ConnectorState = 'disconnected';
  #connection: Connection | undefined;
  /** Stops an attempt, or the pause before the next. */
  #stop = new AbortController();
  /** Settles when the present activity is over. */
  #activity: Promise<void> = Promise.resolve();
  #backoff: Backoff | undefined;
  #connectedAt = 0;
  #closed = new Closed();

  constructor(options: ConnectionStateMachineOptions) {
    this.#options = options;
  }

  get state(): ConnectorState {
    return this.#state;
  }

  /** Resolves with the reason when `disconnected` is reached next; after that, again with the same until `connect`. */
  get closed(): Promise<Error | null> {
    return this.#closed.promise;
  }

  /** @throws ConnectorError `ALREADY_CONNECTED`; the error of the attempt; the signal's reason */
  async connect(signal?: AbortSignal): Promise<void> {
    if (TRANSITIONS[this.#state].connect === undefined) {
      throw new ConnectorError(
        'ALREADY_CONNECTED',
        `connect() was called while ${this.#state}. Await disconnect() first.`,
      );
    }
    signal?.throwIfAborted();
    const { reconnect } = this.#options;
    this.#backoff = reconnect === false ? undefined : new Backoff(reconnect);
    this.#stop = new AbortController();
    if (this.#closed.isOver) this.#closed = new Closed();
    const connecting = this.#connect(this.#stop, signal);
    this.#activity = connecting.catch(() => {});
    await connecting;
  }

  /** Ends whatever is going on. Safe at any time. `leave` closes an open connection gracefully. */
  async disconnect(leave: (connection: Connection) => Promise<void>): Promise<void> {
    this.#stop.abort(new ConnectorError('CONNECT_CANCELLED', 'disconnect() was called during connect().'));
    if (this.#state === 'connected' && this.#connection) {
      this.#change('disconnect');
      this.#activity = leave(this.#connection);
    }
    // One activity can start another before it settles.
    for (let activity: Promise<void> | undefined; activity !== this.#activity;) {
      activity = this.#activity;
      await activity;
    }
  }

  /** To be called when the connection is closed. null: on request. */
  onClosed(reason: ConnectionLostError | null): void {
    const { clock, dropped } = this.#options;
    this.#connection = undefined;
    this.#backoff?.dropped((clock.now() - this.#connectedAt) / 1000);
    if (reason !== null && this.#backoff && !this.#stop.signal.aborted) {
      this.#activity = this.#reconnect(reason, this.#backoff, this.#stop.signal);
    } else {
      this.#end(reason, () => dropped(reason));
    }
  }

  async #connect(stop: AbortController, signal: AbortSignal | undefined): Promise<void> {
    const stopListening = onAbort(signal, () => stop.abort(signal?.reason));
    this.#change('connect');
    try {
      await this.#open(stop.signal, false);
    } catch (error) {
      this.#end(stop.signal.aborted ? null : errorOf(error));
      throw error;
    } finally {
      stopListening();
    }
  }

  /** Tries until it is connected, until it is stopped, or until another attempt is pointless. */
  async #reconnect(reason: ConnectionLostError, backoff: Backoff, signal: AbortSignal): Promise<void> {
    const { clock, dropped } = this.#options;
    let cause: Error = reason;
    for (let input: 'lose' | 'retry' = 'lose'; ; input = 'retry') {
      const isFirst = input === 'lose';
      const delay = nextDelay(backoff, cause);
      if (typeof delay !== 'number') return this.#giveUp(delay, isFirst ? reason : undefined);
      this.#change(input, { cause, attempt: backoff.attempt, delay });
      // After the change, so that `onDisconnect` sees the new state.
      if (isFirst) dropped(reason);
      try {
        await sleep(clock, delay * 1000, signal);
        return await this.#open(signal, true);
      } catch (error) {
        if (signal.aborted) return this.#end(null);
        cause = errorOf(error);
      }
    }
  }

  /** Nothing else runs between the check of the signal and the change to `connected`. */
  async #open(signal: AbortSignal, isAgain: boolean): Promise<void> {
    const connection = await this.#options.open(signal, isAgain);
    if (signal.aborted) {
      await connection.quit();
      throw signal.reason;
    }
    this.#connection = connection;
    this.#connectedAt = this.#options.clock.now();
    this.#options.opened(connection);
    this.#change('open');
  }

  #giveUp(error: Error, dropReason: ConnectionLostError | undefined): void {
    this.#end(error, () => {
      if (dropReason) this.#options.dropped(dropReason);
      this.#options.gaveUp(error);
    });
  }

  /** The state changes before any callback runs: a callback may call `connect`. */
  #end(reason: Error | null, tell: () => void = () => {}): void {
    const closed = this.#closed;
    closed.isOver = true;
    this.#options.ended(reason);
    this.#change('end', reason === null ? {} : { cause: reason });
    tell();
    closed.resolve(reason);
  }

  #change(input: ConnectionInput, details: Omit<StateChange, 'state' | 'previous'> = {}): void {
    const previous = this.#state;
    const state = TRANSITIONS[previous][input];
    if (state === undefined) throw new Error(`A connector that is ${previous} cannot ${input}.`);
    this.#state = state;
    this.#options.changed({ ...details, state, previous });
  }
}

/** A promise of the end, with the means to settle it. */
class Closed {
  readonly promise: Promise<Error | null>;
  isOver = false;
  resolve: (reason: Error | null) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

/** Seconds until the next attempt, or the error for which there is none. */
function nextDelay(backoff: Backoff, cause: Error): number | Error {
  if (!isRetryable(cause)) return cause;
  try {
    return backoff.next(cause) ?? cause;
  } catch (error) {
    return errorOf(error);
  }
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
