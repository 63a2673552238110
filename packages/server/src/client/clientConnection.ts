import type { KeyObject } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  Channel,
  formatServerMessage,
  makeSignedOffer,
  normalizeUsername,
  Session,
  type SessionEvent,
} from '@quietroom/protocol';
import { decodeUtf8, CELL_BYTES, type TickWheel } from '@quietroom/protocol/internals';
import { addressGroup } from '../addresses/addressGroup.js';
import type { Moderation } from '../admin/moderation.js';
import type { ClientView } from '../admin/views.js';
import type { Chat } from '../chat/chat.js';
import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import type { ClientTransport, Interceptor, Writer } from './clientTransport.js';
import { OutgoingFileBytes } from './outgoingFileBytes.js';
import { ClientCover } from './clientCover.js';
import { IdleTimeout } from './idleTimeout.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import { coverOf } from '../options/options.js';
import { codeOf, type CloseDetails } from '../observe/log.js';
import type { CloseReason } from '../observe/reasons.js';
import { RequestRateLimiter } from './requestRateLimiter.js';
import { CancellableDelays } from './cancellableDelays.js';
import type { ClientSocket } from '../network/clientSocket.js';
import { ClientInput } from './clientInput.js';
import { JunkLimiter } from './junkLimiter.js';
import { OutgoingQueue } from './outgoingQueue.js';
import type { Rejections } from '../observe/rejections.js';
import type { Congestion, CongestedQueue } from '../turns/congestion.js';
import { COST } from '../turns/costs.js';
import { TIGHT_BYTES, type MemoryBudget } from '../turns/memoryBudget.js';
import type { TurnScheduler } from '../turns/turnScheduler.js';
import { TokenBucket } from '../limits/tokenBucket.js';
import { ownedBytes } from '../users/ownedBytes.js';
import type { User } from '../users/user.js';

/** Delay between the refusal of a name and the close, as on existing servers. */
const REFUSAL_MS = 500;

/** Time for a client to read the rest and to close its side. */
const LINGER_MS = 5000;

const NOTICES = {
  loginTimeout: '*** You took too long to log in. Please reconnect. ***',
  idle: '*** Disconnected: no traffic for too long. ***',
  silent: '*** Disconnected: nothing came from you for too long. ***',
  queueFull: '*** Disconnected: you read too slowly, and messages for you were discarded. ***',
  banned: '*** You are banned from this server. ***',
  draining: '*** This server will close soon, and refuses new logins. Try again later. ***',
  messageRate: '*** You are sending too fast: the server now reads you more slowly. Nothing is lost. ***',
} as const;

export interface ClientConnectionContext {
  readonly chat: Chat;
  /** The private key of the certificate. */
  readonly certificateKey: KeyObject;
  readonly options: CurrentOptions;
  readonly rejections: Rejections;
  readonly moderation: Moderation;
  /** The wall clock. */
  readonly date: () => Date;
  readonly counters: Pick<Counters, 'deliveries'>;
  readonly clock: Clock;
  readonly scheduler: TurnScheduler;
  readonly memory: MemoryBudget;
  readonly congestion: Congestion;
  /** The ticks of all steady clients. */
  readonly wheel: () => TickWheel;
}

/** Messages to clients with long queues that a sender may send without waiting: at once, and per second. */
const UNHELD = { perSecond: 20, burst: 100 };

/** At the end, more than this is discarded, so that the client reads the farewell in time. */
const SOON_BYTES = 262_144;

/** The Diffie-Hellman steps of a connection. */
const KEY_EXCHANGE_COST = 800;

/** A queued request. */
type Request = Extract<SessionEvent, { type: 'text' | 'file' }>;

/**
 * A client after TLS: key exchange, login, chat, end. It passes requests
 * to the chat and replies to the client.
 *
 * An error in here ends this connection only.
 */
export class ClientConnection {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;

