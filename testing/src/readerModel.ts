/** How records reach a reader: all at once, or each well after the reader has taken the one before. */
export type Arrival = 'burst' | 'spaced';

/** A packet as a 1.x reader takes it; out of step, it is no packet that anybody sent. */
export interface ReadPacket {
  readonly type: number;
  readonly data: Buffer;
}

const HEADER_BYTES = 3;
const MAX_DATA_BYTES = 32768;
const MAX_PADDING_READ_BYTES = 1024;

/**
 * What a 1.x peer reads from these TLS records (docs/protocol.md 3): the header, the data, then *one* read of
 * up to 1024 bytes with a deadline of 10 ms, thrown away as padding. A TLS read never returns bytes of
 * two records. In a burst the next record is there before the deadline; spaced, it is not.
 *
 * The packets up to the end of the records, without the one that the end cuts off. Packets with over
 * 32768 bytes of data are read and dropped, as 1.x does.
 */
export function readLike1x(records: readonly Uint8Array[], arrival: Arrival = 'burst'): ReadPacket[] {
  const reader = new RecordReader(records);
  const packets: ReadPacket[] = [];
  for (;;) {
    const header = reader.readFully(HEADER_BYTES);
    if (header === undefined) return packets;
    const n = header.readUInt16BE(1);
    const data = reader.readFully(n);
    if (data === undefined) return packets;
    if (n <= MAX_DATA_BYTES) packets.push({ type: header.readUInt8(0), data });
    if (reader.leftInRecord > 0 || arrival === 'burst') reader.readOnce(MAX_PADDING_READ_BYTES);
  }
}

class RecordReader {
  readonly #records: readonly Uint8Array[];
  /** The record that the next byte comes from, and where in it. */
  #record = 0;
  #at = 0;

  constructor(records: readonly Uint8Array[]) {
    this.#records = records.filter((record) => record.length > 0);
  }

  /** Bytes of the current record that have not been read. */
  get leftInRecord(): number {
    const record = this.#records[this.#record];
    return record === undefined || this.#at === 0 ? 0 : record.length - this.#at;
  }

  /** Up to `size` bytes, of one record; nothing at the end of the stream. */
  readOnce(size: number): Uint8Array {
    const record = this.#records[this.#record];
    if (record === undefined) return new Uint8Array();
    const bytes = record.subarray(this.#at, this.#at + size);
    this.#at += bytes.length;
    if (this.#at === record.length) {
      this.#record++;
      this.#at = 0;
    }
    return bytes;
  }

  /** Exactly `size` bytes, from as many records as it takes; undefined at the end of the stream. */
  readFully(size: number): Buffer | undefined {
    const pieces: Uint8Array[] = [];
    let missing = size;
    while (missing > 0) {
      const piece = this.readOnce(missing);
      if (piece.length === 0) return undefined;
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}
