import { isUtf8 } from 'node:buffer';
import { randomBytes, type KeyObject } from 'node:crypto';
import { PacketCipher } from '../packets/cipher.js';
import { PacketDecoder, type DecoderCounters, type Packet } from '../packets/decoder.js';
import { generateDhKeyPair, type DhKeyPair } from '../handshake/dh.js';
import { PacketEncoder, type Write } from '../packets/encoder.js';
import { ProtocolError } from '../errors.js';
import { Fifo } from '../packets/fifo.js';
import {
  clientKeyExchange,
  serverKeyExchange,
  type KeyExchange,
  type SignedOffer,
} from '../handshake/keyExchange.js';
import { NonceSequence } from '../packets/nonces.js';
import type { PaddingShape, PickInteger } from '../packets/padding.js';
import { PACKET_TYPE } from '../packets/packetFormat.js';

/** Events of a session. */
export type SessionEvent =
  /** The key exchange is done: packets can be sent. */
  | { readonly type: 'open' }
  /** A text packet. Bytes that are not UTF-8 become U+FFFD in `text`. */
  | { readonly type: 'text'; readonly text: string; readonly bytes: Buffer }
  | { readonly type: 'file'; readonly bytes: Buffer }
  /** The session has failed: no events follow, and its keys are wiped. */
  | { readonly type: 'failed'; readonly error: ProtocolError };

interface CommonOptions {
  /** How packets are padded; default `uniform`. */
  readonly padding?: PaddingShape;
  /** See `Session.joinsPackets`; default true. */
  readonly joinsPackets?: boolean;
  /** The source of the nonce prefix; default node:crypto. For replays. */
  readonly random?: (size: number) => Uint8Array;
  /** The source of padding lengths; default node:crypto. For replays. */
  readonly pickInteger?: PickInteger;
}

export interface ClientSessionOptions extends CommonOptions {
  readonly role: 'client';
  /** The public key in the pinned certificate that the server has presented. */
  readonly pinnedKey: KeyObject;
  /** Default: a fresh pair. */
  readonly dh?: DhKeyPair;
}

export interface ServerSessionOptions extends CommonOptions {
  readonly role: 'server';
  /** From `makeSignedOffer`; for one session only. */
  readonly offer: SignedOffer;
}

export type SessionOptions = ClientSessionOptions | ServerSessionOptions;

export interface SessionCounters extends Omit<DecoderCounters, 'failedBytes'> {
  /** Packets that were queued to be sent, decoys included. */
  packetsSent: number;
  /** Text packets that were not valid UTF-8. */
  invalidUtf8: number;
}

/**
 * One side of one QuietRoom connection, between the bytes inside TLS and the packets: key exchange, then
 * packets in both directions. It owns no socket and no timer: what TLS receives goes into `receive`, what
 * `nextWrite` returns goes to TLS, one write after the other.
 *
 * @example
 * const session = new Session({ role: 'client', pinnedKey });
 * for (const event of session.receive(record)) if (event.type === 'text') console.log(event.text);
 */
export class Session {
  #state: 'keyExchange' | 'open' | 'closed' = 'keyExchange';
  readonly #options: CommonOptions & Pick<SessionOptions, 'role'>;
  /** Undefined when it is over: it holds the private key of the Diffie-Hellman exchange. */
  #exchange: KeyExchange | undefined;
  readonly #exchangeWrites = new Fifo<Uint8Array>();
  /** The bytes that the key exchange waits for, and those received. */
  #wanted = 0;
  #waiting: Buffer = Buffer.alloc(0);
  #cipher: PacketCipher | undefined;
  #decoder: PacketDecoder | undefined;
  #encoder: PacketEncoder | undefined;
  #joinsPackets: boolean;
  #invalidUtf8 = 0;
  #packetsSent = 0;

