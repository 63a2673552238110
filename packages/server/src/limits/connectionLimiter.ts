import type { CurrentOptions } from '../options/currentOptions.js';

/** The limit because of which a connection is closed before anything is read. */
export type ConnectionRefusal = 'connections' | 'connectionsPerAddress' | 'handshakes';

/** The lease of a connection; both calls are idempotent. */
export interface Lease {
  /** The client has logged in. */
  loggedIn(): void;
  /** The connection is closed. */
  leave(): void;
}

/** Counts connections, in total and per address, and enforces their limits. */
export class ConnectionLimiter {
  readonly #options: CurrentOptions;
  readonly #byAddress = new Map<string, number>();
  #connections = 0;
  #unfinished = 0;

  constructor(options: CurrentOptions) {
    this.#options = options;
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections;
  }

  /** Open connections without a login. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** `group`: the client's network, from `addressGroup`. */
  enter(group: string): Lease | ConnectionRefusal {
    const { maxConnections, maxConnectionsPerAddress, maxHandshakes } = this.#options.current;
    const fromAddress = this.#byAddress.get(group) ?? 0;
    if (fromAddress >= maxConnectionsPerAddress) return 'connectionsPerAddress';
    if (this.#connections >= maxConnections) return 'connections';
    if (this.#unfinished >= maxHandshakes) return 'handshakes';
    this.#byAddress.set(group, fromAddress + 1);
    this.#connections++;
    this.#unfinished++;
    return this.#lease(group);
  }

  #lease(group: string): Lease {
    let state: 'unfinished' | 'loggedIn' | 'gone' = 'unfinished';
    return {
      loggedIn: () => {
        if (state !== 'unfinished') return;
        state = 'loggedIn';
        this.#unfinished--;
      },
      leave: () => {
        if (state === 'gone') return;
        if (state === 'unfinished') this.#unfinished--;
        state = 'gone';
        this.#connections--;
        const left = (this.#byAddress.get(group) ?? 1) - 1;
        if (left > 0) this.#byAddress.set(group, left);
        else this.#byAddress.delete(group);
      },
    };
  }
}
