import type { Bot } from '@quietroom/bot';
import { systemClock } from 'quietroom-connector';
import { combined } from '../delivery/combined.js';
import { ChatSender } from '../delivery/chatSender.js';
import { writeDeadLetters } from '../delivery/deadLetters.js';
import type { MessageStore, PendingMessage } from '../delivery/messageStore.js';
import type { Delivery } from '../delivery/outbox.js';
import { Outboxes } from '../delivery/outboxes.js';
import { displayName } from './displayName.js';
import { plainText, textOfIrc } from './formatting.js';
import type { IrcConfig, Link } from './ircConfig.js';
import { IrcConnector } from './ircConnector.js';
import { ircLines, lineCapacity } from './ircLines.js';
import type { IrcIdentity, IrcMessage } from './ircSession.js';
import { ReturnGuard } from './returnGuard.js';
import { Members } from './members.js';
import { PresenceFold } from './presenceFold.js';

/** The parts of a bridge. */
export interface BridgeParts {
  readonly config: IrcConfig;
  readonly identity: IrcIdentity;
  readonly bot: Pick<Bot, 'connector'>;
  readonly store: MessageStore;
  /** Of rooms. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Lines for the operator, without texts of messages. */
  readonly log: (line: string) => void;
}

/** A link, and what goes with it. */
interface LinkState extends Link {
  readonly toIrc: string;
  readonly toChat: string;
  readonly guard: ReturnGuard;
  readonly ircPresence: PresenceFold;
  readonly chatPresence: PresenceFold;
  /** The bytes of a text in one line to the channel. */
  readonly capacity: number;
}

/** How often users of IRC are answered. */
const QUERY_INTERVAL_MS = 10_000;

/** Takes messages from each side, stores them, and delivers them to the other until they are confirmed. */
export class Bridge {
  readonly #parts: BridgeParts;
  readonly #links: readonly LinkState[];
  readonly #irc: IrcConnector;
  readonly #chat: ChatSender;
  readonly #chatMembers: Members;
  readonly #outboxes: Outboxes;
  /** Messages that are not on disk yet, in order. */
  readonly #unstored: PendingMessage[] = [];
  #storing: Promise<void> | undefined;
  #nextId = 1;
  #dropped = 0;
  #answeredAtMs = -Infinity;

