import {
  formatServerMessage,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  type RefusalReason,
  type ServerMessage,
} from '@quietroom/protocol';
import { encodeUtf8, listParts, type ListMessage } from '@quietroom/protocol/internals';
import type { Counters } from '../observe/counters.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { RejectionReason } from '../observe/reasons.js';
import type { Rejections } from '../observe/rejections.js';
import type { User } from './user.js';

type RefusalMessage = Extract<ServerMessage, { type: 'refusal' }>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A refusal in the words of existing servers, which clients know. */
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

  /** Sends a message of the server itself. */
  tell(users: Iterable<User>, message: ServerMessage): void {
    const bytes = encode(message);
    // What has over 32,768 bytes of data is dropped by every client: docs/protocol.md 3.
    this.#send(users, bytes.length > MAX_PLAINTEXT_BYTES ? Buffer.from(ANSWER_TOO_LONG) : bytes);
  }

  /**
   * Sends what a user wrote, each message to its audience. False when one is longer than `maxMessageBytes`: then
   * none is sent, and the sender is told.
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

  /** Sends a list, in as many texts as it takes that every client survives them. */
  tellList(user: User, list: ListMessage): void {
    for (const part of listParts(list, MAX_CLIENT_TEXT_BYTES)) this.tell([user], part);
  }

  /** Says why; a refusal that clients know follows, so that they do not wait for a reply. */
  refuseByLimit(user: User, reason: RejectionReason, why: string, refusal: KnownRefusal): void {
    this.#rejections.add(reason, user.address);
    this.tell([user], { type: 'notice', text: `*** ${why} ***` });
    this.refuse(user, refusal);
  }

  #send(users: Iterable<User>, bytes: Buffer): void {
    let deliveries = 0;
    for (const user of users) {
      user.send(bytes);
      deliveries++;
    }
    this.#counters.deliveries += deliveries;
  }
}

function encode(message: ServerMessage): Buffer {
  return encodeUtf8(formatServerMessage(message));
}
