import { sleep, type Clock } from '../time/clock.js';
import type { Connection } from './connection.js';
import { ConnectorError, type ConnectionLostError } from '../errors.js';
import { Backoff, isRetryable, type ResolvedReconnect } from '../options/backoff.js';

/** Where a connector is in its life. `reconnecting`: the connection was lost, and is being made again. */
export type ConnectorState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'disconnecting';

/** A step of a connector from one state to another, or from one attempt to connect again to the next. */
export interface StateChange {
  readonly state: ConnectorState;
  readonly previous: ConnectorState;
  /** Why there is no connection, where there was to be one. */
  readonly cause?: Error;
  /** In `reconnecting`: the attempt that comes next, counted since the connection was last stable. */
  readonly attempt?: number;
  /** In `reconnecting`: seconds until that attempt. */
  readonly delay?: number;
}

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly reconnect: ResolvedReconnect | false;
  /** Makes a connection and logs in. */
  readonly open: (signal: AbortSignal, isAgain: boolean) => Promise<Connection>;
  /** There is a connection. */
  readonly opened: (connection: Connection) => void;
  readonly changed: (change: StateChange) => void;
  /** The connection is gone: called once for each. null: it was ours to end. */
  readonly dropped: (reason: ConnectionLostError | null) => void;
  /** There will be no more attempts, and nobody has called for the end. */
  readonly gaveUp: (error: Error) => void;
  /** The life is over, for this reason; another `connect` may begin the next. null: it was ended by a call. */
  readonly ended: (reason: Error | null) => void;
}

/** The states of a connector: makes the connection, makes it again when it is lost, and ends it. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  #state: ConnectorState = 'disconnected';
  #connection: Connection | undefined;
  /** Ends an attempt, or the pause before the next. */
  #stop = new AbortController();
  /** Settles when what is going on is over. */
  #ending: Promise<void> = Promise.resolve();
  #backoff: Backoff | undefined;
  #connectedAt = 0;
  #closed = new Closed();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  get state(): ConnectorState {
    return this.#state;
  }

  /** Resolves at the end of this life, with the reason; of the next one, when none has begun yet. */
  get closed(): Promise<Error | null> {
    return this.#closed.promise;
  }

  /** @throws ConnectorError `ALREADY_CONNECTED`; what the attempt failed with; the signal's reason */
  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#state !== 'disconnected') {
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
    this.#ending = connecting.catch(() => {});
    await connecting;
  }

  /** Ends whatever is going on. Safe at any time. `leave` ends a connection in good order. */
  async disconnect(leave: (connection: Connection) => Promise<void>): Promise<void> {
    this.#stop.abort(new ConnectorError('CONNECT_CANCELLED', 'disconnect() was called during connect().'));
    if (this.#state === 'connected' && this.#connection) {
      this.#change({ state: 'disconnecting' });
      this.#ending = leave(this.#connection);
    }
    // What is called from a callback can come before the next ending is known.
    for (let ending: Promise<void> | undefined; ending !== this.#ending;) {
      ending = this.#ending;
      await ending;
    }
  }

  /** To be called when the connection is gone. null: it was ours to end. */
  onClosed(reason: ConnectionLostError | null): void {
    const { clock, dropped } = this.#options;
    this.#connection = undefined;
    this.#backoff?.dropped((clock.now() - this.#connectedAt) / 1000);
    if (reason !== null && this.#backoff && !this.#stop.signal.aborted) {
      this.#ending = this.#reconnect(reason, this.#backoff, this.#stop.signal);
    } else {
      this.#end(reason, () => dropped(reason));
    }
  }

  async #connect(stop: AbortController, signal: AbortSignal | undefined): Promise<void> {
    const cancel = (): void => stop.abort(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    this.#change({ state: 'connecting' });
    try {
      await this.#open(stop.signal, false);
    } catch (error) {
      this.#end(stop.signal.aborted ? null : errorOf(error));
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Tries until there is a connection, or until it is told to stop, or until another attempt is of no use. */
  async #reconnect(reason: ConnectionLostError, backoff: Backoff, signal: AbortSignal): Promise<void> {
    const { clock, dropped } = this.#options;
    let cause: Error = reason;
    // Once, when the state says what comes of it.
    let tellDrop = (): void => dropped(reason);
    for (;;) {
      const delay = nextDelay(backoff, cause);
      if (typeof delay !== 'number') return this.#giveUp(delay, tellDrop);
      this.#change({ state: 'reconnecting', cause, attempt: backoff.attempt, delay });
      tellDrop();
      tellDrop = () => {};
      try {
        await sleep(clock, delay * 1000, signal);
        return await this.#open(signal, true);
      } catch (error) {
        if (signal.aborted) return this.#end(null);
        cause = errorOf(error);
      }
    }
  }

  /** An attempt; between the last look at the signal and the connection nothing else runs. */
  async #open(signal: AbortSignal, isAgain: boolean): Promise<void> {
    const connection = await this.#options.open(signal, isAgain);
    if (signal.aborted) {
      await connection.quit();
      throw signal.reason;
    }
    this.#connection = connection;
    this.#connectedAt = this.#options.clock.now();
    this.#options.opened(connection);
    this.#change({ state: 'connected' });
  }

  #giveUp(error: Error, tellDrop: () => void): void {
    this.#end(error, () => {
      tellDrop();
      this.#options.gaveUp(error);
    });
  }

  /** This life is over before anyone is told: who is told may begin the next. */
  #end(reason: Error | null, tell: () => void = () => {}): void {
    const closed = this.#closed;
    closed.isOver = true;
    this.#options.ended(reason);
    this.#change(reason === null ? { state: 'disconnected' } : { state: 'disconnected', cause: reason });
    tell();
    closed.resolve(reason);
  }

  #change(change: Omit<StateChange, 'previous'>): void {
    const previous = this.#state;
    this.#state = change.state;
    this.#options.changed({ ...change, previous });
  }
}

/** A promise of the end. */
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

/** Seconds until the next attempt, or the error with which there is none. */
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
