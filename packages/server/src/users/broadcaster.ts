import {
  formatServerMessage,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  type RefusalReason,
  type ServerMessage,
} from '@quietroom/protocol';
import { listParts, type ListMessage } from '@quietroom/protocol/internals';
import type { Counters } from '../observe/counters.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { RejectionReason } from '../observe/reasons.js';
import type { Rejections } from '../observe/rejections.js';
import { ownedBytes } from './ownedBytes.js';
import type { User } from './user.js';

type RefusalMessage = Extract<ServerMessage, { type: 'refusal' }>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A refusal in the wording of existing servers, which clients recognise. */
export type KnownRefusal = DistributiveOmit<RefusalMessage, 'type'> & { readonly reason: RefusalReason };

const ANSWER_TOO_LONG = '*** The answer is too long to be sent. ***';

/** Sends texts to users: each is formatted and encoded once for all its recipients. */
export class Broadcaster {
  readonly #options: CurrentOptions;
  readonly #counters: Counters;
  readonly #rejections: Rejections;

  constructor(options: CurrentOptions, counters: Counters, rejections: Rejections) {
    this.#options = options;
    this.#counters = counters;
    this.#rejections = rejections;
  }

  /** Sends a message from the server itself. */
  tell(users: Iterable<User>, message: ServerMessage): void {
    const bytes = encode(message);
    // Every client drops larger packets: docs/protocol.md 3.
    this.#send(users, bytes.length > MAX_PLAINTEXT_BYTES ? ownedBytes(ANSWER_TOO_LONG) : bytes);
  }

  /**
   * Relays the messages of a user, each to its audience. False when one is longer than `maxMessageBytes`: then none is
   * sent, and the sender is notified.
   */
  relay(
    sender: User,
    ...messages: readonly (readonly [users: Iterable<User>, message: ServerMessage])[]
  ): boolean {
    const encoded = messages.map(([users, message]) => [users, encode(message)] as const);
    const { maxMessageBytes } = this.#options.current;
    const longest = Math.max(...encoded.map(([, bytes]) => bytes.length));
    if (longest > maxMessageBytes) {
      this.#rejections.add('messageBytes', sender.address);
      const text = `*** Your message is too long: ${longest} bytes, of which ${maxMessageBytes} are allowed. Nobody got it. ***`;
      this.tell([sender], { type: 'notice', text });
      return false;
    }
    for (const [users, bytes] of encoded) this.#send(users, bytes);
    return true;
  }

  refuse(user: User, refusal: KnownRefusal): void {
    this.tell([user], { type: 'refusal', ...refusal });
  }

  /** Sends a list, in parts that are short enough for every client. */
  tellList(user: User, list: ListMessage): void {
    for (const part of listParts(list, MAX_CLIENT_TEXT_BYTES)) this.tell([user], part);
  }

  /** Sends the reason, then a refusal that clients recognise, so that they do not wait for a reply. */
  refuseByLimit(user: User, reason: RejectionReason, why: string, refusal: KnownRefusal): void {
    this.#rejections.add(reason, user.address);
    this.tell([user], { type: 'notice', text: `*** ${why} ***` });
    this.refuse(user, refusal);
  }

  #send(users: Iterable<User>, bytes: Uint8Array): void {
    let deliveries = 0;
    for (const user of users) {
      user.send(bytes);
      deliveries++;
    }
    this.#counters.deliveries += deliveries;
  }
}

function encode(message: ServerMessage): Uint8Array {
  return ownedBytes(formatServerMessage(message));
}
