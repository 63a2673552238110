import { ProtocolError } from '../errors.js';
import { Fifo } from '../packets/fifo.js';
import type { Session, SessionCounters, SessionEvent } from './session.js';
import { WritePump, type Transport } from './transport.js';

/** Called once for each packet sent: when TLS has taken it, or with the reason why it never will. */
export type Taken = (error?: Error) => void;

export interface ChannelEvents {
  event(event: SessionEvent): void;
  /** TLS has taken a write. */
  written?(): void;
  /** The transport is closed; called once, and last. */
  closed(error?: Error): void;
}

/** So much makes a write of its own, which is not put off. */
const ENOUGH_BYTES = 65_536;

/** Runs a function later, to join what is sent until then; at most once for each call. */
export type Defer = (write: () => void) => void;

interface Sent {
  readonly packet: number;
  readonly taken: Taken;
}

/** A session on a transport: records in, events out; packets in, writes out. */
export class Channel {
  readonly #session: Session;
  readonly #transport: Transport;
  readonly #pump: WritePump;
  readonly #defer: Defer | undefined;
  #isDeferred = false;
  #isEnding = false;
  #events: ChannelEvents | undefined;
  readonly #sent = new Fifo<Sent>();
  /** Destroyed, or closed by the peer: nothing but `closed` comes out any more. */
  #isOver = false;

  /** `defer`: when to write; default: at once. */
  constructor(session: Session, transport: Transport, defer?: Defer) {
    this.#session = session;
    this.#transport = transport;
    this.#defer = defer;
    this.#pump = new WritePump(session, transport, (lastPacket, error) => {
      if (error) transport.destroy();
      else this.#settle(lastPacket);
    });
  }

  /** Begins with the key exchange. */
  start(events: ChannelEvents): void {
    this.#events = events;
    this.#transport.start({
      record: (bytes) => {
        for (const event of this.#session.receive(bytes)) {
          // The owner may destroy the channel at an event, with more of the same record behind it.
          if (this.#isOver) return;
          events.event(event);
        }
        this.#write();
      },
      closed: (error) => {
        this.#isOver = true;
        this.#session.close();
        const reason =
          error ?? new ProtocolError('TRANSPORT_CLOSED', 'The connection closed before this was sent.');
        for (let sent = this.#sent.take(); sent; sent = this.#sent.take()) sent.taken(reason);
        events.closed(error);
      },
    });
    this.#pump.poke();
  }

  /** @throws ProtocolError `PACKET_TOO_LARGE`, `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN` */
  sendText(text: string | Uint8Array, taken?: Taken): void {
    this.#queued(this.#session.sendText(text), taken);
  }

  /** A packet of a file, whose bytes must not change until it is taken; throws as `sendText` does. */
  sendFile(bytes: Uint8Array, taken?: Taken): void {
    this.#queued(this.#session.sendFile(bytes), taken);
  }

  /** `dataBytes` random bytes; throws as `sendText` does. */
  sendDecoy(dataBytes: number): void {
    this.#queued(this.#session.sendDecoy(dataBytes));
  }

  /** Reads no more from the network, until `resume`; what was read before may still come as events. */
  pauseReading(): void {
    this.#transport.pause();
  }

  resumeReading(): void {
    this.#transport.resume();
  }

  /** Bytes of packets that TLS has not been given yet. */
  get queuedBytes(): number {
    return this.#session.queuedBytes;
  }

  /** What the session has counted so far. */
  get counters(): SessionCounters {
    return this.#session.counters;
  }

  /** Closes at once and drops the keys; what was not taken is told so. */
  destroy(): void {
    this.#isOver = true;
    this.#session.close();
    this.#transport.destroy();
  }

  /**
   * Forgets the packets that have not begun to go out: a peer that does not read shall at least read what
   * is sent next. Throws as `sendText` does.
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

  /** Closes in good order, when all that was sent has gone out. */
  end(): void {
    this.#isEnding = true;
    this.#endIfSent();
  }

  #queued(packet: number, taken?: Taken): void {
    if (taken) this.#sent.add({ packet, taken });
    this.#write();
  }

  #write(): void {
    if (this.#defer === undefined || this.#session.queuedBytes >= ENOUGH_BYTES) return this.#pump.poke();
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    this.#defer(() => {
      this.#isDeferred = false;
      this.#pump.poke();
    });
  }

  #endIfSent(): void {
    if (this.#isEnding && this.#pump.isIdle && this.#session.queuedBytes === 0) this.#transport.end();
  }

  #settle(lastPacket: number): void {
    for (let sent = this.#sent.first; sent && sent.packet <= lastPacket; sent = this.#sent.first) {
      this.#sent.take();
      sent.taken();
    }
    this.#events?.written?.();
    this.#endIfSent();
  }
}
