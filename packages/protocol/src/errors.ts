/** Every way in which the protocol engine refuses to go on. */
export type ProtocolErrorCode =
  /** A length in the key exchange is 0 or over 4096. */
  | 'KEY_EXCHANGE_LENGTH'
  /** A Diffie-Hellman public key is outside 1 < y < P-1, or node:crypto refuses it; `cause` says why. */
  | 'DH_KEY_INVALID'
  /** The server's signature over its Diffie-Hellman key does not verify with the pinned certificate. */
  | 'SIGNATURE_INVALID'
  /** node:crypto refused what the peer sent in the key exchange; `cause` says why. */
  | 'KEY_EXCHANGE_FAILED'
  /** A server: what came after the key exchange does not begin with a packet that can be read. */
  | 'FIRST_PACKET_INVALID'
  /** More bytes were decrypted in vain than an honest stream can cause. */
  | 'DECRYPTION_BUDGET'
  /** The plaintext does not fit into one packet. */
  | 'PACKET_TOO_LARGE'
  /** All nonces of this session are used; only a new session can send on. */
  | 'NONCES_EXHAUSTED'
  /** The session has not finished its key exchange, has failed, or was closed. */
  | 'SESSION_NOT_OPEN'
  /** The transport ended before it had taken the packet. */
  | 'TRANSPORT_CLOSED';

/** What the protocol engine throws or reports. `code` tells the cases apart. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
