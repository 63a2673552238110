import type { ArgumentDefinitions, ArgumentValues } from '../commands/argument.js';
import type { CommandCall } from '../context/addressing.js';
import type { Context } from '../context/context.js';
import type { Duration } from '../time/duration.js';
import { runChain, type Handler, type Link } from './chain.js';
import { Command, type CommandOptions } from './command.js';

/** What a composer needs of its bot. */
export interface ComposerHost {
  readonly prefix: string;
  /** Calls `task` at an interval while connected; returns what ends that. */
  every(interval: Duration, task: () => unknown): () => void;
  /** Reports an error of a plugin's clean-up. */
  report(error: unknown): void;
}

/** The context of a command's handler. */
export type CommandContext<C, D extends ArgumentDefinitions> = C & {
  readonly call: CommandCall;
  readonly args: ArgumentValues<D>;
};

/** The context of a handler of `hears`. */
export type MatchContext<C> = C & { readonly match: RegExpExecArray };

/**
 * A plugin registers handlers at the composer that it is given. What it returns, if anything, is called when it is
 * disposed of and when the bot stops.
 */
export type Plugin<S = undefined, C extends Context<S> = Context<S>> = (
  composer: Composer<S, C>,
) => (() => unknown) | void;

/** An installed plugin. */
export interface InstalledPlugin {
  /** Removes all that the plugin registered, and calls its clean-up; safe to repeat. */
  dispose(): Promise<void>;
}

/** Handlers in the order of their registration. A `Bot` is one; `on` and `install` make others inside it. */
export class Composer<S = undefined, C extends Context<S> = Context<S>> {
  readonly #host: ComposerHost;
  // A new array at each change: a message on its way keeps the handlers that it began with.
  #links: readonly Link<C>[] = [];
  readonly #cleanUps: (() => unknown)[] = [];

  constructor(host: ComposerHost) {
    this.#host = host;
  }

  /**
   * Adds handlers that get every message. One that does not call `next` ends the way of the message.
   *
   * @example
   * bot.use(async (ctx, next) => {
   *   const startedAt = performance.now();
   *   await next();
   *   console.log(ctx.type, performance.now() - startedAt);
   * });
   */
  use(...handlers: readonly Handler<C>[]): this {
    for (const handler of handlers) this.#add({ match: () => handler });
    return this;
  }

  /**
   * Adds a command. Its name is written after the prefix, in capitals or not.
   *
   * @throws BotError `DEFINITION_INVALID`
   * @example
   * bot.command('roll', { about: 'Roll dice', args: { sides: arg.integer({ min: 2, default: 6 }) } }, (ctx) =>
   *   ctx.reply(`You rolled ${randomInt(ctx.args.sides) + 1}.`),
   * );
   */
  command(name: string, handler: Handler<C & { readonly call: CommandCall }>): this;
  command<const D extends ArgumentDefinitions = Record<string, never>>(
    name: string,
    options: CommandOptions<C, D>,
    handler: Handler<CommandContext<C, D>>,
  ): this;
  command(
    name: string,
    options: CommandOptions<C, ArgumentDefinitions> | Handler<CommandContext<C, ArgumentDefinitions>>,
    handler?: Handler<CommandContext<C, ArgumentDefinitions>>,
  ): this {
    const [given, run] = typeof options === 'function' ? [{}, options] : [options, handler ?? (() => {})];
    // A command calls its handler only after it has set `args`, and only for messages with a call.
    this.#add(new Command<C, S>(this.#host.prefix, name, given, run as Handler<C>));
    return this;
  }

