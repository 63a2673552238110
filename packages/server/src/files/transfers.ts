import { isFileEnd, parseFileStart } from '@quietroom/protocol';
import { Transfer, type Offer, type TransferContext } from './transfer.js';
import type { TransferEnd, TransferStep } from '../observe/reasons.js';
import type { User } from '../users/user.js';

/**
 * All offers and transfers. File packets carry no id, so each sender and each recipient has one running transfer at a
 * time; other accepted ones wait, in the order of acceptance.
 */
export class Transfers {
  readonly #context: TransferContext;
  readonly #told: (transfer: Transfer, step: TransferStep) => void;
  readonly #all = new Map<string, Transfer>();
  readonly #ofSender = new Map<User, Set<Transfer>>();
  readonly #ofRecipient = new Map<User, Set<Transfer>>();
  readonly #waiting = new Set<Transfer>();
  readonly #sending = new Map<User, Transfer>();
  readonly #receiving = new Map<User, Transfer>();
  /** Senders whose transfer ended early: further packets, up to an end or the next start, still belong to it. */
  readonly #cutShort = new Set<User>();

  constructor(context: TransferContext, told: (transfer: Transfer, step: TransferStep) => void) {
    this.#context = context;
    this.#told = told;
  }

  /** Including offers. */
  get size(): number {
    return this.#all.size;
  }

  /** Transfers whose turn it is. */
  get runningCount(): number {
    return this.#sending.size;
  }

  get(id: string): Transfer | undefined {
    return this.#all.get(id);
  }

  countFrom(sender: User): number {
    return this.#ofSender.get(sender)?.size ?? 0;
  }

  countTo(recipient: User): number {
    return this.#ofRecipient.get(recipient)?.size ?? 0;
  }

  /** Adds an offer, whose id must not be in use. */
  offer(offer: Offer): void {
    const transfer = new Transfer(offer, this.#context, {
      started: () => this.#told(transfer, { state: 'running' }),
      ended: (end) => this.#ended(transfer, end),
    });
    this.#all.set(offer.id, transfer);
    addTo(this.#ofSender, offer.sender, transfer);
    addTo(this.#ofRecipient, offer.recipient, transfer);
    this.#told(transfer, { state: 'offered' });
  }

  accept(transfer: Transfer): void {
    transfer.accept();
    this.#waiting.add(transfer);
    this.#told(transfer, { state: 'accepted' });
    this.#giveTurns();
  }

  /** Handles a file packet; false when it must be charged like a text. The bytes must not change. */
  receive(sender: User, packet: Uint8Array): boolean {
    if (this.#cutShort.has(sender)) {
      const isEnd = isFileEnd(packet, false);
      if (isEnd || parseFileStart(packet) !== undefined) this.#cutShort.delete(sender);
      if (isEnd || this.#cutShort.has(sender)) return false;
    }
    return this.#sending.get(sender)?.receive(packet) ?? false;
  }

  /** Ends all transfers of a user who has left. */
  leave(user: User): void {
    for (const transfer of this.#ofSender.get(user) ?? []) transfer.end('senderGone');
    for (const transfer of this.#ofRecipient.get(user) ?? []) transfer.end('recipientGone');
    this.#cutShort.delete(user);
  }

  /** Drops all without notifying anyone. */
  clear(): void {
    for (const transfer of this.#all.values()) transfer.forget();
    for (const kept of [this.#all, this.#ofSender, this.#ofRecipient, this.#sending, this.#receiving]) {
      kept.clear();
    }
    this.#waiting.clear();
    this.#cutShort.clear();
  }

  #ended(transfer: Transfer, end: TransferEnd): void {
    const { id, sender, recipient } = transfer.offer;
    this.#all.delete(id);
    removeFrom(this.#ofSender, sender, transfer);
    removeFrom(this.#ofRecipient, recipient, transfer);
    this.#waiting.delete(transfer);
    if (this.#sending.get(sender) === transfer) {
      this.#sending.delete(sender);
      this.#receiving.delete(recipient);
      for (const user of [sender, recipient]) user.fileIsOver();
    }
    if (transfer.sizeBytes !== undefined && end !== 'completed') this.#cutShort.add(sender);
    this.#told(transfer, { state: 'over', end });
    this.#giveTurns();
  }

  #giveTurns(): void {
    for (const transfer of this.#waiting) {
      const { sender, recipient } = transfer.offer;
      if (this.#sending.has(sender) || this.#receiving.has(recipient)) continue;
      this.#waiting.delete(transfer);
      this.#sending.set(sender, transfer);
      this.#receiving.set(recipient, transfer);
      for (const user of [sender, recipient]) user.fileBegins();
      transfer.begin();
    }
  }
}

function addTo(map: Map<User, Set<Transfer>>, user: User, transfer: Transfer): void {
  const transfers = map.get(user);
  if (transfers) transfers.add(transfer);
  else map.set(user, new Set([transfer]));
}

function removeFrom(map: Map<User, Set<Transfer>>, user: User, transfer: Transfer): void {
  const transfers = map.get(user);
  transfers?.delete(transfer);
  if (transfers?.size === 0) map.delete(user);
}
