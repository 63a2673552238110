import type { Write } from '../packets/encoder.js';

/** What a transport tells its owner. */
export interface TransportEvents {
  /** One TLS record's bytes, where possible; the buffer may be reused after the call. */
  record(bytes: Uint8Array): void;
  /** The connection is over; called once. Without an error: the peer closed it, or `destroy` did. */
  closed(error?: Error): void;
}

/**
 * A stream of TLS records, as far as the protocol needs one: `write` makes whole records of their own of
 * what it is given, and reads keep to record bounds. Nothing else writes to the socket below.
 */
export interface Transport {
  /** Begins to deliver; what came before is delivered first. */
  start(events: TransportEvents): void;
  /** Never called again before `taken`. */
  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void;
  /** Reads no more from the network, until `resume`; what was read before may still be delivered. */
  pause(): void;
  resume(): void;
  /** Closes in good order, after what was written. */
  end(): void;
  /** Closes at once. Safe any number of times. */
  destroy(): void;
}

/** Where the pump gets its writes: a Session. */
export interface WriteSource {
  nextWrite(): Write | undefined;
}

/**
 * Gives a transport one write after the other, each when the one before was taken: Node joins waiting
 * writes into one record, and a 1.x reader loses all packets of a record but the first.
 */
export class WritePump {
  readonly #source: WriteSource;
  readonly #transport: Pick<Transport, 'write'>;
  readonly #taken: (lastPacket: number, error?: Error) => void;
  #state: 'idle' | 'writing' | 'failed' = 'idle';
  #isPoking = false;

  /** `taken` is called when TLS has taken all packets up to a number, or when it failed to. */
  constructor(
    source: WriteSource,
    transport: Pick<Transport, 'write'>,
    taken: (lastPacket: number, error?: Error) => void,
  ) {
    this.#source = source;
    this.#transport = transport;
    this.#taken = taken;
  }

  /** True when the transport has taken all that it was given. */
  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  /** To be called when the source may have something new. After a write that failed it does nothing. */
  poke(): void {
    // A loop, entered once: a transport that takes at once would fill the stack with calls.
    if (this.#isPoking) return;
    this.#isPoking = true;
    try {
      while (this.#state === 'idle' && this.#writeNext());
    } finally {
      this.#isPoking = false;
    }
  }

  #writeNext(): boolean {
    const write = this.#source.nextWrite();
    if (write === undefined) return false;
    this.#state = 'writing';
    this.#transport.write(write.bytes, (error) => {
      this.#state = error ? 'failed' : 'idle';
      if (error) this.#taken(write.lastPacket, error);
      else this.#taken(write.lastPacket);
      this.poke();
    });
    return true;
  }
}
