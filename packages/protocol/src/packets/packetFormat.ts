/**
 * The layout of a packet:
 *
 * | bytes | what                                                            |
 * |-------|-----------------------------------------------------------------|
 * | 1     | type                                                            |
 * | 2     | n, big-endian: length of the data                               |
 * | n     | data; for types 1 and 3: nonce (12), ciphertext, GCM tag (16)   |
 * | ?     | padding, without a length field                                 |
 */
export const PACKET_TYPE = { text: 1, decoy: 2, file: 3 } as const;

export type PacketType = (typeof PACKET_TYPE)[keyof typeof PACKET_TYPE];

/** Packets whose data is authenticated. */
export type SealedPacketType = typeof PACKET_TYPE.text | typeof PACKET_TYPE.file;

export const HEADER_BYTES = 3;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** What sealing adds to a plaintext. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** The bytes of a sealed packet beside plaintext and padding. */
export const PACKET_OVERHEAD_BYTES = HEADER_BYTES + SEAL_BYTES;

/** A reader drops packets whose data is longer. */
export const MAX_DATA_BYTES = 32768;

/** The longest plaintext that fits into one packet. */
export const MAX_PLAINTEXT_BYTES = MAX_DATA_BYTES - SEAL_BYTES;

/** Clients of version 1.x disconnect when they are sent packets with more data than this. */
export const MAX_CLIENT_DATA_BYTES = 4096;

/** The longest text, with the server's prefix, that every client survives; UTF-8 bytes. */
export const MAX_CLIENT_TEXT_BYTES = MAX_CLIENT_DATA_BYTES - SEAL_BYTES;

/** A cell: what packets are padded to, and the longest TLS record, in `uniform` padding. */
export const CELL_BYTES = 512;

/** The most data of a packet that takes one cell: one byte is padding. */
export const CELL_DATA_BYTES = CELL_BYTES - HEADER_BYTES - 1;

/** The longest text that takes one cell; UTF-8 bytes. */
export const MAX_CELL_TEXT_BYTES = CELL_DATA_BYTES - SEAL_BYTES;
