import irc, { type Client, type ClientEvents } from 'irc-framework';
import type { Delivery } from '../delivery/outbox.js';
import { IrcSocket, type IrcAddress } from './ircSocket.js';
import type { Members } from './members.js';

/** Whom to log in as, and where. */
export interface IrcIdentity extends IrcAddress {
  readonly nick: string;
  readonly realName: string;
  readonly serverPassword?: string | undefined;
  readonly sasl?: { readonly account: string; readonly password: string } | undefined;
  /** Channels, and their keys. */
  readonly channels: ReadonlyMap<string, string | undefined>;
}

/** A text that somebody sent to a channel or to the bridge itself, where `channel` is undefined. */
export interface IrcMessage {
  readonly channel: string | undefined;
  readonly nick: string;
  readonly text: string;
  readonly isAction: boolean;
}

export interface IrcListener {
  readonly message: (message: IrcMessage) => void;
  /** The bridge is in a channel. */
  readonly entered: (channel: string) => void;
  readonly log: (line: string) => void;
}

/** Lines that were sent and are not confirmed. */
interface Flight {
  readonly token: string;
  readonly target: string;
  readonly lines: number;
  refusal: string | undefined;
  readonly resolve: (delivery: Delivery) => void;
}

const REGISTRATION_MS = 60_000;
const REJOIN_MS = 30_000;

/** Seconds without a line after which the server is asked, and after which the connection has ended. */
const PING_INTERVAL = 60;
const PING_TIMEOUT = 180;

/** A reply that reports an error: its number and the name that it is about. */
const ERROR_REPLY = /^(?:@\S+ )?:\S+ ([45]\d\d) \S+ (\S+)(?: :(.*))?/;

/** One connection to an IRC server, from the dial to its end. */
export class IrcSession {
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<string>;
  readonly #identity: IrcIdentity;
  readonly #members: Members;
  readonly #listener: IrcListener;
  readonly #client: Client = new irc.Client();
  readonly #joined = new Set<string>();
  /** Channels that are joined again later: one try at a time. */
  readonly #rejoining = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #wait: (lines: number) => Promise<void>;
  #isRegistered = false;
  #isLoggedIn = false;
  #isEnding = false;
  #triedNicks = 0;
  #flight: Flight | undefined;
  #reason: string | undefined;
  #lastToken = 0;

  /** `wait`: resolves when so many lines may be sent. */
  constructor(
    identity: IrcIdentity,
    members: Members,
    listener: IrcListener,
    wait: (lines: number) => Promise<void>,
  ) {
    this.#identity = identity;
    this.#members = members;
    this.#listener = listener;
    this.#wait = wait;
    this.ended = new Promise((resolve) => {
      this.#client.on('socket close', () => resolve(this.#onClose()));
    });
    this.#listen();
    this.#connect();
  }

  get isRegistered(): boolean {
    return this.#isRegistered && !this.#isEnding;
  }

  /** Whether the bridge is in a channel. */
  isIn(channel: string): boolean {
    return this.isRegistered && this.#joined.has(channel);
  }

  /** A name as the server compares it. */
  caseLower(name: string): string {
    return this.#client.caseLower(name);
  }

  /**
   * Sends lines that were waited for, and a PING behind them: resolves when the server has answered that, and so has
   * handled them. One call at a time.
   */
  send(command: 'PRIVMSG' | 'NOTICE', target: string, lines: readonly string[]): Promise<Delivery> {
    if (!this.isRegistered) throw new Error('There is no connection to IRC.');
    const token = `quietroom-${++this.#lastToken}`;
    return new Promise((resolve) => {
      this.#flight = { token, target, lines: lines.length, refusal: undefined, resolve };
      for (const line of lines) this.#client.raw(command, target, line);
      this.#client.raw('PING', token);
    });
  }

