import { ProtocolError } from './errors.js';
import { Fifo } from './fifo.js';
import type { Session, SessionCounters, SessionEvent } from './session.js';
import { WritePump, type Transport } from './transport.js';

/** Called once for each packet sent: when TLS has taken it, or with the reason why it never will. */
export type Taken = (error?: Error) => void;

export interface ChannelEvents {
  event(event: SessionEvent): void;
  /** The transport is closed; called once, and last. */
  closed(error?: Error): void;
}

interface Sent {
  readonly packet: number;
  readonly taken: Taken;
}

/** A session on a transport: records in, events out; packets in, writes out. */
export class Channel {
  readonly #session: Session;
  readonly #transport: Transport;
  readonly #pump: WritePump;
  readonly #sent = new Fifo<Sent>();
  /** Destroyed, or closed by the peer: nothing but `closed` comes out any more. */
  #isOver = false;

  constructor(session: Session, transport: Transport) {
    this.#session = session;
    this.#transport = transport;
    this.#pump = new WritePump(session, transport, (lastPacket, error) => {
      if (error) transport.destroy();
      else this.#settle(lastPacket);
    });
  }

  /** Begins with the key exchange. */
  start(events: ChannelEvents): void {
    this.#transport.start({
      record: (bytes) => {
        for (const event of this.#session.receive(bytes)) {
          // The owner may destroy the channel at an event, with more of the same record behind it.
          if (this.#isOver) return;
          events.event(event);
        }
        this.#pump.poke();
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
  sendText(text: string, taken?: Taken): void {
    this.#queued(this.#session.sendText(text), taken);
  }

  /** `dataBytes` random bytes; throws as `sendText` does. */
  sendDecoy(dataBytes: number): void {
    this.#queued(this.#session.sendDecoy(dataBytes));
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

  /** Closes in good order; call it when all that should go out was taken. */
  end(): void {
    this.#transport.end();
  }

  #queued(packet: number, taken?: Taken): void {
    if (taken) this.#sent.add({ packet, taken });
    this.#pump.poke();
  }

  #settle(lastPacket: number): void {
    for (let sent = this.#sent.first; sent && sent.packet <= lastPacket; sent = this.#sent.first) {
      this.#sent.take();
      sent.taken();
    }
  }
}
