/**
 * What an observer of the network sees of a TLS record: the first 5 bytes, which are not encrypted.
 *
 * | bytes | what                              |
 * |-------|-----------------------------------|
 * | 1     | type; 23 for all encrypted data   |
 * | 2     | version                           |
 * | 2     | length of what follows, big-endian |
 */
export interface TlsRecordHeader {
  readonly type: number;
  /** With what encryption adds: 17 bytes in TLS 1.3. */
  readonly bytes: number;
}

/** The type of a record with encrypted data. */
export const TLS_APPLICATION_DATA = 23;

const HEADER_BYTES = 5;

/** Finds the TLS records in one direction of a TCP connection. */
export class TlsRecordReader {
  #header = Buffer.alloc(0);
  /** Bytes of the current record that are still to come. */
  #left = 0;

  /** The records that begin in these bytes, once their headers are whole. */
  read(bytes: Uint8Array): TlsRecordHeader[] {
    const records: TlsRecordHeader[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const missing = HEADER_BYTES - this.#header.length;
      this.#header = Buffer.concat([this.#header, bytes.subarray(at, at + missing)]);
      at += missing;
      if (this.#header.length < HEADER_BYTES) break;
      this.#left = this.#header.readUInt16BE(3);
      records.push({ type: this.#header.readUInt8(0), bytes: this.#left });
      this.#header = Buffer.alloc(0);
    }
    return records;
  }
}
