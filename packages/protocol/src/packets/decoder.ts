import { OpenCandidates } from './candidates.js';
import { ProtocolError } from '../errors.js';
import { RetainedBytes } from './retainedBytes.js';
import {
  HEADER_BYTES,
  MAX_DATA_BYTES,
  PACKET_TYPE,
  SEAL_BYTES,
  type SealedPacketType,
} from './packetFormat.js';

/** A packet whose tag verified. */
export interface Packet {
  readonly type: SealedPacketType;
  readonly plaintext: Buffer;
}

/** Decrypts `source[start, end)`; undefined when the tag does not verify. */
export type Open = (source: Uint8Array, start: number, end: number) => Buffer | undefined;

export interface DecoderCounters {
  /** Packets whose tag verified. */
  packets: number;
  /** Packets found by searching, not at the start of a chunk. */
  resyncs: number;
  /** Bytes that belong to no packet: padding, decoys and garbage, counted when a packet follows. */
  discardedBytes: number;
  /** Candidates whose tag did not verify. */
  failedTags: number;
  /** The bytes of these candidates. */
  failedBytes: number;
}

export interface DecoderOptions {
  /**
   * Read like existing servers. A packet of unknown type is text if it decrypts and begins with a chunk, while no
   * other packet is open; and a stream that does not begin with a decoy or an authentic packet fails. Default false.
   */
  readonly isServer?: boolean;
}

const MAX_PACKET_BYTES = HEADER_BYTES + MAX_DATA_BYTES;

/** Chunks are taken in slices of this size, which bounds what is kept; a TLS record is one slice. */
const SLICE_BYTES = 16384;

/** The budget before the length of the stream counts. */
const FREE_VAIN_BYTES = 1024 * 1024;

/** Random garbage causes about 72 bytes of failed decryption per byte received. */
const VAIN_BYTES_PER_BYTE = 128;

/**
 * The cost of a try beside the bytes of the candidate, for setting up the cipher. It allows one failed
 * try in 45 bytes, where random padding needs one in 400.
 */
const TRY_COST_BYTES = 5760;

/**
 * Finds the authentic packets in a stream whose padding has no length field.
 *
 * The start of each chunk is a hint that a packet may begin there, as it does in each TLS record of an
 * honest peer. Where the hint is wrong, every offset with a plausible header is a candidate; the GCM
 * tag decides. Packets are returned in order, each in the call that delivers its last byte, and the same
 * ones for every way of cutting the stream. (Only a peer that seals one packet inside the data of
 * another can make the cuts decide which of its two packets is found.)
 *
 * Each candidate is tried once. Failed decryption is bounded: past the budget the decoder
 * fails, and with it the session. Memory is bounded by one maximal packet and one slice.
 */
export class PacketDecoder {
  readonly counters: DecoderCounters = {
    packets: 0,
    resyncs: 0,
    discardedBytes: 0,
    failedTags: 0,
    failedBytes: 0,
  };
  /** Set when the budget is used up; the decoder then ignores all input. */
  failure: ProtocolError | undefined;

  readonly #open: Open;
  readonly #candidates = new OpenCandidates();
  readonly #retained = new RetainedBytes();
  /** Bytes received. */
  #received = 0;
  /** The end of the last packet; nothing before it can be part of another. */
  #floor = 0;
  /** The first offset that has not been checked as the start of a packet. */
  #unseen = 0;
  /** No open candidate starts before this offset. */
  #oldestCandidate = 0;
  #vainBytes = 0;
  readonly #isServer: boolean;
  /** The received part of the first packet's header; undefined when there is nothing to check. */
  #firstHeader: Buffer | undefined = Buffer.alloc(0);

  constructor(open: Open, { isServer = false }: DecoderOptions = {}) {
    this.#open = open;
    this.#isServer = isServer;
    if (!isServer) this.#firstHeader = undefined;
  }

  /** The packets whose last byte is in this chunk. The chunk may be reused after the call. */
  receive(chunk: Uint8Array): Packet[] {
    const packets: Packet[] = [];
    for (let at = 0; at < chunk.length && !this.failure; at += SLICE_BYTES) {
      const bytes = Math.min(SLICE_BYTES, chunk.length - at);
      const isOneBuffer = Buffer.isBuffer(chunk) && bytes === chunk.length;
      const slice = isOneBuffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset + at, bytes);
      this.#receiveSlice(slice, packets);
      if (this.#firstHeader !== undefined) this.#checkFirst(slice, this.#firstHeader);
    }
    return packets;
  }

  #receiveSlice(slice: Buffer, packets: Packet[]): void {
    const hint = this.#received;
    this.#received += slice.length;

    // Fast path: a whole packet begins at the hint, which refutes all open candidates.
    const acceptsUnknown = this.#isServer && this.#candidates.isEmpty;
    const length = acceptsUnknown ? packetBytesOfAnyType(slice) : packetBytes(slice, 0);
    const end = hint + length;
    const hintIsWhole = end > hint && end <= this.#received;
    if (hintIsWhole && this.#try(slice, hint, hint, end, packets)) {
      this.#candidates.clear();
      this.#retained.keepLast(0);
      this.#search(slice, hint, hint, packets);
      this.#retain(slice, hint);
      return;
    }

