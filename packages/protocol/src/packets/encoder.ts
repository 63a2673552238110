import { randomFillSync, randomInt } from 'node:crypto';
import { ProtocolError } from '../errors.js';
import { Fifo } from './fifo.js';
import { layoutPacket, PADDING_SHAPES, type PaddingShape, type PickInteger } from './padding.js';
import {
  CELL_BYTES,
  CELL_DATA_BYTES,
  HEADER_BYTES,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PACKET_OVERHEAD_BYTES,
  PACKET_TYPE,
  SEAL_BYTES,
  type PacketType,
  type SealedPacketType,
} from './packetFormat.js';

/** Seals plaintexts; a PacketCipher. */
export interface Sealer {
  /** Reserves what sealing one more plaintext needs; throws when it is used up. */
  reserve(): void;
  /** Writes the sealed plaintext, SEAL_BYTES longer than it was, into `target` at `at`. */
  seal(plaintext: Uint8Array, target: Buffer, at: number): void;
}

/** One write to TLS, made only after the previous one was accepted. */
export interface Write {
  readonly bytes: Uint8Array;
  /** The number of the last packet that ends with this write, counting from 1. */
  readonly lastPacket: number;
}

/** A queued packet. It is sealed when it is sent, so that a text for many recipients is stored once. */
interface QueuedPacket {
  readonly type: PacketType;
  /** Undefined: random bytes. */
  readonly plaintext: Uint8Array | undefined;
  readonly dataBytes: number;
  /** With its padding. */
  readonly packetBytes: number;
  /** Bytes sent in a write of their own; usually 0. */
  readonly head: number;
  /** It goes into the write of the packet before it, also while `joinsPackets` is false. */
  readonly isJoined: boolean;
}

/** The rest of a packet. */
interface Rest {
  readonly bytes: Buffer;
  readonly number: number;
  /** Its last cell has no room for padding. */
  readonly isFull?: boolean;
}

/**
 * Most packets are texts that fill whole cells and are stored as their plaintext alone: thousands of them
 * may be queued for each of thousands of clients.
 */
type Queued = Uint8Array | QueuedPacket;

/** Packets are joined into writes of at most this size. */
const MAX_JOINED_BYTES = 65536;

const pickSecurely: PickInteger = (low, high) => randomInt(low, high + 1);

/**
 * Turns packets into writes. packetFormat.ts has the layout of a packet, padding.ts its padding.
 *
 * In a shape whose packets fill records, many packets share one write and still get a record each; one packet a
 * write in other shapes, and while `joinsPackets` is false.
 *
 * In `uniform`, `nextCell` returns the same packets as single cells, each a record.
 *
 * Padding is zero bytes: TLS hides them from the network, and a reader that searches finds no header
 * among them.
 */
export class PacketEncoder {
  /** Packets that fill records share writes: only where TLS cuts them into records of the fragment size. */
  joinsPackets = true;
  readonly #sealer: Sealer;
  readonly #shape: PaddingShape;
  readonly #fillsRecords: boolean;
  readonly #pick: PickInteger;
  readonly #queue = new Fifo<Queued>();
  /** The rest of the packet whose beginning was returned. */
  #rest: Rest | undefined;
  /** The number of the last packet that was queued. */
  #packets = 0;
  /** The number of the last packet that was taken out of the queue. */
  #taken = 0;
  /** The number of the last packet that was returned completely. */
  #finished = 0;
  #queuedBytes = 0;
  /** The last cell ended with data: a decoy must follow, which a late 1.x reader takes for padding. */
  #needsDecoy = false;

  constructor(sealer: Sealer, shape: PaddingShape, pick: PickInteger = pickSecurely) {
    this.#sealer = sealer;
    this.#shape = shape;
    this.#fillsRecords = PADDING_SHAPES[shape].fillsRecords;
    this.#pick = pick;
  }

  /** Packets that `next` has not begun to return. */
  get queuedPackets(): number {
    return this.#queue.length;
  }

  /** Bytes that `next` has not returned yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Queues a sealed packet and returns its number. The plaintext must not change until it is sent. `isJoined`: if
   * packets fill records, in one write with the packet before it.
   *
   * @throws ProtocolError `PACKET_TOO_LARGE`, `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  addSealed(type: SealedPacketType, plaintext: Uint8Array, isJoined = false): number {
    if (plaintext.length > MAX_PLAINTEXT_BYTES) {
      throw tooLarge(`${plaintext.length} bytes of plaintext`, MAX_PLAINTEXT_BYTES);
    }
    this.#sealer.reserve();
    return this.#add(type, plaintext, SEAL_BYTES + plaintext.length, isJoined);
  }

  /** Queues a decoy of `size` random bytes and returns its number. */
  addDecoy(size: number): number {
    if (size > MAX_DATA_BYTES) throw tooLarge(`A decoy of ${size} bytes`, MAX_DATA_BYTES);
    return this.#add(PACKET_TYPE.decoy, undefined, size, false);
  }

