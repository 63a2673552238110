import type { CurrentOptions } from '../options/currentOptions.js';

/** Why a connection is closed before a byte of it is read. */
export type ConnectionRefusal = 'connections' | 'connectionsPerAddress' | 'handshakes';

/** A connection's place among all; both calls may come any number of times. */
export interface Lease {
  /** It has logged in. */
  loggedIn(): void;
  /** It is closed. */
  leave(): void;
}

/** Counts who is connected, in all and from each address, and lets no more in than there may be. */
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

  /** Those of them that have not logged in. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** `group`: whose connection it is, from `addressGroup`. */
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
