import { ProtocolError } from '../errors.js';
import type { Write } from '../packets/encoder.js';
import { Fifo } from '../packets/fifo.js';
import type { DecoderCounters } from '../packets/decoder.js';
import type { Session, SessionCounters, SessionEvent } from './session.js';
import type { Transport } from './transport.js';

/** Called once for each packet: when TLS has accepted it, or with the reason why it never will. */
export type Taken = (error?: Error) => void;

export interface ChannelEvents {
  /** A record of this many bytes has arrived; its events follow. */
  received?(bytes: number): void;
  event(event: SessionEvent): void;
  /** TLS has taken a write of this many bytes, and with it all packets up to this number. */
  written?(lastPacket: number, bytes: number): void;
  /** The transport is closed; called once, and last. */
  closed(error?: Error): void;
}

/**
 * Runs a function later, once for each call. The function writes what is queued then and returns the number of bytes.
 * `queuedBytes`: how many wait now.
 */
export type Defer = (write: () => number, queuedBytes: number) => void;

interface Sent {
  readonly packet: number;
  readonly taken: Taken;
}

/**
 * A session on a transport: records in, events out; packets in, writes out.
 *
 * The transport gets one write after the other, each when the one before was taken: Node joins waiting writes into one
 * record, and a 1.x reader loses all packets of a record but the first.
 */
export class Channel {
  readonly #session: Session;
  readonly #transport: Transport;
  readonly #defer: Defer | undefined;
  #isDeferred = false;
  #writing: 'idle' | 'busy' | 'failed' = 'idle';
  #writingBytes = 0;
  #isInWriteLoop = false;
  #isEnding = false;
  /** Only `writeCell` writes. */
  #isPaced = false;
  /** Built, and not passed to TLS yet. */
  #cell: Write | undefined;
  #events: ChannelEvents | undefined;
  readonly #sent = new Fifo<Sent>();
  /** Destroyed, or closed by the peer: only `closed` follows. */
  #isOver = false;

  /** `defer`: when to write; default: at once. */
  constructor(session: Session, transport: Transport, defer?: Defer) {
    this.#session = session;
    this.#transport = transport;
    this.#defer = defer;
  }

  /** Starts with the key exchange. */
  start(events: ChannelEvents): void {
    this.#events = events;
    this.#transport.start({
      record: (bytes) => {
        this.#events?.received?.(bytes.length);
        for (const event of this.#session.receive(bytes)) {
          // The owner may destroy the channel during an event, with further events of the record pending.
          if (this.#isOver) return;
          this.#events?.event(event);
        }
        this.#write();
      },
      closed: (error) => {
        this.#isOver = true;
        this.#session.close();
        if (this.#sent.length > 0) this.#failSent(error ?? closedBefore());
        this.#events?.closed(error);
      },
    });
    this.#write();
  }

  /** Replaces the receiver of events, from the next event on. */
  handOver(events: ChannelEvents): void {
    this.#events = events;
  }

  /**
   * Sends a text and returns the number of its packet: see `ChannelEvents.written`.
   *
   * @throws ProtocolError `PACKET_TOO_LARGE`, `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  sendText(text: string | Uint8Array, taken?: Taken): number {
    const packet = this.#session.sendText(text);
    if (taken) this.#sent.add({ packet, taken });
    this.#write();
    return packet;
  }

  /** Texts in one write; see `Session.sendJoined`. */
  sendJoined(texts: readonly string[]): void {
    this.#session.sendJoined(texts);
    this.#write();
  }

  /** From now on, packets share writes; see `Session.joinsPackets`. */
  joinPackets(): void {
    this.#session.joinsPackets = true;
  }

  /** A packet of a file, whose bytes must not change until it is taken; throws as `sendText` does. */
  sendFile(bytes: Uint8Array, taken?: Taken): void {
    const packet = this.#session.sendFile(bytes);
    if (taken) this.#sent.add({ packet, taken });
    this.#write();
  }

  /** `dataBytes` random bytes; throws as `sendText` does. */
  sendDecoy(dataBytes: number): void {
    this.#session.sendDecoy(dataBytes);
    this.#write();
  }

  /** From now on, only `writeCell` writes; for `uniform` padding, after the key exchange. */
  pace(): void {
    this.#isPaced = true;
  }

  /** Writes what waits at once, and what is sent from now on. */
  unpace(): void {
    this.#isPaced = false;
    this.#write();
  }

