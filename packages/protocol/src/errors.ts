/** The reasons for which the protocol engine fails. */
export type ProtocolErrorCode =
  /** A length in the key exchange is 0 or over 4096. */
  | 'KEY_EXCHANGE_LENGTH'
  /** A Diffie-Hellman public key is outside 1 < y < P-1, or node:crypto refused it; see `cause`. */
  | 'DH_KEY_INVALID'
  /** The server's signature over its Diffie-Hellman key does not verify with the pinned certificate. */
  | 'SIGNATURE_INVALID'
  /** node:crypto refused input of the key exchange; see `cause`. */
  | 'KEY_EXCHANGE_FAILED'
  /** Server only: the first packet after the key exchange cannot be read. */
  | 'FIRST_PACKET_INVALID'
  /** More decryption has failed than an honest stream can cause. */
  | 'DECRYPTION_BUDGET'
  /** The plaintext does not fit into one packet. */
  | 'PACKET_TOO_LARGE'
  /** All nonces of this session are used; a new session is needed. */
  | 'NONCES_EXHAUSTED'
  /** The session has not finished its key exchange, has failed, or was closed. */
  | 'SESSION_NOT_OPEN'
  /** The transport ended before it had taken the packet. */
  | 'TRANSPORT_CLOSED';

/** The error that the protocol engine throws or reports. `code` tells the cases apart. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