  /**
   * Drops packets that are not partly sent, and returns the number of the last remaining one.
   */
  discard(): number {
    const last = this.#rest?.number ?? this.#finished;
    while (this.#queue.take());
    this.#taken = this.#packets;
    this.#queuedBytes = this.#rest?.bytes.length ?? 0;
    return last;
  }

  /** The next write, or undefined when nothing is queued. */
  next(): Write | undefined {
    if (this.#needsDecoy) return this.#decoyCell();
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest?.isFull === true) return this.#finish(rest);
    const packets: Queued[] = [];
    let size = rest?.bytes.length ?? 0;
    for (let first = this.#queue.first; first; first = this.#queue.first) {
      const bytes = this.#sizeOf(first);
      const isAlone = !this.#fillsRecords || headOf(first) > 0;
      const isNextWrite =
        isAlone || size + bytes > MAX_JOINED_BYTES || !(this.joinsPackets || joinsPrevious(first));
      if (size > 0 && isNextWrite) break;
      this.#queue.take();
      packets.push(first);
      size += bytes;
      if (isAlone) break;
    }
    if (size === 0) return undefined;

    const bytes = Buffer.alloc(size);
    let at = 0;
    if (rest) {
      bytes.set(rest.bytes);
      at = rest.bytes.length;
      this.#finished = rest.number;
    }
    for (const packet of packets) {
      this.#write(packet, bytes, at);
      at += this.#sizeOf(packet);
      this.#taken++;
      if (headOf(packet) > 0) return this.#split(headOf(packet), bytes);
      this.#finished = this.#taken;
    }
    this.#queuedBytes -= size;
    return { bytes, lastPacket: this.#finished };
  }

  /** The next cell, in `uniform` padding; a packet over one cell takes several. Undefined when nothing is queued. */
  nextCell(): Write | undefined {
    if (this.#needsDecoy) return this.#decoyCell();
    this.#rest ??= this.#takeForCells();
    const rest = this.#rest;
    if (rest === undefined) return undefined;
    const bytes = rest.bytes.subarray(0, CELL_BYTES);
    this.#queuedBytes -= bytes.length;
    if (rest.bytes.length > CELL_BYTES) {
      this.#rest = { ...rest, bytes: rest.bytes.subarray(CELL_BYTES) };
    } else {
      this.#rest = undefined;
      this.#finished = rest.number;
      this.#needsDecoy = rest.isFull === true;
    }
    return { bytes, lastPacket: this.#finished };
  }

  /** The next packet, sealed, as whole cells. One that fills its last cell has no padding. */
  #takeForCells(): Rest | undefined {
    const packet = this.#queue.take();
    if (packet === undefined) return undefined;
    const head = headOf(packet);
    // With a head, the padding of the packet is as long as the head.
    const size = this.#sizeOf(packet) - head;
    this.#queuedBytes -= head;
    const bytes = Buffer.alloc(size);
    this.#write(packet, bytes, 0);
    return { bytes, number: ++this.#taken, isFull: head > 0 };
  }

  /** All that is left of a packet without padding, in a write of its own. */
  #finish({ bytes, number }: Rest): Write {
    this.#queuedBytes -= bytes.length;
    this.#finished = number;
    this.#needsDecoy = true;
    return { bytes, lastPacket: number };
  }

  #decoyCell(): Write {
    this.#needsDecoy = false;
    const bytes = Buffer.alloc(CELL_BYTES);
    const decoy = { type: PACKET_TYPE.decoy, plaintext: undefined, dataBytes: CELL_DATA_BYTES };
    this.#write({ ...decoy, packetBytes: CELL_BYTES, head: 0, isJoined: false }, bytes, 0);
    return { bytes, lastPacket: this.#finished };
  }

  /** The head of a packet; the rest follows in the next write. */
  #split(head: number, bytes: Buffer): Write {
    this.#rest = { bytes: bytes.subarray(head), number: this.#taken };
    this.#queuedBytes -= head;
    return { bytes: bytes.subarray(0, head), lastPacket: this.#finished };
  }

  /** `u8 type | u16be n | data`; the padding after it is zero already. */
  #write(packet: Queued, target: Buffer, at: number): void {
    const isText = packet instanceof Uint8Array;
    const plaintext = isText ? packet : packet.plaintext;
    const dataBytes = isText ? SEAL_BYTES + packet.length : packet.dataBytes;
    target[at] = isText ? PACKET_TYPE.text : packet.type;
    target[at + 1] = dataBytes >> 8;
    target[at + 2] = dataBytes & 0xff;
    if (plaintext) this.#sealer.seal(plaintext, target, at + HEADER_BYTES);
    else randomFillSync(target, at + HEADER_BYTES, dataBytes);
  }

  #add(type: PacketType, plaintext: Uint8Array | undefined, dataBytes: number, isJoined: boolean): number {
    const length = HEADER_BYTES + dataBytes;
    const { head, padding } = layoutPacket(length, this.#shape, this.#pick);
    const packetBytes = length + padding;
    const isText = plaintext && type === PACKET_TYPE.text;
    const isPlain = isText && this.#fillsRecords && head === 0 && !isJoined;
    this.#queue.add(isPlain ? plaintext : { type, plaintext, dataBytes, packetBytes, head, isJoined });
    this.#queuedBytes += packetBytes;
    return ++this.#packets;
  }

  /** With its padding. */
  #sizeOf(packet: Queued): number {
    if (!(packet instanceof Uint8Array)) return packet.packetBytes;
    const length = PACKET_OVERHEAD_BYTES + packet.length;
    return length + layoutPacket(length, this.#shape, this.#pick).padding;
  }
}

function joinsPrevious(packet: Queued): boolean {
  return !(packet instanceof Uint8Array) && packet.isJoined;
}

function headOf(packet: Queued): number {
  return packet instanceof Uint8Array ? 0 : packet.head;
}

function tooLarge(what: string, limit: number): ProtocolError {
  return new ProtocolError('PACKET_TOO_LARGE', `${what} does not fit into a packet; at most ${limit} do.`);
}