  private constructor(parts: BridgeParts) {
    const { config, identity, bot, store, passwords, log } = parts;
    this.#parts = parts;
    this.#links = config.links.map((link) => this.#newLink(link));
    this.#chat = new ChatSender(bot, passwords);
    const tell = (fold: (link: LinkState) => PresenceFold, key: 'channel' | 'place') => ({
      joined: (place: string, name: string) => this.#fold(fold, key, place)?.joined(displayName(name)),
      left: (place: string, name: string, isSplit: boolean) =>
        this.#fold(fold, key, place)?.left(displayName(name), isSplit),
      renamed: (place: string, from: string, to: string) =>
        this.#fold(fold, key, place)?.renamed(displayName(from), displayName(to)),
    });
    this.#chatMembers = new Members(tell((link) => link.chatPresence, 'place'));
    this.#irc = new IrcConnector({
      identity,
      burst: config.irc.burst,
      linesPerSecond: config.irc.lines_per_second,
      listener: {
        ...tell((link) => link.ircPresence, 'channel'),
        message: (message) => this.#onIrc(message),
        entered: (channel) => this.#outboxes.retry(this.#linkOf('channel', channel)?.toIrc),
        log,
      },
    });
    this.#outboxes = new Outboxes({
      store,
      deadLetters: config.dead_letters,
      maxAgeMs: config.max_age * 1000,
      // With the PING behind them.
      limits: (to) =>
        this.#linkOf('toIrc', to) === undefined
          ? {}
          : { maxGroup: config.irc.burst - 1, maxRefusals: config.max_refusals },
      send: (to, text) => this.#send(to, text),
      canSend: (to) => this.#canSend(to),
      log,
    });
    this.#listen();
  }

  /** Reads from the store what was not delivered; messages of links that are gone become dead letters. */
  static async make(parts: BridgeParts): Promise<Bridge> {
    const bridge = new Bridge(parts);
    const homeless: PendingMessage[] = [];
    for (const message of await parts.store.messages()) {
      bridge.#nextId = message.id + 1;
      if (bridge.#links.some(({ toIrc, toChat }) => message.to === toIrc || message.to === toChat)) {
        bridge.#outboxes.add(message);
      } else {
        homeless.push(message);
      }
    }
    if (homeless.length > 0) {
      await writeDeadLetters(parts.config.dead_letters, homeless, 'no-link');
      await parts.store.remove(homeless);
    }
    return bridge;
  }

  /** Messages that wait, also those that are not on disk yet. */
  get #pending(): number {
    return this.#outboxes.pending + this.#unstored.length;
  }

  /** The state in one line. Messages that are not on disk yet do not count: a kill would lose them. */
  get status(): string {
    const { delivered, dead } = this.#outboxes.counts;
    const state = this.#irc.isConnected ? 'connected' : 'not connected';
    return `IRC: ${state}. ${this.#outboxes.pending} messages wait, ${delivered} were delivered, ${dead} were given up, ${this.#dropped} were dropped because too many waited.`;
  }

  /** The users of the linked channels, a line for each channel. */
  get ircUsers(): string {
    return this.#links.map(({ channel }) => namesLine(channel, this.#irc.members.of(channel))).join('\n');
  }

  /** Begins to deliver and to connect to IRC. The chat must be connected. */
  start(): void {
    this.#outboxes.start();
    this.#irc.start();
    void this.#onConnected();
  }

  #listen(): void {
    this.#parts.bot.connector
      .onRoomMessage((room, sender, text) => this.#onChat(this.#linkOfRoom(room), sender, text))
      .onLobbyMessage((sender, text) => this.#onChat(this.#linkOf('place', 'lobby'), sender, text))
      .onPresence((name, change, { room }) => this.#onPresence(name, change, room))
      .onStateChange((state) => {
        if (state === 'connected') void this.#onConnected();
      });
  }

  /** Lets deliveries end for a few seconds, and leaves IRC; the rest stays in the store. */
  async stop(): Promise<void> {
    for (const { ircPresence, chatPresence } of this.#links) {
      ircPresence.clear();
      chatPresence.clear();
    }
    await this.#irc.stop();
    await this.#outboxes.stop();
    await this.#storing;
  }

  /** Whether the places can be told apart: a 1.1 server does not name the room of a message. */
  get isUnambiguous(): boolean {
    return this.#links.length === 1 || this.#parts.bot.connector.serverVersion !== '1.1';
  }

  #newLink(link: Link): LinkState {
    const { config, identity } = this.#parts;
    const delayMs = config.presence_seconds * 1000;
    return {
      ...link,
      toIrc: `irc ${link.channel}`,
      toChat: `chat ${link.place}`,
      guard: new ReturnGuard(),
      capacity: lineCapacity(link.channel, Buffer.byteLength(identity.nick)),
      ircPresence: new PresenceFold(delayMs, systemClock, (line) => this.#tell(`chat ${link.place}`, line)),
      chatPresence: new PresenceFold(delayMs, systemClock, (line) => this.#tell(`irc ${link.channel}`, line)),
    };
  }

  #linkOf(key: 'place' | 'channel' | 'toIrc' | 'toChat', value: string): LinkState | undefined {
    return this.#links.find((link) => link[key] === value);
  }

  /** A 1.1 server does not name the room; then there is one link only. */
  #linkOfRoom(room: string): LinkState | undefined {
    return room === '' ? this.#links[0] : this.#linkOf('place', room);
  }

  #fold(
    fold: (link: LinkState) => PresenceFold,
    key: 'channel' | 'place',
    place: string,
  ): PresenceFold | undefined {
    if (!this.#parts.config.presence) return undefined;
    const link = this.#linkOf(key, place);
    return link && fold(link);
  }

  #onIrc({ channel, nick, text, isAction }: IrcMessage): void {
    const { config } = this.#parts;
    if (config.ignore_nicks.some((ignored) => this.#irc.isSameName(ignored, nick))) return;
    if (channel === undefined) {
      this.#onQuery(nick, text);
      return;
    }
    const link = this.#linkOf('channel', channel);
    const said = textOfIrc(text, config.formatting);
    if (link === undefined || said === '') return;
    const name = displayName(nick);
    if (link.guard.isReturned(name, said)) return;
    this.#accept(link, link.toChat, [prefixOf(name, isAction) + said]);
  }

  #onChat(link: LinkState | undefined, sender: string, text: string): void {
    const { config } = this.#parts;
    if (link === undefined || config.ignore_names.includes(sender)) return;
    const name = displayName(sender);
    const [, action] = /^\/me\s+([^]+)/.exec(text) ?? [];
    const said = action ?? text;
    if (link.guard.isReturned(name, plainText(said))) return;
    const prefix = prefixOf(name, action !== undefined);
    this.#accept(link, link.toIrc, ircLines(prefix, said, link.capacity, config.irc.max_lines));
  }

  /** Answers `names` with the users of the linked room. */
  #onQuery(nick: string, text: string): void {
    const nowMs = performance.now();
    if (text.trim().toLowerCase() !== 'names' || nowMs - this.#answeredAtMs < QUERY_INTERVAL_MS) return;
    for (const { channel, place, capacity } of this.#links) {
      if (!this.#irc.members.of(channel).some((member) => this.#irc.isSameName(member, nick))) continue;
      this.#answeredAtMs = nowMs;
      const line = namesLine(place, this.#chatMembers.of(place));
      const [first = ''] = ircLines('', line, capacity, 1);
      this.#irc.send('NOTICE', nick, [first]).catch(() => {});
    }
  }

  #onPresence(name: string, change: 'joined' | 'left', room: string | undefined): void {
    if (room !== undefined) {
      const place = this.#linkOfRoom(room)?.place;
      if (place === undefined) return;
      if (change === 'joined') this.#chatMembers.join(place, name);
      else this.#chatMembers.leave(place, name);
    } else if (change === 'left') {
      // Servers do not tell rooms who has left the server.
      this.#chatMembers.quit(name);
    } else if (this.#linkOf('place', 'lobby') !== undefined) {
      this.#chatMembers.join('lobby', name);
    }
  }

  async #onConnected(): Promise<void> {
    const { connector } = this.#parts.bot;
    for (const { toChat } of this.#links) this.#outboxes.retry(toChat);
    // A 1.1 server lists the members of one room only.
    if (connector.serverVersion === '1.1') return;
    for (const { place } of this.#links) {
      const names = await (place === 'lobby' ? connector.listUsers() : connector.listMembers(place)).catch(
        () => undefined,
      );
      if (names !== undefined) {
        this.#chatMembers.replace(
          place,
          names.filter((name) => name !== connector.username),
        );
      }
    }
  }

  #accept(link: LinkState, to: string, lines: readonly string[]): void {
    const { config, log } = this.#parts;
    if (this.#pending + lines.length > config.max_pending) {
      if (this.#dropped === 0) log(`${to}: a message was dropped, because ${this.#pending} wait.`);
      this.#dropped++;
      return;
    }
    for (const text of lines) {
      link.guard.said(text);
      this.#unstored.push({
        id: this.#nextId++,
        to,
        text,
        groupSeconds: 0,
        acceptedAt: Date.now(),
        isInDoubt: false,
      });
    }
    this.#storing ??= this.#store().finally(() => (this.#storing = undefined));
  }

  /** Stores what has come meanwhile in one write. */
  async #store(): Promise<void> {
    while (this.#unstored.length > 0) {
      const messages = this.#unstored.slice();
      try {
        await this.#parts.store.accept(messages);
      } catch (error) {
        // Delivered all the same, though a restart loses them.
        this.#parts.log(`The store cannot be written: ${String(error)}`);
      }
      this.#unstored.splice(0, messages.length);
      for (const message of messages) this.#outboxes.add(message);
    }
  }

  #canSend(to: string): boolean {
    const link = this.#linkOf('toIrc', to);
    return link === undefined ? this.#parts.bot.connector.isConnected : this.#irc.isIn(link.channel);
  }

  async #send(to: string, text: string): Promise<Delivery> {
    const link = this.#linkOf('toIrc', to) ?? this.#linkOf('toChat', to);
    if (link === undefined) throw new Error(`There is no link for ${to}.`);
    const lines = text.split('\n');
    for (const line of lines) link.guard.said(line);
    if (to === link.toIrc) return this.#irc.send('PRIVMSG', link.channel, lines.map(asAction));
    return combined(
      lines.map((line) =>
        link.place === 'lobby' ? this.#chat.sendToLobby(line) : this.#chat.send(link.place, line),
      ),
    );
  }

  /** Says something that is worth nothing later. */
  #tell(to: string, line: string): void {
    if (!this.#canSend(to)) return;
    const link = this.#linkOf('toIrc', to);
    const [text = ''] = ircLines('-- ', line, link?.capacity ?? 1000, 1);
    this.#send(to, text).catch(() => {});
  }
}

function prefixOf(name: string, isAction: boolean): string {
  return isAction ? `* ${name} ` : `<${name}> `;
}

/** `* alice waves` as a CTCP ACTION. */
function asAction(line: string): string {
  return line.startsWith('* ') ? `\x01ACTION ${line.slice(2)}\x01` : line;
}

function namesLine(place: string, names: readonly string[]): string {
  const shown = names.map(displayName).toSorted((one, other) => one.localeCompare(other));
  return `${place}: ${shown.length === 0 ? 'nobody' : shown.join(', ')}`;
}
