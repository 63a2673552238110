import type { ClientRequest } from '@quietroom/protocol';
import type { Broadcaster, KnownRefusal } from '../users/broadcaster.js';
import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import { offeredName } from './fileNames.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import { coverOf } from '../options/options.js';
import type { Log } from '../observe/log.js';
import type { RejectionReason, TransferStep } from '../observe/reasons.js';
import type { Users } from '../users/users.js';
import type { ServerEvents } from '../observe/events.js';
import { TokenBucket } from '../limits/tokenBucket.js';
import type { Transfer } from './transfer.js';
import { Transfers } from './transfers.js';
import type { User } from '../users/user.js';

export interface FileCommandsContext {
  readonly clock: Clock;
  /** The wall clock. */
  readonly date: () => Date;
  readonly options: CurrentOptions;
  readonly log: Log;
  readonly counters: Counters;
  readonly events: ServerEvents;
  readonly users: Users;
  readonly broadcaster: Broadcaster;
}

type FileRequest = Extract<ClientRequest, { type: 'file' }>;

/** The commands that offer, accept and decline files: docs/protocol.md 6. */
export class FileCommands {
  readonly #context: FileCommandsContext;
  readonly #transfers: Transfers;
  /** Limits the offers of each user. */
  readonly #offerRates = new WeakMap<User, TokenBucket>();

  constructor(context: FileCommandsContext) {
    this.#context = context;
    this.#transfers = new Transfers(context, (transfer, step) => this.#told(transfer, step));
  }

  get openCount(): number {
    return this.#transfers.size;
  }

  get runningCount(): number {
    return this.#transfers.runningCount;
  }

  /** The reply to `/features`. */
  get features(): string {
    return this.#refusesFiles === undefined ? 'fast-files' : 'none';
  }

  offer(sender: User, { user: recipientName, name, sha256 }: FileRequest): void {
    const { users } = this.#context;
    const reason = this.#refusesFiles;
    if (reason !== undefined) return this.#refuseByLimit(sender, 'files', reason);
    const recipient = users.get(recipientName);
    if (recipient === undefined) {
      return this.#refuse(sender, { reason: 'recipientOffline', word: recipientName });
    }
    if (recipient === sender) return this.#refuse(sender, { reason: 'fileToSelf' });
    if (Buffer.byteLength(sha256) !== 64) return this.#refuse(sender, { reason: 'fileHashLength' });
    if (!/^[0-9a-fA-F]+$/.test(sha256)) return this.#refuse(sender, { reason: 'fileHashDigits' });
    if (!this.#mayOffer(sender, recipient)) return;
    const id = this.#newId(sender, recipient);
    this.#transfers.offer({ id, sender, recipient, fileName: offeredName(name), sha256 });
  }

  accept(user: User, id: string): void {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return this.#refuse(user, { reason: 'transferNotFound' });
    if (user !== transfer.offer.recipient) return this.#refuse(user, { reason: 'transferNotYours' });
    // As existing servers reply; the sender is not notified again.
    if (!transfer.isOffered) return this.#context.broadcaster.tell([user], { type: 'fileAccepted' });
    this.#transfers.accept(transfer);
  }

  /** Sender and recipient can also end a transfer later. */
  decline(user: User, id: string): void {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return this.#refuse(user, { reason: 'transferNotFound' });
    if (user === transfer.offer.sender) return transfer.end('withdrawn');
    if (user !== transfer.offer.recipient) return this.#refuse(user, { reason: 'transferNotYours' });
    transfer.end(transfer.isOffered ? 'declined' : 'stopped');
  }

  /** Handles a file packet; false when it must be charged like a text. The bytes must not change. */
  receive(sender: User, packet: Uint8Array): boolean {
    return this.#transfers.receive(sender, packet);
  }

  /** To be called when a user has left. */
  leave(user: User): void {
    this.#transfers.leave(user);
  }

  end(): void {
    this.#transfers.clear();
  }

  /** Why no file can be offered. */
  get #refusesFiles(): string | undefined {
    const { current } = this.#context.options;
    if (current.maxFileBytes === 0) return 'Files are not allowed on this server.';
    if (!coverOf(current).isSteady || current.leaveSteadyForFiles) return undefined;
    return 'Files are refused: this server sends at a steady rate, which would show them or take hours.';
  }

  #mayOffer(sender: User, recipient: User): boolean {
    const { maxOffers, maxOffersPerSender, maxOffersPerRecipient, offersPerMinute } =
      this.#context.options.current;
    const own = this.#transfers.countFrom(sender);
    if (own >= maxOffersPerSender) {
      const why = `${own} of your files are offered or on their way, and no more are allowed. Wait, or withdraw one.`;
      this.#refuseByLimit(sender, 'offersPerSender', why);
    } else if (this.#transfers.countTo(recipient) >= maxOffersPerRecipient) {
      const why = `Too many files are offered to ${recipient.name} already. Try again later.`;
      this.#refuseByLimit(sender, 'offersPerRecipient', why);
    } else if (this.#transfers.size >= maxOffers) {
      this.#refuseByLimit(sender, 'offers', 'Too many files are offered on this server. Try again later.');
    } else if (!this.#offerRate(sender).tryTake()) {
      const why = `You may offer ${offersPerMinute} files a minute, and not more. Try again later.`;
      this.#refuseByLimit(sender, 'offerRate', why);
    } else {
      return true;
    }
    return false;
  }

  #offerRate(sender: User): TokenBucket {
    const { clock, options } = this.#context;
    const known = this.#offerRates.get(sender);
    if (known !== undefined) return known;
    const rate = new TokenBucket(clock, () => {
      const { offersPerMinute } = options.current;
      return { perSecond: offersPerMinute / 60, burst: offersPerMinute };
    });
    this.#offerRates.set(sender, rate);
    return rate;
  }

  /** `SENDER_RECIPIENT_nanoseconds`. A blank would end the id in `/accept`. */
  #newId(sender: User, recipient: User): string {
    const names = `${sender.name}_${recipient.name}`.replaceAll(' ', '_');
    let nanoseconds = BigInt(this.#context.date().getTime()) * 1_000_000n;
    while (this.#transfers.get(`${names}_${nanoseconds}`) !== undefined) nanoseconds++;
    return `${names}_${nanoseconds}`;
  }

  #told(transfer: Transfer, step: TransferStep): void {
    const { counters, events, log } = this.#context;
    const { offer, sizeBytes, receivedBytes: bytes, seconds } = transfer;
    const { id, fileName, sha256 } = offer;
    const sender = offer.sender.name;
    const recipient = offer.recipient.name;
    if (step.state === 'offered') counters.offers++;
    if (step.state === 'over') {
      counters.transferEnded(step.end);
      // Mere offers are not logged: there can be many.
      if (seconds !== undefined) {
        const rounded = Math.round(seconds * 1000) / 1000;
        log({ event: 'transfer', end: step.end, sender, recipient, bytes, seconds: rounded });
      }
    }
    events.transfer.call({ ...step, id, sender, recipient, fileName, sha256, sizeBytes, bytes });
  }

  #refuseByLimit(user: User, reason: RejectionReason, why: string): void {
    this.#context.broadcaster.refuseByLimit(user, reason, why, { reason: 'fileUsage' });
  }

  #refuse(user: User, refusal: KnownRefusal): void {
    this.#context.broadcaster.refuse(user, refusal);
  }
}
