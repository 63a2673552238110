import type { ServerMessage } from '@quietroom/protocol';

/**
 * Our rooms on one connection, as the server confirms them: those we are in, and the current one, which is the one
 * joined last. A 1.1 server keeps a current room, too; on 1.2 only the client does. A server is believed only about
 * rooms that were asked for: it cannot make a client keep others.
 */
export class RoomTracker {
  readonly #username: string;
  readonly #requested = new Set<string>();
  readonly #joined = new Set<string>();
  #current: string | undefined;
  #isCertain = true;

  constructor(username: string) {
    this.#username = username;
  }

  /** The current room; undefined for the lobby. */
  get current(): string | undefined {
    return this.#current;
  }

  set current(room: string | undefined) {
    this.#current = room;
  }

  /** In the order of joining. */
  get joined(): string[] {
    return [...this.#joined];
  }

  /** A join was sent. */
  requested(room: string): void {
    this.#requested.add(room);
  }

  /** No join of the room is unanswered, and we are not in it. */
  forget(room: string): void {
    if (!this.#joined.has(room)) this.#requested.delete(room);
  }

  isRequested(room: string): boolean {
    return this.#requested.has(room);
  }

  /** How many rooms were asked for and are not forgotten. */
  get requests(): number {
    return this.#requested.size;
  }

  isIn(room: string): boolean {
    return this.#joined.has(room);
  }

  /** False after a join or leave that was never answered, until the server says again where we are. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /** A join or leave was not answered: the server may have done it or not. */
  lostTrack(): void {
    this.#isCertain = false;
  }

  onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'createdRoom':
      case 'joinedRoom':
        if (!this.isRequested(message.room)) break;
        this.#joined.add(message.room);
        this.#current = message.room;
        this.#isCertain = true;
        break;
      case 'roomJoined':
        // Only members get it; it arrives even when the answer to the join was lost.
        if (message.name === this.#username && this.isRequested(message.room)) this.#joined.add(message.room);
        break;
      case 'leftRoom':
        this.#left(message.room);
        break;
      case 'users':
        // On 1.1: of the current room, or of the lobby.
        if (message.place === 'lobby') this.#isAt(undefined);
        else if (message.place !== undefined && this.isRequested(message.place)) this.#isAt(message.place);
        break;
      case 'refusal':
        if (message.reason === 'notInRoom' || message.reason === 'notAMember') this.#left(message.room);
        break;
      default:
        break;
    }
  }

  #left(room: string): void {
    this.#joined.delete(room);
    if (this.#current === room) this.#current = undefined;
  }

  #isAt(room: string | undefined): void {
    this.#current = room;
    if (room !== undefined) this.#joined.add(room);
    this.#isCertain = true;
  }
}
