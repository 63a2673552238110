/** The longest TLS record. */
const MAX_RECORD_BYTES = 16384;

/** Go's first records, of which each is longer by this than the one before: 1.2 KB, 2.4 KB … 16 KB. */
const GO_STEP_BYTES = 1180;

const goRecordBytes = (index: number): number => Math.min(GO_STEP_BYTES * (index + 1), MAX_RECORD_BYTES);

/** Bytes in pieces; `sizeOf` gives the size of each, whose numbers begin with `first`. */
function slices(bytes: Uint8Array, sizeOf: (index: number) => number, first = 0): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = sizeOf(first + pieces.length);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** The records that Node makes of writes, each of which TLS took before the next was written. */
export function recordsByNode(writes: readonly Uint8Array[], fragmentBytes = MAX_RECORD_BYTES): Uint8Array[] {
  return writes.flatMap((write) => slices(write, () => fragmentBytes));
}

/** The records that Go makes of the first writes of a connection: short ones first, growing. */
export function recordsByGo(writes: readonly Uint8Array[]): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (const write of writes) records.push(...slices(write, goRecordBytes, records.length));
  return records;
}

/** A stream cut after each of the given numbers of bytes; what is left over is the last piece. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at + size >= bytes.length) break;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  pieces.push(bytes.subarray(at));
  return pieces;
}

/** Neighbours joined into one, `counts[0]` of them first, then `counts[1]`; what is left stays as it is. */
export function join(pieces: readonly Uint8Array[], counts: readonly number[]): Uint8Array[] {
  const joined: Uint8Array[] = [];
  let at = 0;
  for (const count of counts) {
    if (at >= pieces.length) break;
    joined.push(Buffer.concat(pieces.slice(at, at + count)));
    at += count;
  }
  return [...joined, ...pieces.slice(at)];
}