  /**
   * Adds a handler of messages that match; `ctx.match` is the match.
   *
   * @example
   * bot.hears(/\bticket (\d+)/i, (ctx) => ctx.reply(`https://tickets.example/${ctx.match[1]}`));
   */
  hears(pattern: RegExp, handler: Handler<MatchContext<C>>): this {
    // With a state of its own, a global pattern would skip messages.
    const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
    this.#add({
      match: (ctx) => {
        const match = stateless.exec(ctx.text);
        if (match === null) return undefined;
        return (context, next) => handler(Object.assign(context, { match }), next);
      },
    });
    return this;
  }

  /**
   * Makes a composer for the messages that a filter takes: `inDm`, `inRoom('#ops')`, `inLobby`, `mentioned`,
   * `from('alice')`, or a type guard of your own. With a handler, adds that to it.
   *
   * @example
   * bot.on(inRoom('#ops')).command('ack', (ctx) => ctx.reply(`${ctx.sender} has it (${ctx.room}).`));
   */
  on<N extends Context<S>>(
    filter: (ctx: Context<S>) => ctx is N,
    ...handlers: readonly Handler<C & N>[]
  ): Composer<S, C & N> {
    const child = new Composer<S, C & N>(this.#host);
    this.#add(new Branch<C, C & N, S>((ctx): ctx is C & N => filter(ctx), child));
    this.#cleanUps.push(() => child.dispose());
    return child.use(...handlers);
  }

  /**
   * Calls `task` at an interval, such as `'5 m'`, while the bot is connected: the time without a connection does not
   * count. A call that is due while the one before it still runs is left out.
   */
  every(interval: Duration, task: () => unknown): this {
    this.#cleanUps.push(this.#host.every(interval, task));
    return this;
  }

  /**
   * Installs a plugin, which can be disposed of.
   *
   * @example
   * const greeter: Plugin = (bot) => void bot.hears(/^hello/i, (ctx) => ctx.reply('Hello!'));
   * const installed = bot.install(greeter);
   * await installed.dispose();
   */
  install(plugin: Plugin<S, C>): InstalledPlugin {
    const child = new Composer<S, C>(this.#host);
    const branch = new Branch<C, C, S>((ctx): ctx is C => ctx !== undefined, child);
    this.#add(branch);
    const cleanUp = plugin(child);
    if (cleanUp !== undefined) child.#cleanUps.push(cleanUp);
    this.#cleanUps.push(() => child.dispose());
    return {
      dispose: async () => {
        this.#links = this.#links.filter((link) => link !== branch);
        await child.dispose();
      },
    };
  }

  /** The commands that can be called in this context. */
  commands(ctx: C): readonly Command<C, S>[] {
    return this.#links.flatMap((link) => {
      // Commands of a branch take what the branch lets pass, and it lets this context pass.
      if (link instanceof Branch) return link.commands(ctx) as readonly Command<C, S>[];
      return link instanceof Command ? [link] : [];
    });
  }

  /** Calls the handlers for a message. */
  handle(ctx: C, after: () => Promise<void>): unknown {
    return runChain(this.#links, ctx, after);
  }

  /** Removes all handlers, ends the intervals and calls the clean-ups of plugins. Errors are reported. */
  async dispose(): Promise<void> {
    this.#links = [];
    for (const cleanUp of this.#cleanUps.splice(0).toReversed()) {
      try {
        await cleanUp();
      } catch (error) {
        this.#host.report(error);
      }
    }
  }

  #add(link: Link<C>): void {
    this.#links = [...this.#links, link];
  }
}

/** A composer inside another one, for the messages that a filter takes. */
class Branch<C extends Context<S>, N extends C & Context<S>, S> implements Link<C> {
  readonly #filter: (ctx: C) => ctx is N;
  readonly #child: Composer<S, N>;

  constructor(filter: (ctx: C) => ctx is N, child: Composer<S, N>) {
    this.#filter = filter;
    this.#child = child;
  }

  match(ctx: C): Handler<C> | undefined {
    if (!this.#filter(ctx)) return undefined;
    return (_, next) => this.#child.handle(ctx, next);
  }

  commands(ctx: C): readonly unknown[] {
    return this.#filter(ctx) ? this.#child.commands(ctx) : [];
  }
}
