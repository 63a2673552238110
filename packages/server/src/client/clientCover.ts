import { DecoyCover, type Channel, type Cover } from '@quietroom/protocol';
import { CELL_DATA_BYTES, SteadyCover, type TickWheel } from '@quietroom/protocol/internals';
import type { CurrentOptions } from '../options/currentOptions.js';
import { coverOf } from '../options/options.js';
import type { Clock } from '../time/clock.js';

export interface ClientCoverContext {
  readonly clock: Clock;
  readonly options: CurrentOptions;
  /** The ticks of all steady clients. */
  readonly wheel: () => TickWheel;
}

/** The cover of one client: decoys, the steady mode of the server, or the one that the client has asked for. */
export class ClientCover {
  readonly #context: ClientCoverContext;
  readonly #channel: Channel;
  readonly #sendDecoy: (dataBytes: number) => void;
  readonly #tell: (text: string) => void;
  #cover: Cover | undefined;
  #isAsked = false;
  #files = 0;
  /** A file is over, and its last bytes may still wait. */
  #isResuming = false;

  /** `tell` sends a text of the server to the client. */
  constructor(
    context: ClientCoverContext,
    channel: Channel,
    sendDecoy: (dataBytes: number) => void,
    tell: (text: string) => void,
  ) {
    this.#context = context;
    this.#channel = channel;
    this.#sendDecoy = sendDecoy;
    this.#tell = tell;
  }

  get isSteady(): boolean {
    return this.#cover instanceof SteadyCover;
  }

  /** Starts, or applies changed options. */
  start(): void {
    if (this.#cover instanceof SteadyCover && this.#wantsSteady && this.#files === 0) {
      this.#cover.moveTo(this.#context.wheel());
      return;
    }
    this.#cover?.stop();
    this.#cover = this.#make();
    this.#cover?.start();
  }

  /** The client asks for the steady mode; gives its interval in seconds, or undefined where padding forbids it. */
  ask(): number | undefined {
    const { current } = this.#context.options;
    if (current.padding !== 'uniform') return undefined;
    if (!this.#isAsked) {
      this.#isAsked = true;
      if (!this.isSteady && this.#files === 0) this.start();
    }
    return coverOf(current).interval;
  }

  fileBegins(): void {
    this.#files++;
    this.#isResuming = false;
    if (!this.isSteady) return;
    this.#tell(
      '*** The steady mode is left for a file: observers see it, and your messages until it is over. ***',
    );
    this.start();
  }

  fileIsOver(): void {
    this.#files--;
    this.#isResuming = this.#files === 0 && this.#wantsSteady && !this.isSteady;
    this.written();
  }

  /** To be called when the network has taken a write: the steady mode goes on when all of a file is through. */
  written(): void {
    if (!this.#isResuming || this.#channel.queuedBytes > 0) return;
    this.#isResuming = false;
    this.start();
    this.#tell('*** The steady mode goes on. ***');
  }

  /** Sends what waits, and no more cover. */
  finish(): void {
    this.#cover?.finish();
  }

  stop(): void {
    this.#cover?.stop();
  }

  get #wantsSteady(): boolean {
    return this.#isAsked || coverOf(this.#context.options.current).isSteady;
  }

  #make(): Cover | undefined {
    const { clock, options, wheel } = this.#context;
    const {
      decoyTraffic,
      decoyInterval: interval,
      decoyMinBytes: minBytes,
      decoyMaxBytes: maxBytes,
    } = options.current;
    if (this.#wantsSteady && this.#files === 0) {
      return new SteadyCover(wheel(), this.#channel, () => this.#sendDecoy(CELL_DATA_BYTES));
    }
    return decoyTraffic
      ? new DecoyCover({ clock, interval, isJittered: true, minBytes, maxBytes }, this.#sendDecoy)
      : undefined;
  }
}