  /** Builds the next cell, of what waits; when nothing does, `fill` is called to send a packet of one cell. */
  buildCell(fill: () => void): void {
    if (this.#cell !== undefined) return;
    // At the end, nothing comes after the last message.
    if (this.#session.queuedBytes === 0 && !this.#isEnding) fill();
    this.#cell = this.#session.nextCell();
  }

  /** Writes the cell that was built. False when there is none, or TLS has not taken the write before. */
  writeCell(): boolean {
    if (this.#cell === undefined || this.#writing !== 'idle') return false;
    this.#writeNext();
    return true;
  }

  /** Stops reading from the network until `resume`; events of earlier input may still follow. */
  pauseReading(): void {
    this.#transport.pause();
  }

  resumeReading(): void {
    this.#transport.resume();
  }

  /** Bytes of packets not passed to TLS yet. */
  get queuedBytes(): number {
    return this.#session.queuedBytes;
  }

  /** Bytes of the write that TLS has not accepted yet. */
  get writingBytes(): number {
    return this.#writingBytes;
  }

  /** Packets that TLS has not been given any part of. */
  get queuedPackets(): number {
    return this.#session.queuedPackets;
  }

  /** Counters of the decoder, live; undefined before the first packet can come. */
  get decoded(): Readonly<DecoderCounters> | undefined {
    return this.#session.decoded;
  }

  /** The counters of the session. */
  get counters(): SessionCounters {
    return this.#session.counters;
  }

  /** Closes at once and wipes the keys; callbacks of unsent packets get the reason. */
  destroy(): void {
    this.#isOver = true;
    this.#session.close();
    this.#transport.destroy();
  }

  /**
   * Drops packets that are not partly sent, so that a peer that does not read gets the text that
   * is sent next. Throws like `sendText`.
   */
  discardQueued(): void {
    const last = this.#session.discardQueued();
    const reason = new ProtocolError('TRANSPORT_CLOSED', 'This was discarded before it was sent.');
    const kept: Sent[] = [];
    for (let sent = this.#sent.take(); sent; sent = this.#sent.take()) {
      if (sent.packet <= last) kept.push(sent);
      else sent.taken(reason);
    }
    for (const sent of kept) this.#sent.add(sent);
  }

  /** Closes gracefully after all packets are sent. */
  end(): void {
    this.#isEnding = true;
    this.#endIfSent();
  }

  #failSent(reason: Error): void {
    for (let sent = this.#sent.take(); sent; sent = this.#sent.take()) sent.taken(reason);
  }

  get #hasWrites(): boolean {
    return this.#cell !== undefined || this.#session.hasWrites;
  }

  #write(): void {
    if (this.#isPaced) return;
    if (this.#defer === undefined) {
      this.#writeAll();
      return;
    }
    if (this.#isDeferred || this.#writing !== 'idle' || !this.#hasWrites) return;
    this.#isDeferred = true;
    this.#defer(() => {
      this.#isDeferred = false;
      return this.#writing === 'idle' && !this.#isPaced ? this.#writeNext() : 0;
    }, this.#session.queuedBytes);
  }

  /** Writes until the transport is busy or the queue is empty. */
  #writeAll(): void {
    // A loop instead of recursion: a synchronous transport would overflow the stack.
    if (this.#isInWriteLoop) return;
    this.#isInWriteLoop = true;
    try {
      while (this.#writing === 'idle' && this.#writeNext() > 0);
    } finally {
      this.#isInWriteLoop = false;
    }
  }

  /** Returns the bytes that were written. */
  #writeNext(): number {
    const write = this.#cell ?? this.#session.nextWrite();
    if (write === undefined) return 0;
    this.#cell = undefined;
    this.#writing = 'busy';
    this.#writingBytes = write.bytes.length;
    this.#transport.write(write.bytes, (error) => this.#taken(write, error));
    return write.bytes.length;
  }

  #taken({ lastPacket, bytes }: Write, error: Error | null | undefined): void {
    if (error) {
      this.#writing = 'failed';
      this.#transport.destroy();
      return;
    }
    this.#writing = 'idle';
    this.#writingBytes = 0;
    this.#settle(lastPacket, bytes.length);
    this.#write();
  }

  #endIfSent(): void {
    const isSent = this.#writing === 'idle' && this.#session.queuedBytes === 0 && this.#cell === undefined;
    if (this.#isEnding && isSent) this.#transport.end();
  }

  #settle(lastPacket: number, bytes: number): void {
    for (let sent = this.#sent.first; sent && sent.packet <= lastPacket; sent = this.#sent.first) {
      this.#sent.take();
      sent.taken();
    }
    this.#events?.written?.(lastPacket, bytes);
    this.#endIfSent();
  }
}

function closedBefore(): ProtocolError {
  return new ProtocolError('TRANSPORT_CLOSED', 'The connection closed before this was sent.');
}