  /** In `closing` further input is ignored. */
  #state: 'keyExchange' | 'login' | 'refused' | 'online' | 'closing' = 'keyExchange';
  readonly #socket: TLSSocket;
  readonly #clientSocket: ClientSocket;
  readonly #context: ClientConnectionContext;
  readonly #transport: ClientTransport;
  readonly #input: ClientInput<Request>;
  readonly #junkLimiter: JunkLimiter;
  readonly #unheld: TokenBucket;
  #deliver: (record: Uint8Array) => void = () => {};
  /** What the current record held so far. */
  #packets = 0;
  #packetBytes = 0;
  #failedTags = 0;
  #failedBytes = 0;
  readonly #queue: OutgoingQueue;
  /** True while this client waits for one that reads slowly. */
  #waitsForReader = false;
  readonly #rateLimiter: RequestRateLimiter;
  readonly #delays: CancellableDelays;
  #cover: ClientCover | undefined;
  /** The cover starts when the texts of the login are written. */
  #isCoverDue = false;
  #channel: Channel | undefined;
  #user: User | undefined;
  #endTimer: unknown;
  /** Grows with everything that the network accepts. */
  #writes = 0;
  #idleTimeout: IdleTimeout | undefined;
  /** The number of texts to drop, as a fault. */
  #textsToDrop = 0;
  /** True while the recipient of this client's file accepts nothing. */
  #isHeld = false;
  readonly #files = new OutgoingFileBytes();
  #resolveClosed: () => void = () => {};

