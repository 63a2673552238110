import type { Bot } from '@quietroom/bot';
import type { QuietRoomConnector, Receipt } from 'quietroom-connector';

/** More than any group of messages needs. */
const MAX_PARTS = 500;

/** Sends texts to users, rooms and the lobby, and joins rooms as needed. */
export class ChatSender {
  readonly #connector: QuietRoomConnector;
  readonly #passwords: ReadonlyMap<string, string>;
  /** Joining and sending belong together: a 1.1 server sends to the room joined last. */
  #roomTurn: Promise<unknown> = Promise.resolve();

  /** `passwords`: of rooms. */
  constructor({ connector }: Pick<Bot, 'connector'>, passwords: ReadonlyMap<string, string>) {
    this.#connector = connector;
    this.#passwords = passwords;
  }

  /** Sends to a room such as `#ops`, or to a user. Rejects when nothing has left. */
  send(to: string, text: string): Promise<Receipt> {
    // Servers join the lines of a direct message.
    if (!to.startsWith('#')) {
      return this.#connector.sendDm(to, text, { newlines: 'split', maxParts: MAX_PARTS });
    }
    const sending = this.#roomTurn.then(async () => {
      await this.#enter(to);
      // In an object, so that the turn does not wait for the receipt.
      return { receipt: this.#connector.sendRoomMessage(to, text, { maxParts: MAX_PARTS }) };
    });
    this.#roomTurn = sending.catch(() => {});
    return sending.then(({ receipt }) => receipt);
  }

  /** Sends to everyone. Rejects when nothing has left. */
  sendToLobby(text: string): Promise<Receipt> {
    return this.#connector.sendLobbyMessage(text, { maxParts: MAX_PARTS });
  }

  async #enter(room: string): Promise<void> {
    const connector = this.#connector;
    const isElsewhere = connector.serverVersion === '1.1' && connector.currentRoom !== room;
    if (isElsewhere || !connector.joinedRooms.includes(room)) {
      await connector.joinRoom(room, this.#passwords.get(room));
    }
  }
}