  constructor(options: SessionOptions) {
    const { role, padding, random, pickInteger, joinsPackets = true } = options;
    // Without what the key exchange alone needs.
    this.#options = {
      role,
      ...(padding && { padding }),
      ...(random && { random }),
      ...(pickInteger && { pickInteger }),
    };
    this.#joinsPackets = joinsPackets;
    const send = (bytes: Uint8Array): void => this.#exchangeWrites.add(bytes);
    const exchange =
      options.role === 'client'
        ? clientKeyExchange(send, options.dh ?? generateDhKeyPair(), options.pinnedKey)
        : serverKeyExchange(send, options.offer);
    this.#exchange = exchange;
    const first = exchange.next();
    if (first.done !== true) this.#wanted = first.value;
  }

  /** True between the end of the key exchange and the end of the session. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /**
   * In `uniform` padding, packets share writes. Right where TLS cuts a write into records of the fragment size; else
   * the records hold several packets, of which a 1.x reader takes the first.
   */
  get joinsPackets(): boolean {
    return this.#joinsPackets;
  }

  set joinsPackets(joins: boolean) {
    this.#joinsPackets = joins;
    if (this.#encoder) this.#encoder.joinsPackets = joins;
  }

  /** Bytes of packets that `nextWrite` has not returned yet. */
  get queuedBytes(): number {
    return this.#encoder?.queuedBytes ?? 0;
  }

  /** Packets that `nextWrite` has not begun to return. */
  get queuedPackets(): number {
    return this.#encoder?.queuedPackets ?? 0;
  }

  /** Counters of the decoder, live; undefined before the key exchange is done. */
  get decoded(): Readonly<DecoderCounters> | undefined {
    return this.#decoder?.counters;
  }

  /** Whether `nextWrite` has something to return. */
  get hasWrites(): boolean {
    return this.#state !== 'closed' && (this.#exchangeWrites.length > 0 || this.queuedBytes > 0);
  }

  get counters(): SessionCounters {
    const decoder = this.#decoder?.counters;
    return {
      packets: decoder?.packets ?? 0,
      resyncs: decoder?.resyncs ?? 0,
      discardedBytes: decoder?.discardedBytes ?? 0,
      failedTags: decoder?.failedTags ?? 0,
      invalidUtf8: this.#invalidUtf8,
      packetsSent: this.#packetsSent,
    };
  }

  /**
   * Takes the result of one read from TLS: one record, where possible. Never throws; an error is the
   * last event. The chunk may be reused after the call.
   */
  receive(chunk: Uint8Array): SessionEvent[] {
    if (this.#state === 'open') return this.#receivePackets(chunk, []);
    if (this.#state === 'closed') return [];
    return this.#receiveExchange(chunk);
  }

  /**
   * Queues a text packet and returns its number, counting from 1: see `Write.lastPacket`. A text for many
   * sessions can be given as its UTF-8 bytes, which are not copied and must not change.
   *
   * @throws ProtocolError `PACKET_TOO_LARGE`, `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  sendText(text: string | Uint8Array): number {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    return this.#sent(this.#openEncoder().addSealed(PACKET_TYPE.text, bytes));
  }

  /** Queues texts that share one write in `uniform` padding, whatever `joinsPackets` is; throws as `sendText` does. */
  sendJoined(texts: readonly string[]): void {
    const encoder = this.#openEncoder();
    texts.forEach((text, index) =>
      this.#sent(encoder.addSealed(PACKET_TYPE.text, Buffer.from(text), index > 0)),
    );
  }

  /** Queues a file packet, whose bytes must not change until it is sent; returns and throws as `sendText` does. */
  sendFile(bytes: Uint8Array): number {
    return this.#sent(this.#openEncoder().addSealed(PACKET_TYPE.file, bytes));
  }

  /** Queues a decoy with this many random bytes of data; returns and throws as `sendText` does. */
  sendDecoy(dataBytes: number): number {
    return this.#sent(this.#openEncoder().addDecoy(dataBytes));
  }

  /** Drops packets that are not partly sent; returns the number of the last remaining one. */
  discardQueued(): number {
    return this.#openEncoder().discard();
  }

  /** The next write for TLS; call it again only after TLS has accepted the previous one. */
  nextWrite(): Write | undefined {
    if (this.#state === 'closed') return undefined;
    const exchange = this.#exchangeWrites.take();
    return exchange === undefined ? this.#encoder?.next() : { bytes: exchange, lastPacket: 0 };
  }

  /** As `nextWrite`, one cell: for `uniform` padding, after the key exchange. */
  nextCell(): Write | undefined {
    return this.#encoder?.nextCell();
  }

  /** Ends the session: wipes its keys and drops queued packets. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#exchange = undefined;
    this.#cipher?.close();
    this.#encoder = undefined;
  }

  /** Packets are numbered from 1. */
  #sent(packet: number): number {
    this.#packetsSent = packet;
    return packet;
  }

  #openEncoder(): PacketEncoder {
    if (this.#state !== 'open' || this.#encoder === undefined) {
      throw new ProtocolError(
        'SESSION_NOT_OPEN',
        this.#state === 'closed' ? 'The session is closed.' : 'The key exchange is not finished yet.',
      );
    }
    return this.#encoder;
  }

  #receiveExchange(chunk: Uint8Array): SessionEvent[] {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    const exchange = this.#exchange;
    if (exchange === undefined) return [];
    try {
      while (this.#waiting.length >= this.#wanted) {
        const part = this.#waiting.subarray(0, this.#wanted);
        this.#waiting = this.#waiting.subarray(this.#wanted);
        const step = exchange.next(part);
        if (step.done === true) return this.#open(step.value);
        this.#wanted = step.value;
      }
    } catch (error) {
      return [this.#fail(error)];
    }
    return [];
  }

  #open(sessionKey: Buffer): SessionEvent[] {
    const { role, random = randomBytes, padding = 'uniform', pickInteger } = this.#options;
    const cipher = new PacketCipher(sessionKey, new NonceSequence(role, random));
    this.#cipher = cipher;
    this.#exchange = undefined;
    const isServer = role === 'server';
    this.#decoder = new PacketDecoder((source, start, end) => cipher.open(source, start, end), { isServer });
    this.#encoder = new PacketEncoder(cipher, padding, pickInteger);
    this.#encoder.joinsPackets = this.#joinsPackets;
    this.#state = 'open';
    const early = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    return this.#receivePackets(early, [{ type: 'open' }]);
  }

  #receivePackets(chunk: Uint8Array, events: SessionEvent[]): SessionEvent[] {
    const decoder = this.#decoder;
    if (decoder === undefined) return events;
    for (const packet of decoder.receive(chunk)) events.push(this.#packetEvent(packet));
    if (decoder.failure) events.push(this.#fail(decoder.failure));
    return events;
  }

  #packetEvent({ type, plaintext }: Packet): SessionEvent {
    if (type === PACKET_TYPE.file) return { type: 'file', bytes: plaintext };
    const text = plaintext.toString('utf8');
    if (text.includes('\uFFFD') && !isUtf8(plaintext)) this.#invalidUtf8++;
    return { type: 'text', text, bytes: plaintext };
  }

  #fail(error: unknown): SessionEvent {
    this.close();
    if (error instanceof ProtocolError) return { type: 'failed', error };
    // Errors from node:crypto that our checks do not cover also end the session.
    return {
      type: 'failed',
      error: new ProtocolError('KEY_EXCHANGE_FAILED', 'The key exchange failed.', { cause: error }),
    };
  }
}
