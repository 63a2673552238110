/** Estimates of the cost of work, in microseconds of a quiet machine: they only divide turns of the event loop fairly. */
export const COST = {
  /** A TLS record that was received: its decryption and its callback. */
  record: 3,
  /** Decoding a packet and handling its request, without deliveries. */
  request: 9,
  /** Reading this many bytes of a request. */
  bytesPerUnit: 200,
  /** One delivery, written later. */
  delivery: 5.5,
  /** A failed attempt to decrypt, and each so many bytes of it. */
  failedTag: 6,
  failedBytesPerUnit: 1000,
  /** One write to TLS, and each cell in it. */
  write: 30,
  cell: 4.5,
  /** A TLS handshake with its RSA-4096 signature. */
  handshake: 4500,
} as const;
