import type { ArgumentDefinitions, ArgumentValues } from '../commands/argument.js';
import { usageOf, type CommandSummary } from '../commands/help.js';
import { checkDefinitions, parseArguments } from '../commands/parseArguments.js';
import type { CommandCall } from '../context/addressing.js';
import type { Context } from '../context/context.js';
import { BotError, ReplyError } from '../errors.js';
import { runChain, type Handler, type Link, type Next } from './chain.js';

/** How a command is called, and what the help tells of it. */
export interface CommandOptions<C, D extends ArgumentDefinitions> {
  /** By name, in the order in which they are written; made by `arg`. Default: none. */
  args?: D;
  /** Other names. Default: none. */
  aliases?: readonly string[];
  /** One line for the help. */
  about?: string;
  /** Run before the handler, such as `requirePassphrase`. Default: none. */
  use?: Handler<C> | readonly Handler<C>[];
  /** Handle it at once, beside what the bot still does for the same person: for a command such as `!stop`. Default false. */
  immediate?: boolean;
  /** Leave it out of the help. Default false. */
  hidden?: boolean;
}

/** A command as it is registered. */
export class Command<C extends Context<S>, S> implements Link<C>, CommandSummary {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly about: string | undefined;
  readonly args: ArgumentDefinitions;
  readonly isImmediate: boolean;
  readonly isHidden: boolean;
  readonly #prefix: string;
  readonly #before: readonly Link<C>[];
  readonly #handler: Handler<C>;

  /** @throws BotError `DEFINITION_INVALID` */
  constructor(
    prefix: string,
    name: string,
    options: CommandOptions<C, ArgumentDefinitions>,
    handler: Handler<C>,
  ) {
    const { args = {}, aliases = [], about, use = [], immediate = false, hidden = false } = options;
    for (const one of [name, ...aliases]) assertName(one);
    checkDefinitions(name, args);
    this.name = name;
    this.aliases = aliases;
    this.about = about;
    this.args = args;
    this.isImmediate = immediate;
    this.isHidden = hidden;
    this.#prefix = prefix;
    this.#before = [use].flat().map((middleware) => ({ match: () => middleware }));
    this.#handler = handler;
  }

  isCalledBy(call: CommandCall | undefined): boolean {
    return call !== undefined && (call.name === this.name || this.aliases.includes(call.name));
  }

  match(ctx: C): Handler<C> | undefined {
    return this.isCalledBy(ctx.call) ? this.#run : undefined;
  }

  readonly #run = (ctx: C, next: Next): unknown => {
    const handle = async (): Promise<void> => {
      ctx.args = this.#parse(ctx.call?.text ?? '');
      await this.#handler(ctx, next);
    };
    return this.#before.length === 0 ? handle() : runChain(this.#before, ctx, handle);
  };

  #parse(text: string): ArgumentValues<ArgumentDefinitions> {
    try {
      return parseArguments(this.args, text);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      throw new ReplyError(`${error.message} Usage: ${usageOf(this.#prefix, this)}`);
    }
  }
}

function assertName(name: string): void {
  if (/^\p{Ll}\S*$/u.test(name) && name === name.toLowerCase()) return;
  throw new BotError(
    'DEFINITION_INVALID',
    `A command's name must begin with a small letter and hold no blanks or capitals, unlike ${JSON.stringify(name)}.`,
  );
}
