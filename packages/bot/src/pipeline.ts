import { commandHelpLines, helpLines, nearest } from './commands/help.js';
import { DONE } from './composer/chain.js';
import type { Composer } from './composer/composer.js';
import type { CommandCall } from './context/addressing.js';
import type { ChatEvent, Context } from './context/context.js';
import { MessageContext } from './context/context.js';
import type { Services } from './context/services.js';
import { BotError, ReplyError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Sender } from './presence/sender.js';
import type { Sessions } from './presence/sessions.js';

/** What the pipeline needs of its bot. */
export interface PipelineHost<S> {
  readonly options: ResolvedOptions<S>;
  readonly services: Services;
  readonly composer: Composer<S>;
  readonly sessions: Sessions<S> | undefined;
  /** The presence of a name that has just written. */
  senderOf(name: string, nowMs: number): Sender<S>;
  /** Something that `stop` must wait for. */
  inBackground(work: Promise<unknown> | undefined): void;
  report(error: unknown, ctx: Context<S> | undefined): void;
}

/** The way of a message: loop guard, rate limit, open questions, the queue of its sender, session, handlers, replies to errors. */
export class Pipeline<S> {
  readonly #host: PipelineHost<S>;
  readonly counts = { handled: 0, failed: 0, rateLimited: 0, overflowed: 0, loopGuarded: 0 };

  constructor(host: PipelineHost<S>) {
    this.#host = host;
  }

  receive(event: ChatEvent): void {
    const { services, composer } = this.#host;
    const nowMs = services.clock.now();
    const sender = this.#host.senderOf(event.sender, nowMs);
    // What the class holds agrees with the union, by the type of its event.
    const ctx = new MessageContext<S>(services, sender, event) as Context<S>;
    if (!this.#passesLimits(ctx, sender, nowMs) || this.#answersQuestion(ctx, sender)) return;

    if (
      ctx.call !== undefined &&
      composer.commands(ctx).some((one) => one.isImmediate && one.isCalledBy(ctx.call))
    ) {
      this.#host.inBackground(this.#handle(ctx, sender));
    } else if (!services.queue.add(sender.lane, () => this.#handle(ctx, sender))) {
      this.counts.overflowed++;
      if (ctx.isAddressed)
        this.#notify(ctx, 'I am still busy with your earlier messages, so I skip this one.');
    }
  }

  #passesLimits(ctx: Context<S>, { limits }: Sender<S>, nowMs: number): boolean {
    const { rate, loopGuard } = limits;
    const verdict = loopGuard?.onMessage(ctx.text, nowMs) ?? 'pass';
    if (verdict !== 'pass') {
      this.counts.loopGuarded++;
      const { loopGuard: options } = this.#host.options;
      if (verdict === 'stop' && options !== false) {
        this.#notify(ctx, `You answer like a program, so I ignore you for ${options.pause} seconds.`);
      }
      return false;
    }
    const rateVerdict = rate?.take(nowMs) ?? 'within';
    if (rate === undefined || rateVerdict === 'within') return true;
    this.counts.rateLimited++;
    if (rateVerdict === 'notify' && (ctx.isAddressed || ctx.call !== undefined)) {
      this.#notify(ctx, `Too many messages. Try again in ${rate.waitSeconds} seconds.`);
    }
    return false;
  }

  /** True when the message answers or cancels an open question, and so is not handled. */
  #answersQuestion(ctx: Context<S>, presence: Sender<S>): boolean {
    const { asks } = this.#host.services;
    const target = { presence, place: ctx.room ?? ctx.type };
    return ctx.call?.name === 'cancel' ? asks.cancel(target) : asks.answer(target, ctx.text);
  }

  /** Handles a message; undefined when that took no time. Does not throw. */
  #handle(ctx: Context<S>, sender: Sender<S>): Promise<void> | undefined {
    const opening = this.#host.sessions?.open(sender);
    return opening === undefined ? this.#run(ctx, sender) : this.#runAfter(opening, ctx, sender);
  }

  async #runAfter(opening: Promise<void>, ctx: Context<S>, sender: Sender<S>): Promise<void> {
    try {
      await opening;
    } catch (error) {
      this.#onError(error, ctx);
      return;
    }
    await this.#run(ctx, sender);
  }

  #run(ctx: Context<S>, sender: Sender<S>): Promise<void> | undefined {
    this.counts.handled++;
    try {
      const result = this.#host.composer.handle(ctx, () => this.#unhandled(ctx));
      if (result instanceof Promise && result !== DONE) return this.#finish(result, ctx, sender);
    } catch (error) {
      this.#onError(error, ctx);
    }
    return this.#save(ctx, sender);
  }

  async #finish(result: Promise<unknown>, ctx: Context<S>, sender: Sender<S>): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.#onError(error, ctx);
    }
    await this.#save(ctx, sender);
  }

  #save(ctx: Context<S>, sender: Sender<S>): Promise<void> | undefined {
    return this.#host.sessions?.save(sender)?.catch((error: unknown) => this.#host.report(error, ctx));
  }

  /** Answers commands that no handler took. In rooms, a command may be for another bot, so it must name this one. */
  #unhandled(ctx: Context<S>): Promise<void> {
    return ctx.call === undefined ? DONE : this.#answerCall(ctx, ctx.call);
  }

  async #answerCall(ctx: Context<S>, call: CommandCall): Promise<void> {
    const { prefix, help } = this.#host.options;
    if (!help) return;
    if (call.name === 'help') {
      await this.#help(ctx, call.text.trim());
      return;
    }
    if (!ctx.isAddressed || this.#host.composer.commands(ctx).some((one) => one.isCalledBy(call))) return;
    const names = this.#visibleCommands(ctx).flatMap(({ name, aliases }) => [name, ...aliases]);
    const similar = nearest(call.name, names);
    const hint = similar === undefined ? '' : ` Did you mean ${prefix}${similar}?`;
    throw new ReplyError(
      `There is no command ${prefix}${call.name}.${hint} ${prefix}help lists all commands.`,
    );
  }

  async #help(ctx: Context<S>, about: string): Promise<void> {
    const { prefix } = this.#host.options;
    const commands = this.#visibleCommands(ctx);
    const name = (about.startsWith(prefix) ? about.slice(prefix.length) : about).toLowerCase();
    const command = commands.find((one) => one.name === name || one.aliases.includes(name));
    if (name !== '' && command === undefined) throw new ReplyError(`There is no command ${prefix}${name}.`);
    const lines = command ? commandHelpLines(prefix, command) : helpLines(prefix, commands);
    if (lines.length === 0) throw new ReplyError('I have no commands.');
    // Servers join the lines of a direct message.
    await ctx.replyPrivately(lines.join('\n'), { newlines: 'split', maxParts: 200 });
  }

  #visibleCommands(ctx: Context<S>): ReturnType<Composer<S>['commands']> {
    return this.#host.composer.commands(ctx).filter(({ isHidden }) => !isHidden);
  }

  #onError(error: unknown, ctx: Context<S>): void {
    if (error instanceof ReplyError) {
      this.#notify(ctx, error.message);
      return;
    }
    // The end of a question that has no more use is the end of its handler, not a failure.
    if (error instanceof BotError && (error.code === 'SENDER_LEFT' || error.code === 'STOPPING')) return;
    this.counts.failed++;
    this.#host.report(error, ctx);
  }

  /** A text of the bot itself; a failure to send it is not an error of a handler. */
  #notify(ctx: Context<S>, text: string): void {
    ctx.reply(text).catch((error: unknown) => this.#host.report(error, ctx));
  }
}
