/** Events of a transport. */
export interface TransportEvents {
  /** One TLS record's bytes, where possible; the buffer may be reused after the call. */
  readonly record: (bytes: Uint8Array) => void;
  /** The connection is over; called once. Without an error: the peer closed it, or `destroy` did. */
  closed(error?: Error): void;
}

/**
 * The part of a TLS connection that the protocol needs: `write` sends its bytes in records of their own,
 * and reads return whole records. Nothing else writes to the socket.
 */
export interface Transport {
  /** Starts delivery, beginning with earlier input. */
  start(events: TransportEvents): void;
  /** Never called again before `taken`. */
  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void;
  /** Stops reading from the network until `resume`; input read before may still be delivered. */
  pause(): void;
  resume(): void;
  /** Closes gracefully after pending writes. */
  end(): void;
  /** Closes at once. Idempotent. */
  destroy(): void;
}