  /** Leaves the server. */
  quit(): void {
    this.#isEnding = true;
    this.#reason ??= 'The bridge left.';
    if (this.#isRegistered) this.#client.quit('The bridge stops');
    else this.#client.connection.end();
    this.#later(5000, () => this.#client.connection.end(undefined, true));
  }

  #connect(): void {
    const { nick, realName, serverPassword, sasl } = this.#identity;
    const address: IrcAddress = this.#identity;
    const onError = (error: unknown): void => {
      this.#reason ??= error instanceof Error ? error.message : String(error);
    };
    class Transport extends IrcSocket {
      constructor() {
        super(address, onError);
      }
    }
    this.#client.connect({
      nick,
      username: 'bridge',
      gecos: realName,
      password: serverPassword,
      account: sasl ?? {},
      sasl_disconnect_on_fail: true,
      version: '',
      auto_reconnect: false,
      ping_interval: PING_INTERVAL,
      ping_timeout: PING_TIMEOUT,
      transport: Transport,
    });
    this.#later(REGISTRATION_MS, () => {
      if (!this.#isRegistered) this.#fail('The server did not log the bridge in within 60 s.');
    });
  }

  #listen(): void {
    const client = this.#client;
    client.on('registered', () => this.#onRegistered());
    client.on('loggedin', () => (this.#isLoggedIn = true));
    client.on('sasl failed', ({ reason, message = '' }) =>
      this.#fail(`SASL failed: ${reason} ${message}`.trim()),
    );
    client.on('nick in use', ({ nick }) => this.#onNickInUse(nick));
    client.on('nick invalid', ({ nick, reason }) => {
      if (!this.#isRegistered) this.#fail(`The server refuses the nick ${nick}: ${reason}`);
    });
    client.on('irc error', ({ error, channel, reason = '' }) => {
      if (error === 'irc') this.#reason ??= `The server closed the connection: ${reason}`;
      else if (error === 'password_mismatch') this.#fail('The server password is wrong.');
      else if (channel !== undefined) this.#onJoinError(channel, reason);
    });
    client.on('privmsg', (event) => this.#onMessage(event, false));
    client.on('action', (event) => this.#onMessage(event, true));
    client.on('notice', (event) => {
      // A notice must not be answered.
      if (!this.#isOwn(event.target)) this.#onMessage(event, false);
    });
    client.on('pong', ({ message }) => this.#onPong(message));
    client.on('raw', ({ line, from_server: isFromServer }) => {
      if (isFromServer) this.#onLine(line);
    });
    this.#listenToMembers();
  }

  #listenToMembers(): void {
    const client = this.#client;
    client.on('join', ({ nick, channel: name }) => {
      const channel = this.#channelOf(name);
      if (channel === undefined) return;
      if (this.#isOwn(nick)) this.#onEntered(channel);
      else this.#members.join(channel, nick);
    });
    client.on('part', ({ nick, channel }) => this.#onGone(channel, nick, 'left'));
    client.on('kick', ({ kicked, channel }) => this.#onGone(channel, kicked, 'was removed from'));
    client.on('quit', ({ nick, message }) => {
      this.#members.quit(nick, isNetsplit(message));
      this.#wantNick(nick);
    });
    client.on('nick', ({ nick, new_nick: newNick }) => {
      if (this.#isOwn(nick) || this.#isOwn(newNick)) return;
      this.#members.rename(nick, newNick);
      this.#wantNick(nick);
    });
    client.on('userlist', ({ channel: name, users }) => {
      const channel = this.#channelOf(name);
      if (channel === undefined) return;
      const others = users.map(({ nick }) => nick).filter((nick) => !this.#isOwn(nick));
      this.#members.replace(channel, others);
    });
  }

  #onRegistered(): void {
    if (this.#identity.sasl !== undefined && !this.#isLoggedIn) {
      this.#fail('The server has not logged the bridge in by SASL.');
      return;
    }
    this.#isRegistered = true;
    const { host, port, channels } = this.#identity;
    this.#listener.log(`IRC: connected to ${host}:${port} as ${this.#client.user.nick}`);
    for (const channel of channels.keys()) this.#join(channel);
  }

  #join(channel: string): void {
    const key = this.#identity.channels.get(channel);
    this.#wait(1).then(
      () => this.#client.raw('JOIN', channel, ...(key === undefined ? [] : [key])),
      () => {},
    );
  }

  #onEntered(channel: string): void {
    this.#joined.add(channel);
    this.#listener.log(`IRC: in ${channel}`);
    this.#listener.entered(channel);
  }

  #onGone(name: string, nick: string, how: string): void {
    const channel = this.#channelOf(name);
    if (channel === undefined) return;
    if (!this.#isOwn(nick)) {
      this.#members.leave(channel, nick);
      return;
    }
    this.#joined.delete(channel);
    this.#listener.log(`IRC: the bridge ${how} ${channel}, and joins it again in ${REJOIN_MS / 1000} s`);
    this.#rejoinLater(channel);
  }

  #onJoinError(name: string, reason: string): void {
    const channel = this.#channelOf(name);
    // After a kick, lines on their way are refused, too.
    if (channel === undefined || this.#joined.has(channel) || this.#rejoining.has(channel)) return;
    this.#listener.log(`IRC: ${channel} cannot be joined: ${reason}`);
    this.#rejoinLater(channel);
  }

  #rejoinLater(channel: string): void {
    this.#rejoining.add(channel);
    this.#later(REJOIN_MS, () => {
      this.#rejoining.delete(channel);
      this.#join(channel);
    });
  }

  #onNickInUse(nick: string): void {
    if (this.#isRegistered) return;
    this.#listener.log(`IRC: the nick ${nick} is in use`);
    this.#triedNicks++;
    this.#client.changeNick(`${this.#identity.nick.slice(0, 28)}_${this.#triedNicks}`);
  }

  /** Takes the configured nick when it becomes free. */
  #wantNick(free: string): void {
    const { nick } = this.#identity;
    if (this.#isOwn(nick) || !this.#client.caseCompare(free, nick)) return;
    this.#wait(1).then(
      () => this.#client.changeNick(nick),
      () => {},
    );
  }

  #onMessage(event: ClientEvents['privmsg'], isAction: boolean): void {
    const { nick, target, message: text, from_server: isFromServer } = event;
    if (isFromServer || this.#isOwn(nick)) return;
    const channel = this.#channelOf(target);
    if (channel === undefined && !this.#isOwn(target)) return;
    this.#listener.message({ channel, nick, text, isAction });
  }

  #onPong(token: string | undefined): void {
    const flight = this.#flight;
    if (flight === undefined || flight.token !== token) return;
    this.#flight = undefined;
    const { refusal: reason, lines } = flight;
    if (reason === undefined) flight.resolve({ status: 'accepted' });
    // It is not known which of several lines was refused.
    else flight.resolve({ status: 'refused', reason, acceptedParts: lines === 1 ? 0 : 1 });
  }

  #onLine(line: string): void {
    const flight = this.#flight;
    if (flight === undefined) return;
    const [, number, about = '', text = ''] = ERROR_REPLY.exec(line) ?? [];
    if (number !== undefined && this.#client.caseCompare(about, flight.target)) {
      flight.refusal ??= `${number} ${text}`;
    }
  }

  #onClose(): string {
    this.#isEnding = true;
    this.#joined.clear();
    this.#members.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#flight?.resolve({ status: 'unconfirmed', reason: 'connection-lost' });
    this.#flight = undefined;
    return this.#reason ?? 'The connection was lost.';
  }

  #fail(reason: string): void {
    this.#reason ??= reason;
    this.#isEnding = true;
    this.#client.connection.end(undefined, true);
  }

  #isOwn(nick: string): boolean {
    return this.#client.caseCompare(nick, this.#client.user.nick);
  }

  /** The channel as it is configured. */
  #channelOf(name: string): string | undefined {
    for (const channel of this.#identity.channels.keys()) {
      if (this.#client.caseCompare(channel, name)) return channel;
    }
    return undefined;
  }

  #later(ms: number, callback: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Servers give the names of two servers as the reason when the connection between them breaks, and users cannot. */
function isNetsplit(reason: string): boolean {
  return /^[\w*-]+(?:\.[\w*-]+)+ [\w*-]+(?:\.[\w*-]+)+$/.test(reason);
}
