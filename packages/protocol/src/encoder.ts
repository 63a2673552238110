import { randomBytes } from 'node:crypto';
import { ProtocolError } from './errors.js';
import { Fifo } from './fifo.js';
import { layoutPacket, type PaddingShape, type PickInteger } from './padding.js';
import {
  HEADER_BYTES,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PACKET_TYPE,
  SEAL_BYTES,
  type PacketType,
  type SealedPacketType,
} from './wire.js';

/** Writes the sealed plaintext, SEAL_BYTES longer than it was, into `target` at `at`. */
export type Seal = (plaintext: Uint8Array, target: Buffer, at: number) => void;

/** What is handed to TLS in one piece, and only after the write before it was taken. */
export interface Write {
  readonly bytes: Uint8Array;
  /** The number of the last packet that ends with this write, counting from 1. */
  readonly lastPacket: number;
}

interface QueuedWrite extends Write {
  /** It fills whole cells, so that others may follow it in the same write. */
  readonly wholeCells: boolean;
}

/** Cells are joined into writes of at most this size. */
const MAX_JOINED_BYTES = 65536;

/**
 * Turns packets into writes. The layout of each packet is in wire.ts, its padding in padding.ts.
 *
 * - `uniform`: every packet fills whole cells of 512 bytes, which is also the TLS fragment size, so that
 *   many packets go out in one write and still as one record each.
 * - `random`: 1 to 255 bytes of padding, one packet a write.
 *
 * Padding is zero bytes: TLS hides them from the network, and a reader that searches finds no header
 * among them.
 */
export class PacketEncoder {
  readonly #seal: Seal;
  readonly #shape: PaddingShape;
  readonly #pick: PickInteger | undefined;
  readonly #queue = new Fifo<QueuedWrite>();
  #packets = 0;
  #queuedBytes = 0;

  constructor(seal: Seal, shape: PaddingShape, pick?: PickInteger) {
    this.#seal = seal;
    this.#shape = shape;
    this.#pick = pick;
  }

  /** Bytes that `next` has not given out yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Queues a sealed packet and returns its number.
   *
   * @throws ProtocolError `PACKET_TOO_LARGE`, `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  addSealed(type: SealedPacketType, plaintext: Uint8Array): number {
    if (plaintext.length > MAX_PLAINTEXT_BYTES) {
      throw tooLarge(`${plaintext.length} bytes of plaintext`, MAX_PLAINTEXT_BYTES);
    }
    return this.#add(type, SEAL_BYTES + plaintext.length, (target) =>
      this.#seal(plaintext, target, HEADER_BYTES),
    );
  }

  /** Queues a decoy of `size` random bytes and returns its number. */
  addDecoy(size: number): number {
    if (size > MAX_DATA_BYTES) throw tooLarge(`A decoy of ${size} bytes`, MAX_DATA_BYTES);
    return this.#add(PACKET_TYPE.decoy, size, (target) => randomBytes(size).copy(target, HEADER_BYTES));
  }

  /** The next write, or undefined when nothing is queued. */
  next(): Write | undefined {
    const first = this.#queue.take();
    if (first === undefined) return undefined;
    const pieces = [first.bytes];
    let size = first.bytes.length;
    let lastPacket = first.lastPacket;
    if (first.wholeCells) {
      for (let more = this.#queue.first; more?.wholeCells; more = this.#queue.first) {
        if (size + more.bytes.length > MAX_JOINED_BYTES) break;
        this.#queue.take();
        pieces.push(more.bytes);
        size += more.bytes.length;
        lastPacket = more.lastPacket;
      }
    }
    this.#queuedBytes -= size;
    return { bytes: pieces.length === 1 ? first.bytes : Buffer.concat(pieces, size), lastPacket };
  }

  #add(type: PacketType, dataBytes: number, writeData: (target: Buffer) => void): number {
    const length = HEADER_BYTES + dataBytes;
    const { head, padding } = layoutPacket(length, this.#shape, this.#pick);
    const packet = Buffer.allocUnsafe(length + padding);
    packet.writeUInt8(type, 0);
    packet.writeUInt16BE(dataBytes, 1);
    writeData(packet);
    packet.fill(0, length);

    const number = this.#packets + 1;
    if (head > 0) {
      this.#queue.add({ bytes: packet.subarray(0, head), lastPacket: this.#packets, wholeCells: false });
    }
    this.#queue.add({
      bytes: head > 0 ? packet.subarray(head) : packet,
      lastPacket: number,
      wholeCells: this.#shape === 'uniform',
    });
    this.#packets = number;
    this.#queuedBytes += packet.length;
    return number;
  }
}

function tooLarge(what: string, limit: number): ProtocolError {
  return new ProtocolError('PACKET_TOO_LARGE', `${what} does not fit into a packet; at most ${limit} do.`);
}
