import { createPublicKey, randomBytes, X509Certificate, type KeyObject } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import {
  Ruling,
  Unmet,
  type CaseGroup,
  type ConformanceCase,
  type Step,
  type Version,
} from '../engine/conformanceCase.js';
import { Peer, type Expected } from '../wire/peer.js';
import { makeDhKeys, readOffer, sessionKey, withLength, type DhKeys } from '../wire/keyExchange.js';
import { NothingCame, openTcp, Wire, type WireTarget } from '../wire/wire.js';
import { HINT, PROMPT, welcome } from './serverTexts.js';

export type ServerCase = ConformanceCase<ServerBench>;
export type ServerGroup = CaseGroup<ServerBench>;

export interface ServerTarget extends WireTarget {
  /** The pinned certificate, as PEM. */
  readonly certPem: string;
  readonly version: Version;
}

/** A peer that is logged in. */
export interface User extends Peer {
  readonly userName: string;
}

/** Makes names of users and rooms that nobody else on the server has. */
export class UniqueNames {
  readonly #run = randomBytes(3).toString('hex');
  #count = 0;

  next(prefix: string): string {
    return `${prefix}${this.#run}-${++this.#count}`;
  }
}

/** What a case does with a server: connect, log in, ask. */
export class ServerBench {
  readonly target: ServerTarget;
  readonly steps: Step[] = [];
  readonly certificate: X509Certificate;
  readonly #names: UniqueNames;
  readonly #wires: (Wire | Socket)[] = [];

  constructor(target: ServerTarget, names: UniqueNames) {
    this.target = target;
    this.#names = names;
    this.certificate = new X509Certificate(target.certPem);
  }

  get version(): Version {
    return this.target.version;
  }

  get pinnedKey(): KeyObject {
    return createPublicKey(this.certificate.publicKey.export({ format: 'pem', type: 'spki' }));
  }

  /** A name for a user. */
  name(): string {
    return this.#names.next('c');
  }

  /** A name for a room. */
  room(): string {
    return this.#names.next('#c');
  }

  /** A word that is in no other text. */
  word(): string {
    return this.#names.next('word');
  }

  /** A TCP connection without TLS. */
  async tcp(): Promise<Socket> {
    return this.#keep(await this.#connected(() => openTcp(this.target)));
  }

  /** A TLS connection. */
  async connect(options: ConnectionOptions = {}): Promise<Wire> {
    return this.#keep(await this.#connected(() => Wire.connect(this.target, options)));
  }

  /** A connection after the key exchange. */
  async open(keys: DhKeys = makeDhKeys()): Promise<Peer> {
    const wire = await this.connect();
    const { publicKey } = await this.tries('a signed public key', () => readOffer(wire));
    await wire.write(withLength(keys.publicKey));
    return new Peer(wire, sessionKey(keys.secret(publicKey)), this.steps);
  }

  /** A user who is logged in, and has got the whole welcome. */
  async login(name = this.name()): Promise<User> {
    const peer = await this.open();
    await peer.hears(PROMPT);
    await peer.say(name);
    await peer.hears(welcome(name));
    await peer.hears(HINT);
    return Object.assign(peer, { userName: name });
  }

  /** Several users, who are logged in one after another. */
  async logins(): Promise<readonly [User, User]>;
  async logins(count: 3): Promise<readonly [User, User, User]>;
  async logins(count = 2): Promise<readonly User[]> {
    const users: User[] = [];
    while (users.length < count) users.push(await this.login());
    return users;
  }

  /** Runs a step of the connection. @throws Unmet when it does not come, too */
  async tries<T>(expected: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof NothingCame) && !(error instanceof RangeError)) throw error;
      return this.fails(expected, error.message);
    }
  }

  /** Notes what is seen. @throws Unmet when it is not so */
  check(expected: string, isMet: boolean, seen: unknown): void {
    const text = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? String(seen));
    this.steps.push({ expected, seen: text });
    if (!isMet) throw new Unmet(`Not seen: ${expected}.`);
  }

  /** The same for values that must be equal. @throws Unmet when they are not */
  checkSame(expected: unknown, seen: unknown): void {
    this.check(JSON.stringify(expected), JSON.stringify(seen) === JSON.stringify(expected), seen);
  }

  fails(expected: string, seen: string): never {
    this.steps.push({ expected, seen });
    throw new Unmet(`Not seen: ${expected}.`);
  }

  /** Ends the case: existing servers lose this, too. */
  loses(what: string): never {
    throw new Ruling('known-loss', what);
  }

  notApplicable(why: string): never {
    throw new Ruling('not-applicable', why);
  }

  /**
   * Asks the server something whose answer shows that it has handled all that this user sent before, and that all
   * direct answers to it have come.
   */
  async settle(user: Peer): Promise<void> {
    const word = this.word();
    await user.say(`/${word}`);
    await user.hears(`Unknown command: /${word}. Type /help for available commands.`);
  }

  /**
   * Makes sure that all that `from` has caused so far has reached `to`: the chat of `from` has gone through, then a
   * direct message, which waits in line behind everything else for `to`.
   */
  async fence(from: User, to: User): Promise<void> {
    const word = this.word();
    await from.say(word);
    await from.hears({ shown: `the echo of ${word}`, test: (text) => text.endsWith(`: ${word}`) });
    await from.say(`/msg ${to.userName} ${word}`);
    await to.hears(`[DM from ${from.userName}]: ${word}`);
    await this.settle(to);
  }

  /** Makes sure that a user can still be written to. */
  async works(user: User): Promise<void> {
    const word = this.word();
    await user.say(`/msg ${user.userName} ${word}`);
    await user.hears(`[DM from ${user.userName}]: ${word}`);
  }

  /** Makes sure that the server still takes new users. */
  async isAlive(): Promise<void> {
    await this.works(await this.login());
  }

  /** Joins a room that is open or does not exist. */
  async join(user: User, room: string, password = ''): Promise<void> {
    await user.say(password === '' ? `/join ${room}` : `/join ${room} ${password}`);
    await user.hears(`Created and joined room ${room}`, `Joined room ${room}`);
    await user.hears(`*** ${user.userName} joined ${room} ***`);
  }

  /** What a member of a room writes to say this there. */
  inRoom(room: string, text: string): string {
    return this.version === '1.1' ? text : `[${room}] ${text}`;
  }

  /** What members get then. */
  roomLine(room: string, name: string, text: string): Expected {
    const head = this.version === '1.1' ? '' : `[${room}] `;
    return timed(`${head}${name}: ${text}`);
  }

  async close(): Promise<void> {
    for (const wire of this.#wires) wire.end();
  }

  async #connected<T>(connect: () => Promise<T>): Promise<T> {
    try {
      return await connect();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return this.fails('the server takes a connection', text);
    }
  }

  #keep<T extends Wire | Socket>(wire: T): T {
    this.#wires.push(wire);
    return wire;
  }
}

/** A text behind the time that the server writes. */
function timed(text: string): Expected {
  return {
    shown: JSON.stringify(`[HH:MM:SS] ${text}`),
    test: (heard) => /^\[([01]\d|2[0-3]):[0-5]\d:[0-5]\d\] /.test(heard) && heard.slice(11) === text,
  };
}

/** Chat in the lobby. */
export const chat = (name: string, text: string): Expected => timed(`${name}: ${text}`);

/** Any text that holds a word. */
export const holding = (word: string): Expected => ({
  shown: `a text with ${word}`,
  test: (text) => text.includes(word),
});
