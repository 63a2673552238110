/** What a transport tells its owner. */
export interface TransportEvents {
  /** One TLS record's bytes, where possible; the buffer may be reused after the call. */
  readonly record: (bytes: Uint8Array) => void;
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
