import type { ServerMessage } from '@quietroom/protocol';

/**
 * What the server has said of our rooms on one connection: which we are in, and which is the current one, that
 * is the one joined last. On 1.1 the server keeps a current room too; on 1.2 it is ours alone.
 */
export class RoomTracker {
  readonly #username: string;
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
        this.#joined.add(message.room);
        this.#current = message.room;
        this.#isCertain = true;
        break;
      case 'roomJoined':
        // Only members are told; it comes also when the answer to the join was dropped.
        if (message.name === this.#username) this.#joined.add(message.room);
        break;
      case 'leftRoom':
        this.#left(message.room);
        break;
      case 'users':
        // On 1.1: of the current room, or of the lobby.
        if (message.place !== undefined) this.#isAt(message.place);
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

  #isAt(place: string): void {
    this.#current = place === 'lobby' ? undefined : place;
    if (this.#current !== undefined) this.#joined.add(this.#current);
    this.#isCertain = true;
  }
}
