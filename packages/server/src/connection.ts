import type { KeyObject } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  Channel,
  CoverTraffic,
  formatServerMessage,
  FRAGMENT_BYTES,
  makeSignedOffer,
  normalizeUsername,
  Session,
  SocketTransport,
  type SessionEvent,
} from '@quietroom/protocol';
import type { Chat } from './chat.js';
import { codeOf, type CloseDetails, type CloseReason } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Peer } from './peer.js';
import { RequestQueue } from './requestQueue.js';
import type { User } from './user.js';

/** How long after the refusal of a name the connection is closed, as on existing servers. */
const REFUSAL_MS = 500;

/** How long a client may take to read what is left and to close its side. */
const LINGER_MS = 5000;

export interface ConnectionContext {
  readonly chat: Chat;
  /** The private key of the certificate. */
  readonly certificateKey: KeyObject;
  readonly options: ResolvedOptions;
}

/**
 * A client on its way through: TLS is done, then key exchange, login, the chat, the end. It brings what the
 * client sends to the chat and what the chat answers to the client.
 *
 * Whatever goes wrong in here ends this connection and no other.
 */
export class Connection {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;

  /** In `closing` nothing that comes in counts any more. */
  #state: 'keyExchange' | 'login' | 'refused' | 'online' | 'closing' = 'keyExchange';
  readonly #peer: Peer;
  readonly #context: ConnectionContext;
  readonly #transport: SocketTransport;
  readonly #requests: RequestQueue;
  readonly #decoys: CoverTraffic;
  #channel: Channel | undefined;
  #user: User | undefined;
  /** Texts that TLS has not taken yet. */
  #unsent = 0;
  #endTimer: unknown;
  #resolveClosed: () => void = () => {};

  constructor(socket: TLSSocket, peer: Peer, context: ConnectionContext) {
    this.#peer = peer;
    this.#context = context;
    this.#transport = new SocketTransport(socket, FRAGMENT_BYTES[context.options.padding]);
    this.#requests = new RequestQueue(
      (text) => this.#request(text),
      socket,
      (error) => this.#destroy('internalError', { error }),
    );
    const { clock, decoyInterval, decoyMinBytes, decoyMaxBytes } = context.options;
    this.#decoys = new CoverTraffic(
      { clock, interval: decoyInterval, isJittered: true, minBytes: decoyMinBytes, maxBytes: decoyMaxBytes },
      (dataBytes) => this.#sending((channel) => channel.sendDecoy(dataBytes)),
    );
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.setNoDelay(true);
    // A client that closes its side is gone as soon as what it said before is done and answered.
    socket.allowHalfOpen = true;
    socket.on('end', () => this.#requests.whenIdle(() => this.#finish('ended')));
  }

  /** Begins with the key exchange. Never rejects. */
  async open(): Promise<void> {
    try {
      const offer = await makeSignedOffer(this.#context.certificateKey);
      const session = new Session({ role: 'server', offer, padding: this.#context.options.padding });
      this.#channel = new Channel(session, this.#transport);
    } catch (error) {
      this.#transport.start({ record: () => {}, closed: (reason) => this.#closed(reason) });
      this.#destroy('internalError', { error });
      return;
    }
    this.#channel.start({
      event: (event) => {
        try {
          this.#receive(event);
        } catch (error) {
          this.#destroy('internalError', { error });
        }
      },
      closed: (error) => this.#closed(error),
    });
  }

  #receive(event: SessionEvent): void {
    if (this.#state === 'closing') return;
    switch (event.type) {
      case 'open':
        this.#state = 'login';
        this.#send(formatServerMessage({ type: 'usernamePrompt' }));
        return;
      case 'text':
        if (this.#state === 'login') this.#login(event.text);
        else if (this.#state === 'online') this.#requests.add(event.text);
        return;
      case 'file':
        return;
      case 'failed':
        this.#destroy('protocolError', { code: event.error.code });
        return;
    }
  }

  #login(sent: string): void {
    const { chat, options } = this.#context;
    const name = normalizeUsername(sent);
    if (name === undefined) {
      this.#finish('nameInvalid');
    } else if (chat.isTaken(name)) {
      this.#state = 'refused';
      this.#peer.ending('nameTaken');
      this.#send(formatServerMessage({ type: 'refusal', reason: 'nameTaken' }));
      this.#endTimer = options.clock.setTimeout(() => this.#finish('nameTaken'), REFUSAL_MS);
    } else {
      this.#state = 'online';
      this.#peer.loggedIn(name);
      this.#user = { name, send: (text) => this.#send(text), quit: () => this.#finish('quit') };
      if (options.decoyTraffic) this.#decoys.start();
      chat.enter(this.#user);
    }
  }

  #request(text: string): void | Promise<void> {
    if (this.#user !== undefined) return this.#context.chat.handle(this.#user, text);
  }

  #send(text: string): void {
    this.#sending((channel) => {
      this.#unsent++;
      channel.sendText(text, this.#taken);
    });
  }

  #sending(send: (channel: Channel) => void): void {
    if (this.#state === 'closing' || this.#channel === undefined) return;
    try {
      send(this.#channel);
    } catch (error) {
      const code = codeOf(error);
      // The session has failed, and the event that says so comes after the request that is being answered.
      if (code !== 'SESSION_NOT_OPEN') this.#destroy('protocolError', { code });
      return;
    }
    if (this.#channel.queuedBytes > this.#context.options.maxQueuedBytes) this.#destroy('queueFull');
  }

  readonly #taken = (): void => {
    this.#unsent--;
    if (this.#state === 'closing' && this.#unsent === 0) this.#transport.end();
  };

  /** Closes in good order: what was sent goes out first. The user is gone at once. */
  #finish(reason: CloseReason): void {
    if (this.#state === 'closing') return;
    this.#stop();
    this.#peer.ending(reason);
    this.#endTimer = this.#context.options.clock.setTimeout(() => this.#destroy(reason), LINGER_MS);
    if (this.#unsent === 0) this.#transport.end();
    this.#depart();
  }

  /** Closes at once; the user is gone when the socket is closed. */
  #destroy(reason: CloseReason, details?: CloseDetails): void {
    this.#stop();
    this.#peer.ending(reason, details);
    this.#channel?.destroy();
    this.#peer.destroy(reason, details);
  }

  #stop(): void {
    this.#state = 'closing';
    this.#context.options.clock.clearTimeout(this.#endTimer);
    this.#decoys.stop();
    this.#requests.clear();
  }

  #closed(error: Error | undefined): void {
    this.#stop();
    if (error !== undefined) this.#peer.ending('socketError', { code: codeOf(error) });
    this.#depart();
    this.#peer.closed();
    this.#resolveClosed();
  }

  #depart(): void {
    const user = this.#user;
    this.#user = undefined;
    if (user !== undefined) this.#context.chat.leave(user);
  }
}
