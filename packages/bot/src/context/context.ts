import type {
  DmEvent,
  LobbyMessageEvent,
  QuietRoomConnector,
  Receipt,
  RoomMessageEvent,
  SendOptions,
} from 'quietroom-connector';
import { BotError } from '../errors.js';
import type { Presence } from '../presence/presence.js';
import type { Sender } from '../presence/sender.js';
import { sendGrowing } from '../replies/sendGrowing.js';
import type { CommandCall } from './addressing.js';
import type { Services } from './services.js';

/** A message that a bot handles. */
export type ChatEvent = DmEvent | RoomMessageEvent | LobbyMessageEvent;

/** How `ctx.ask` waits. */
export interface AskOptions {
  /** Seconds to wait for the answer. Default: `askTimeout` of the bot. */
  timeout?: number;
  /** Aborting it ends the question; `ask` rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A message and the ways to answer it; handlers get it as a `Context`. */
export class MessageContext<S> {
  readonly #services: Services;
  readonly #sender: Sender<S>;
  /** The message as the connector delivered it. */
  readonly event: ChatEvent;
  /** The name of the sender. It does not prove who it is. */
  readonly sender: string;
  readonly text: string;
  /**
   * In a room or the lobby, a message that names the bot: the text without that name before it, as in `Bot: hello` or
   * `@Bot hello`. Undefined for other messages.
   */
  readonly mention: string | undefined;
  /** The command that the message calls, whether there is one of this name or not. */
  readonly call: CommandCall | undefined;
  /** Set by `bot.command` for its handler. */
  args: unknown;
  /** Set by `bot.hears` for its handler. */
  match: RegExpExecArray | undefined;

  constructor(services: Services, sender: Sender<S>, event: ChatEvent) {
    this.#services = services;
    this.#sender = sender;
    this.event = event;
    this.sender = event.sender;
    this.text = event.text;
    this.mention = event.type === 'dm' ? undefined : services.mentionIn(event.text);
    this.call = services.callIn(this.mention ?? event.text);
  }

  get type(): ChatEvent['type'] {
    return this.event.type;
  }

  /** The room; empty where a 1.1 server does not tell it. Undefined outside rooms. */
  get room(): string | undefined {
    return this.event.type === 'room' ? this.event.room : undefined;
  }

  /** The connector of the bot, for all that this class has no method for. */
  get connector(): QuietRoomConnector {
    return this.#services.connector;
  }

  /** The stay of the sender on the server; what belongs to a person is bound to it. */
  get presence(): Presence {
    return this.#sender;
  }

  /** Aborts when the bot stops and its handlers have used up the time limit. */
  get signal(): AbortSignal {
    return this.#services.signal;
  }

  /**
   * The session of the sender. It lasts as long as the sender's presence; change it in place.
   *
   * @throws BotError `SESSION_MISSING`, when the bot has no option `session`
   */
  get session(): S {
    const { session } = this.#sender;
    if (session === undefined)
      throw new BotError('SESSION_MISSING', 'The bot has no sessions. Set its option session.');
    return session.value;
  }

  set session(value: S) {
    if (this.#sender.session === undefined) {
      throw new BotError('SESSION_MISSING', 'The bot has no sessions. Set its option session.');
    }
    this.#sender.session.value = value;
  }

  /** True when the message is for the bot: a direct message, or one that names it. */
  get isAddressed(): boolean {
    return this.event.type === 'dm' || this.mention !== undefined;
  }

  /**
   * Replies where the message came from. A text that grows, an async iterable, is sent at the ends of sentences: the
   * first one at once, then about every second; it gives one receipt for each message.
   *
   * @throws BotError `ROOM_UNKNOWN`; the errors of `sendDm`, `sendRoomMessage` and `sendLobbyMessage`
   * @example
   * await ctx.reply(`Hello ${ctx.sender}`);
   * await ctx.reply(model.stream(ctx.text));
   */
  reply(text: string, options?: SendOptions): Promise<Receipt>;
  reply(chunks: AsyncIterable<string>, options?: SendOptions): Promise<readonly Receipt[]>;
  reply(
    text: string | AsyncIterable<string>,
    options: SendOptions = {},
  ): Promise<Receipt | readonly Receipt[]> {
    if (typeof text === 'string') return this.#send(text, options);
    const send = (part: string): Promise<Receipt> => this.#send(part, options);
    return sendGrowing(text, send, this.#services.clock, options.signal);
  }

  /** Replies in a direct message, wherever the message came from. */
  replyPrivately(text: string, options: SendOptions = {}): Promise<Receipt> {
    this.#sender.limits.loopGuard?.onReply(text, this.#services.clock.now());
    return this.connector.sendDm(this.sender, text, options);
  }

  /**
   * Asks the sender, and resolves with the text of their next message in the same place. `!cancel` ends the question.
   * While it waits, the bot handles other people's messages.
   *
   * @throws NoAnswerError, which the bot sends as a reply if the handler does not catch it; BotError `SENDER_LEFT`,
   * `STOPPING`, which end the handler silently; the signal's reason; what `reply` throws
   * @example
   * const host = await ctx.ask('Which host?', { timeout: 120 });
   */
  async ask(question: string, { timeout, signal }: AskOptions = {}): Promise<string> {
    const { asks, queue, askTimeoutMs } = this.#services;
    const timeoutMs = timeout === undefined ? askTimeoutMs : timeout * 1000;
    const target = { presence: this.#sender, place: this.room ?? this.type };
    // Before the question goes out, so that no answer comes too early.
    const answer = asks.ask(target, timeoutMs, signal);
    queue.pause();
    try {
      const sent = this.#send(question, {});
      sent.catch((error: unknown) => asks.cancel(target, error));
      return await answer;
    } finally {
      await queue.resume();
    }
  }

  #send(text: string, options: SendOptions): Promise<Receipt> {
    const { connector, clock } = this.#services;
    this.#sender.limits.loopGuard?.onReply(text, clock.now());
    switch (this.event.type) {
      case 'dm':
        return connector.sendDm(this.sender, text, options);
      case 'lobby':
        return connector.sendLobbyMessage(text, options);
      case 'room': {
        const { room } = this.event;
        if (room !== '') return connector.sendRoomMessage(room, text, options);
        const message = 'A 1.1 server did not tell which room the message came from. Stay in one room only.';
        return Promise.reject(new BotError('ROOM_UNKNOWN', message));
      }
    }
  }
}

/** The context of a direct message. */
export type DmContext<S = undefined> = MessageContext<S> & {
  readonly type: 'dm';
  readonly room: undefined;
  readonly mention: undefined;
  readonly event: DmEvent;
};

/** The context of a message in a room. */
export type RoomContext<S = undefined> = MessageContext<S> & {
  readonly type: 'room';
  readonly room: string;
  readonly event: RoomMessageEvent;
};

/** The context of a message in the lobby. */
export type LobbyContext<S = undefined> = MessageContext<S> & {
  readonly type: 'lobby';
  readonly room: undefined;
  readonly event: LobbyMessageEvent;
};

/** What handlers get. `type` tells the places apart. */
export type Context<S = undefined> = DmContext<S> | RoomContext<S> | LobbyContext<S>;