    if (end > this.#received && !isSealedType(slice[0])) {
      // The search may still add one that begins in the last bytes before this slice.
      this.#oldestCandidate = Math.min(hint, this.#unseen);
      this.#candidates.add({ start: hint, end, hinted: true });
    }
    if (this.#retained.length === 0) {
      this.#search(slice, hint, hint, packets);
      this.#retain(slice, hint);
    } else {
      this.#retained.append(slice);
      const view = this.#retained.view;
      const viewStart = this.#received - view.length;
      this.#tryCandidates(view, viewStart, packets);
      this.#search(view, viewStart, hint, packets);
      this.#retained.keepLast(this.#received - this.#firstNeeded());
    }
  }

  /** Tries the candidates whose last byte has arrived. */
  #tryCandidates(view: Buffer, viewStart: number, packets: Packet[]): void {
    while (!this.failure) {
      const candidate = this.#candidates.takeWhole(this.#received);
      if (candidate === undefined) return;
      const { start, end, hinted } = candidate;
      if (start < this.#floor || !this.#try(view, viewStart, start, end, packets)) continue;
      if (!hinted) this.counters.resyncs++;
    }
  }

  /** Checks every unchecked offset; a whole packet at the hint has been tried already. */
  #search(view: Buffer, viewStart: number, hint: number, packets: Packet[]): void {
    const stop = this.#received - HEADER_BYTES + 1;
    const types = new TypeSearch(view);
    let next = Math.max(this.#unseen, this.#floor);
    while (next < stop && !this.failure) {
      const start = viewStart + types.next(next - viewStart);
      if (start >= stop) break;
      next = start + 1;
      const length = packetBytes(view, start - viewStart);
      const end = start + length;
      if (length === 0) continue;
      if (end > this.#received) {
        if (this.#candidates.isEmpty) this.#oldestCandidate = start;
        this.#candidates.add({ start, end, hinted: start === hint });
      } else if (start !== hint && this.#try(view, viewStart, start, end, packets)) {
        this.counters.resyncs++;
        this.#candidates.clear();
        next = end;
      }
    }
    this.#unseen = Math.max(next, stop);
  }

  /** `view` holds the stream from `viewStart` on; the other offsets count from the start of the stream. */
  #try(view: Buffer, viewStart: number, start: number, end: number, packets: Packet[]): boolean {
    const at = start - viewStart;
    const plaintext = this.#open(view, at + HEADER_BYTES, end - viewStart);
    if (plaintext === undefined) {
      this.counters.failedTags++;
      this.counters.failedBytes += end - start;
      this.#spend(end - start);
      return false;
    }
    packets.push({ type: view[at] === PACKET_TYPE.file ? PACKET_TYPE.file : PACKET_TYPE.text, plaintext });
    this.counters.packets++;
    this.counters.discardedBytes += start - this.#floor;
    this.#floor = end;
    return true;
  }

  /** `begun`: the part of the first packet's header received before this slice, if incomplete. */
  #checkFirst(slice: Buffer, begun: Buffer): void {
    const header =
      begun.length < HEADER_BYTES ? Buffer.concat([begun, slice]).subarray(0, HEADER_BYTES) : begun;
    this.#firstHeader = header;
    if (header.length < HEADER_BYTES) return;
    const n = header.readUInt16BE(1);
    if (header[0] === PACKET_TYPE.decoy || this.#floor > 0) {
      this.#firstHeader = undefined;
    } else if (n > MAX_DATA_BYTES || this.#received >= HEADER_BYTES + n) {
      this.failure = new ProtocolError('FIRST_PACKET_INVALID', 'The stream does not begin with a packet.');
    }
  }

  #spend(bytes: number): void {
    this.#vainBytes += bytes + TRY_COST_BYTES;
    if (this.#vainBytes > FREE_VAIN_BYTES + VAIN_BYTES_PER_BYTE * this.#received) {
      this.failure = new ProtocolError(
        'DECRYPTION_BUDGET',
        'The peer sent far more that looks like packets than packets; reading on would only cost time.',
      );
    }
  }

  #retain(view: Buffer, viewStart: number): void {
    const from = this.#firstNeeded() - viewStart;
    if (from < view.length) this.#retained.append(view.subarray(from));
  }

  /** The first offset that can still be part of a packet. */
  #firstNeeded(): number {
    if (this.#candidates.isEmpty) return Math.max(this.#unseen, this.#floor);
    // An open candidate ends after what was received, so none is older than one packet.
    return Math.max(this.#oldestCandidate, this.#floor, this.#received - MAX_PACKET_BYTES + 1);
  }
}

/** Finds types of sealed packets by native search: most bytes are padding. */
class TypeSearch {
  readonly #bytes: Buffer;
  #text = -1;
  #file = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The first such offset from `at` on, which never goes back; Infinity when there is none. */
  next(at: number): number {
    if (this.#text < at) this.#text = this.#find(PACKET_TYPE.text, at);
    if (this.#file < at) this.#file = this.#find(PACKET_TYPE.file, at);
    return Math.min(this.#text, this.#file);
  }

  #find(type: SealedPacketType, at: number): number {
    const found = this.#bytes.indexOf(type, at);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  }
}

function isSealedType(type: number | undefined): boolean {
  return type === PACKET_TYPE.text || type === PACKET_TYPE.file;
}

/** The length of the sealed packet whose header stands at `at`, or 0 when that is not such a header. */
function packetBytes(bytes: Uint8Array, at: number): number {
  return isSealedType(bytes[at]) ? lengthInHeader(bytes, at) : 0;
}

/** The same at the start of a chunk, of any type but a decoy. */
function packetBytesOfAnyType(bytes: Uint8Array): number {
  return bytes[0] === PACKET_TYPE.decoy ? 0 : lengthInHeader(bytes, 0);
}

/** `type (1) | n, big-endian (2)`: the bytes of the whole packet, or 0 when no sealed packet has such a length. */
function lengthInHeader(bytes: Uint8Array, at: number): number {
  const high = bytes[at + 1];
  const low = bytes[at + 2];
  if (high === undefined || low === undefined) return 0;
  const n = (high << 8) | low;
  return n >= SEAL_BYTES && n <= MAX_DATA_BYTES ? HEADER_BYTES + n : 0;
}
