import { DECOY, FILE, HEADER_BYTES, MAX_DATA_BYTES, SEAL_BYTES, TEXT, unseal } from './packets.js';

/** A packet, and how it lay in the TLS records that brought it. */
export interface ReadPacket {
  readonly type: number;
  /** Of a decoy: its data. */
  readonly plaintext: Buffer;
  readonly dataBytes: number;
  /** What follows the data in the record of its last byte. */
  readonly paddingBytes: number;
  /** Whether bytes that belong to no packet came before it in records of their own. */
  readonly isAfterStray: boolean;
  /** Whether it begins in the record of the packet before it, where a 1.x reader loses it. */
  readonly isJoined: boolean;
}

type Parsed =
  | 'invalid'
  | 'incomplete'
  | {
      readonly type: number;
      readonly plaintext: Buffer;
      readonly dataBytes: number;
      readonly endBytes: number;
    };

/**
 * Finds packets in TLS records, and notes how they are laid out. It shares no code with the decoder of
 * @quietroom/protocol. A packet begins where a record does; for the rest of a record it looks further only to
 * tell that packets were joined there.
 */
export class PacketReader {
  readonly #key: Buffer;
  #records: Buffer[] = [];

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** The packets that this record completes. */
  receive(record: Buffer): ReadPacket[] {
    this.#records.push(record);
    const packets: ReadPacket[] = [];
    while (this.#takeFirst(packets));
    while (this.#records.length > 0 && this.#parse(Buffer.concat(this.#records)) === 'invalid') {
      this.#records.shift();
    }
    return packets;
  }

  #takeFirst(packets: ReadPacket[]): boolean {
    for (let first = 0; first < this.#records.length; first++) {
      const bytes = Buffer.concat(this.#records.slice(first));
      const parsed = this.#parse(bytes);
      if (typeof parsed === 'string') continue;
      // A decoy has no tag: two bytes of a packet that is not complete yet can look like one.
      if (first > 0 && parsed.type === DECOY) continue;
      let last = first;
      let end = 0;
      while (end < parsed.endBytes) end += this.#records[last++]?.length ?? 0;
      const padding = bytes.subarray(parsed.endBytes, end);
      this.#records.splice(0, last);
      const { type, plaintext, dataBytes } = parsed;
      const paddingBytes = padding.length;
      packets.push({ type, plaintext, dataBytes, paddingBytes, isAfterStray: first > 0, isJoined: false });
      this.#findJoined(padding, packets);
      return true;
    }
    return false;
  }

  #findJoined(bytes: Buffer, packets: ReadPacket[]): void {
    for (let at = 0; at + HEADER_BYTES + SEAL_BYTES <= bytes.length; at++) {
      if (bytes[at] !== TEXT && bytes[at] !== FILE) continue;
      const parsed = this.#parse(bytes.subarray(at));
      if (typeof parsed === 'string') continue;
      const { type, plaintext, dataBytes, endBytes } = parsed;
      const paddingBytes = bytes.length - at - endBytes;
      packets.push({ type, plaintext, dataBytes, paddingBytes, isAfterStray: false, isJoined: true });
      at += endBytes - 1;
    }
  }

  #parse(bytes: Buffer): Parsed {
    if (bytes.length < HEADER_BYTES) return 'incomplete';
    const type = bytes.readUInt8(0);
    const dataBytes = bytes.readUInt16BE(1);
    if (type !== TEXT && type !== DECOY && type !== FILE) return 'invalid';
    if (dataBytes > MAX_DATA_BYTES || (type !== DECOY && dataBytes < SEAL_BYTES)) return 'invalid';
    const endBytes = HEADER_BYTES + dataBytes;
    if (bytes.length < endBytes) return 'incomplete';
    const data = bytes.subarray(HEADER_BYTES, endBytes);
    const plaintext = type === DECOY ? data : unseal(this.#key, data);
    return plaintext === undefined ? 'invalid' : { type, plaintext, dataBytes, endBytes };
  }
}
