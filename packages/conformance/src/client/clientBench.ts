import { createPrivateKey, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Ruling, Unmet, type CaseGroup, type ConformanceCase, type Step } from '../engine/conformanceCase.js';
import { makeDhKeys, readPart, sessionKey, signOffer, withLength, type DhKeys } from '../wire/keyExchange.js';
import { Peer } from '../wire/peer.js';
import { NothingCame, Wire } from '../wire/wire.js';

export type ClientCase = ConformanceCase<ClientBench>;
export type ClientGroup = CaseGroup<ClientBench>;

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ClientTarget {
  /** What the client has pinned. */
  readonly identity: Identity;
  /** What it has not. */
  readonly otherIdentity: Identity;
  /** For each wait. */
  readonly timeoutMs: number;
  /** The next connection of the client; undefined when none comes in time. */
  readonly nextConnection: () => Promise<Socket | undefined>;
}

/** A client after its login, which answers direct messages with their text. */
export interface Guest extends Peer {
  readonly guestName: string;
}

export const PROMPT = 'Enter your username: ';

/** What a case does with a client: accept its connection, let it log in, write to it. */
export class ClientBench {
  readonly target: ClientTarget;
  readonly steps: Step[] = [];
  readonly #wires: Wire[] = [];
  #words = 0;

  constructor(target: ClientTarget) {
    this.target = target;
  }

  /** A word that is in no other text. */
  word(): string {
    return `word${randomBytes(3).toString('hex')}${++this.#words}`;
  }

  /** The next connection of the client, after the TLS handshake; with another certificate, it may refuse that. */
  async accept(identity = this.target.identity): Promise<Wire> {
    const socket = await this.target.nextConnection();
    if (socket === undefined) throw new Ruling('skipped', 'The client did not connect.');
    const wire = await this.tries('a TLS handshake', () =>
      Wire.accept(socket, identity, this.target.timeoutMs),
    );
    this.#wires.push(wire);
    return wire;
  }

  /** Sends a key and its signature, each part in a record of its own. */
  async offer(wire: Wire, publicKey: Uint8Array, signature = this.sign(publicKey)): Promise<void> {
    for (const part of [publicKey, signature]) {
      await wire.write(withLength(part).subarray(0, 4));
      await wire.write(part);
    }
  }

  sign(publicKey: Uint8Array): Buffer {
    return signOffer(createPrivateKey(this.target.identity.keyPem), publicKey);
  }

  /** The connection after the key exchange. */
  async open(keys: DhKeys = makeDhKeys()): Promise<Peer> {
    const wire = await this.accept();
    await this.offer(wire, keys.publicKey);
    const publicKey = await this.tries('a public key', () => readPart(wire));
    return new Peer(wire, sessionKey(keys.secret(publicKey)), this.steps);
  }

  /** The connection after the prompt, and the name that the client has sent. */
  async asked(): Promise<readonly [peer: Peer, name: string]> {
    const peer = await this.open();
    await peer.say(PROMPT);
    const name = await peer.hears({ shown: 'a name', test: () => true });
    return [peer, name];
  }

  /** A client that is logged in. */
  async login(): Promise<Guest> {
    const [peer, name] = await this.asked();
    await this.welcome(peer, name);
    return this.guest(peer, name);
  }

  async welcome(peer: Peer, name: string): Promise<void> {
    await peer.say(`Welcome to the chat, ${name}!`);
    await peer.say('Type /help for available commands. Type /quit to exit.\n');
    await peer.say(`*** ${name} joined the chat ***`);
  }

  /** Answers the client's requests from here on, as a server does. */
  guest(peer: Peer, guestName: string): Guest {
    peer.onText = (text) => {
      const reply = replyTo(text);
      if (reply !== undefined) void peer.say(reply);
    };
    return Object.assign(peer, { guestName });
  }

  /** Sends a direct message in whatever way, and waits for the answer with its text. */
  async echoes(guest: Guest, send?: (packet: Buffer) => Promise<void>, text = this.word()): Promise<void> {
    const packet = guest.packet(`[DM from probe]: ${text}`);
    await (send ?? ((bytes: Buffer) => guest.wire.write(bytes)))(packet);
    await guest.hears(`/msg probe ${text}`);
  }

  async tries<T>(expected: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof NothingCame) && !(error instanceof RangeError) && !isSocketError(error))
        throw error;
      return this.fails(expected, error.message);
    }
  }

  /** Notes what is seen. @throws Unmet when it is not so */
  check(expected: string, isMet: boolean, seen: unknown): void {
    const text = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? String(seen));
    this.steps.push({ expected, seen: text });
    if (!isMet) throw new Unmet(`Not seen: ${expected}.`);
  }

  fails(expected: string, seen: string): never {
    this.steps.push({ expected, seen });
    throw new Unmet(`Not seen: ${expected}.`);
  }

  /** Ends the case: existing clients lose this, too. */
  loses(what: string): never {
    throw new Ruling('known-loss', what);
  }

  async close(): Promise<void> {
    for (const wire of this.#wires) wire.destroy();
  }
}

function isSocketError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error;
}

function replyTo(text: string): string | undefined {
  const [, user, message] = /^\/msg (\S+) ([^]*)$/.exec(text) ?? [];
  if (user !== undefined) return `[DM to ${user}]: ${message}`;
  if (text === '/members') return 'Usage: /members <#roomname|lobby>';
  const command = /^\/\S*/.exec(text)?.[0];
  return command && `Unknown command: ${command.toLowerCase()}. Type /help for available commands.`;
}