  constructor(
    socket: TLSSocket,
    transport: ClientTransport,
    clientSocket: ClientSocket,
    context: ClientConnectionContext,
  ) {
    const { clock } = context;
    this.#socket = socket;
    this.#clientSocket = clientSocket;
    this.#context = context;
    this.#transport = transport;
    this.#delays = new CancellableDelays(clock);
    this.#rateLimiter = new RequestRateLimiter(context, (isToBeTold) => {
      context.rejections.add('messageRate', clientSocket.address);
      if (isToBeTold) this.#tell(NOTICES.messageRate);
    });
    this.#junkLimiter = new JunkLimiter(clock);
    this.#unheld = new TokenBucket(clock, () => UNHELD);
    this.#queue = new OutgoingQueue(context, this.#files, () => this.closeSlowReader());
    this.#input = new ClientInput<Request>(context.scheduler, transport, (ms) => this.#delays.wait(ms), {
      decode: (record) => this.#decode(record),
      delayMs: (request) => (request.type === 'text' ? this.#rateLimiter.delayMs() : 0),
      handle: (request) => this.#handle(request),
      mostBytes: () => (context.memory.isTight ? TIGHT_BYTES : context.options.current.maxInputBytes),
      kept: (bytes) => context.memory.add(bytes),
    });
    transport.deliverBy((record, deliver) => {
      this.#deliver = deliver;
      this.#input.addRecord(record);
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    // A client that closes its side leaves once its earlier requests are handled.
    socket.allowHalfOpen = true;
    socket.on('end', () => this.#input.whenIdle(() => this.#finish('ended')));
  }

  /** Bytes that the client has not read yet. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Starts with the key exchange. Never rejects. */
  async open(): Promise<void> {
    try {
      const offer = await makeSignedOffer(this.#context.certificateKey);
      const { padding } = this.#context.options.current;
      const session = new Session({ role: 'server', offer, padding });
      this.#channel = new Channel(session, this.#transport, (write, queuedBytes) =>
        this.#context.scheduler.write(() => this.#guarded(write, 0), queuedBytes),
      );
    } catch (error) {
      this.#transport.start({ record: () => {}, closed: (reason) => this.#closed(reason) });
      this.#destroy('internalError', { error });
      return;
    }
    const channel = this.#channel;
    this.#queue.open(channel);
    this.#guarded(() => {
      channel.start({
        event: (event) => this.#guarded(() => this.#receive(event), undefined),
        written: (_last, bytes) => {
          this.#writes++;
          this.#queue.taken(bytes);
          if (this.#isCoverDue) this.#startCover();
          else this.#cover?.written();
        },
        closed: (error) => this.#closed(error),
      });
    }, undefined);
  }

  /** Disconnects a user who has been idle or silent for too long. Call it every minute. */
  checkIdle(): void {
    if (this.#state !== 'online') return;
    const { bytesRead } = this.#socket;
    const reason = this.#idleTimeout?.check({ bytesRead, writes: this.#writes, isHeld: this.#isHeld });
    if (reason !== undefined) this.#endSaying(reason);
  }

  /** Undefined before the login and after the end. */
  get userName(): string | undefined {
    return this.#user?.name;
  }

  get address(): string {
    return this.#clientSocket.address;
  }

  /** The connection as operators see it. */
  get view(): ClientView {
    const { client, address, openMs } = this.#clientSocket;
    const name = this.userName;
    return {
      client,
      name,
      address,
      since: new Date(this.#context.date().getTime() - openMs),
      queuedBytes: this.queuedBytes,
      messagesPerSecond: this.#rateLimiter.perSecond,
      slowedBy: this.#slowedBy,
      isMuted: name !== undefined && this.#context.moderation.mutes.secondsLeft(name) > 0,
    };
  }

  get #slowedBy(): ClientView['slowedBy'] {
    if (this.#isHeld) return 'fileRecipient';
    if (this.#waitsForReader) return 'slowReader';
    if (this.#user !== undefined && this.#context.chat.waitsForPlace(this.#user)) return 'place';
    if (this.#junkLimiter.isSlowing) return 'junk';
    return this.#rateLimiter.isSlowing ? 'messageRate' : undefined;
  }

  /** Sends the text soon, and closes after it. */
  disconnect(reason: 'kicked' | 'banned', text: string): void {
    this.prepareFarewell();
    this.#tell(text);
    this.#finish(reason);
  }

  /** Lets a fault take over what is written from now on. */
  intercept<T extends Interceptor>(make: (inner: Writer) => T): T {
    return this.#transport.intercept(make);
  }

  get isSteady(): boolean {
    return this.#cover?.isSteady ?? false;
  }

  cut(): void {
    this.#clientSocket.cut();
  }

  dropTexts(count: number): void {
    this.#textsToDrop = count;
  }

  /** Reads and writes nothing more, and stays open. */
  halfOpen(): void {
    this.#transport.freeze();
  }

  /** Applies changed options. */
  reload(): void {
    if (this.#state === 'online' && !this.#isCoverDue) this.#cover?.start();
  }

  /** An unexpected error ends this connection, not the others served in the same turn. */
  #guarded<T>(action: () => T, otherwise: T): T {
    try {
      return action();
    } catch (error) {
      this.#destroy('internalError', { error });
      return otherwise;
    }
  }

  /** Delivers a record, and returns what that cost. */
  #decode(record: Uint8Array): number {
    const isKeyExchange = this.#state === 'keyExchange';
    this.#packets = 0;
    this.#packetBytes = 0;
    this.#deliver(record);
    const decoded = this.#channel?.decoded;
    const failedTags = (decoded?.failedTags ?? 0) - this.#failedTags;
    const failedBytes = (decoded?.failedBytes ?? 0) - this.#failedBytes;
    this.#failedTags += failedTags;
    this.#failedBytes += failedBytes;
    const { length: bytes } = record;
    const waitMs = this.#junkLimiter.charge({
      bytes,
      packets: this.#packets,
      packetBytes: this.#packetBytes,
      failedTags,
      failedBytes,
    });
    if (waitMs === undefined) {
      this.#destroy('junk');
    } else if (waitMs > 0) {
      this.#context.rejections.add('junk', this.#clientSocket.address);
      this.#input.blockFor(waitMs);
    }
    this.#rateLimiter.received(bytes);
    const failedCost = failedTags * COST.failedTag + failedBytes / COST.failedBytesPerUnit;
    return COST.record + failedCost + (isKeyExchange ? KEY_EXCHANGE_COST : 0);
  }

  #receive(event: SessionEvent): void {
    if (this.#state === 'closing') return;
    switch (event.type) {
      case 'open':
        this.#state = 'login';
        this.#clientSocket.handshakeDone(() => this.#endSaying('loginTimeout'));
        this.#tell(formatServerMessage({ type: 'usernamePrompt' }));
        return;
      case 'text':
      case 'file':
        this.#packets++;
        this.#packetBytes += event.bytes.length;
        if (this.#state === 'online') this.#input.addRequest(event);
        else if (this.#state === 'login' && event.type === 'text') this.#login(event.text);
        return;
      case 'failed':
        this.#destroy('protocolError', { code: event.error.code });
        return;
    }
  }

  #login(sent: string): void {
    const { chat, clock, options, moderation, rejections } = this.#context;
    const name = normalizeUsername(sent);
    const { address } = this.#clientSocket;
    const refusal = name === undefined ? undefined : moderation.loginRefusal(name, address);
    if (name === undefined) {
      this.#finish('nameInvalid');
    } else if (refusal !== undefined) {
      rejections.add(refusal, address);
      this.#endSaying(refusal);
    } else if (chat.isTaken(name)) {
      this.#state = 'refused';
      this.#clientSocket.ending('nameTaken');
      this.#tell(formatServerMessage({ type: 'refusal', reason: 'nameTaken' }));
      this.#endTimer = clock.setTimeout(() => this.#finish('nameTaken'), REFUSAL_MS);
    } else {
      this.#state = 'online';
      this.#clientSocket.loggedIn(name);
      this.#idleTimeout = new IdleTimeout(clock, options);
      this.#isCoverDue = true;
      const user = this.#makeUser(name);
      this.#user = user;
      chat.enter(user);
    }
  }

  #makeUser(name: string): User {
    const isOnline = (): boolean => this.#state === 'online';
    const files = this.#files;
    return {
      name,
      address: addressGroup(this.#clientSocket.address),
      get isOnline() {
        return isOnline();
      },
      send: (text) => this.#send(text),
      sendFile: (packet, taken) => this.#sendFile(packet, taken),
      get fileBytesWaiting() {
        return files.bytesWaiting;
      },
      holdReading: () => {
        this.#isHeld = true;
        this.#input.block();
      },
      releaseReading: () => {
        this.#isHeld = false;
        this.#input.unblock();
      },
      pause: (ms) => this.#delays.wait(ms),
      beSteady: () => {
        this.#startCover();
        return this.#cover?.ask();
      },
      fileBegins: () => this.#cover?.fileBegins(),
      fileIsOver: () => this.#cover?.fileIsOver(),
      quit: () => this.#finish('quit'),
    };
  }

  #startCover(): void {
    if (!this.#isCoverDue || this.#channel === undefined) return;
    this.#isCoverDue = false;
    this.#cover = new ClientCover(
      this.#context,
      this.#channel,
      (dataBytes) => this.#send(dataBytes),
      (text) => this.#tell(text),
    );
    this.#cover.start();
  }

  /** How long what waits takes in the steady mode. */
  get #drainMs(): number {
    if (this.#cover?.isSteady !== true) return 0;
    const { interval } = coverOf(this.#context.options.current);
    return (this.queuedBytes / CELL_BYTES + 2) * interval * 1000;
  }

  /** Handles a request, and returns what that cost. */
  #handle(request: Request): number {
    const { counters, congestion } = this.#context;
    congestion.take();
    const before = counters.deliveries;
    this.#guarded(() => this.#request(request), undefined);
    const deliveries = counters.deliveries - before;
    this.#rateLimiter.delivered(deliveries);
    this.#holdFor(congestion.take());
    return COST.request + request.bytes.length / COST.bytesPerUnit + deliveries * COST.delivery;
  }

  #request({ type, text, bytes }: Request & { readonly text?: string }): void {
    const user = this.#user;
    const { chat } = this.#context;
    if (user === undefined) return;
    if (type === 'file') {
      if (chat.handleFile(user, bytes)) this.#rateLimiter.relayed(bytes.length);
      else this.#input.blockFor(this.#rateLimiter.delayMs());
      return;
    }
    const pending = chat.handle(user, decodeUtf8(bytes, text));
    if (pending === undefined) return;
    this.#input.block();
    pending.then(
      () => this.#input.unblock(),
      (error: unknown) => this.#destroy('internalError', { error }),
    );
  }

  /** Lets this client wait for a slow reader, when it sends more to it than a person would. */
  #holdFor(queue: CongestedQueue | undefined): void {
    if (queue === undefined) return;
    if (!queue.isFull && this.#unheld.tryTake()) return;
    this.#waitsForReader = true;
    this.#input.block();
    queue.whenDrained(() => {
      this.#waitsForReader = false;
      this.#input.unblock();
    });
  }

  #tell(text: string): void {
    this.#send(ownedBytes(text));
  }

  /** A text, or a decoy of this many bytes. */
  #send(packet: Uint8Array | number): void {
    if (this.#state === 'closing' || this.#channel === undefined) return;
    try {
      if (typeof packet === 'number') this.#channel.sendDecoy(packet);
      else if (this.#textsToDrop > 0) this.#textsToDrop--;
      else this.#channel.sendText(packet);
    } catch (error) {
      return this.#sendFailed(error);
    }
    this.#queue.added();
  }

  /** Whether something waits for the client, and it takes less of it than `minReadRate`. */
  get readsTooSlowly(): boolean {
    // A steady client is sent what waits as slowly as it wants.
    if (this.#cover?.isSteady === true && this.queuedBytes <= TIGHT_BYTES) return false;
    return this.#state !== 'closing' && this.#queue.readsTooSlowly;
  }

  /** All that the server holds for this client, in bytes. */
  get heldBytes(): number {
    return this.#queue.heldBytes + this.#input.bytes;
  }

  /** Discards what waits, so that the client reads the reason next, and closes. */
  closeSlowReader(): void {
    if (this.#state === 'closing') return;
    this.#queue.discard();
    // Not during a broadcast: leaving causes another broadcast.
    queueMicrotask(() => this.#endSaying('queueFull'));
  }

  /** Discards much that waits, so that a farewell is read soon. */
  prepareFarewell(): void {
    const soonBytes = this.#cover?.isSteady === true ? CELL_BYTES : SOON_BYTES;
    if (this.queuedBytes > soonBytes && this.#state !== 'closing') this.#queue.discard();
  }

  #sendFile(packet: Uint8Array, taken: () => void): void {
    if (this.#state === 'closing' || this.#channel === undefined) return;
    try {
      this.#files.send(this.#channel, packet, taken);
      this.#queue.count();
    } catch (error) {
      this.#sendFailed(error);
    }
  }

  #sendFailed(error: unknown): void {
    const code = codeOf(error);
    // The session has failed; its event follows after the current request.
    if (code !== 'SESSION_NOT_OPEN') this.#destroy('protocolError', { code });
  }

  #endSaying(reason: Extract<CloseReason, keyof typeof NOTICES>): void {
    this.#tell(NOTICES[reason]);
    this.#finish(reason);
  }

  /** Closes gracefully: queued data is sent first. The user leaves at once. */
  #finish(reason: CloseReason): void {
    if (this.#state === 'closing') return;
    this.#stop();
    this.#clientSocket.ending(reason);
    this.#endTimer = this.#context.clock.setTimeout(() => this.#destroy(reason), LINGER_MS + this.#drainMs);
    this.#channel?.end();
    this.#depart();
  }

  /** Closes at once; the user leaves when the socket is closed. */
  #destroy(reason: CloseReason, details?: CloseDetails): void {
    this.#stop();
    this.#clientSocket.ending(reason, details);
    this.#channel?.destroy();
    this.#clientSocket.destroy(reason, details);
  }

  #stop(): void {
    this.#state = 'closing';
    this.#context.clock.clearTimeout(this.#endTimer);
    this.#cover?.finish();
    this.#isCoverDue = false;
    this.#delays.cancel();
    this.#input.close();
    this.#queue.close();
  }

  #closed(error: Error | undefined): void {
    this.#stop();
    this.#cover?.stop();
    this.#queue.closed();
    if (error !== undefined) this.#clientSocket.ending('socketError', { code: codeOf(error) });
    this.#depart();
    this.#clientSocket.closed();
    this.#resolveClosed();
  }

  #depart(): void {
    const user = this.#user;
    this.#user = undefined;
    if (user !== undefined) this.#context.chat.leave(user);
  }
}
