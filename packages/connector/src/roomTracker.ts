import type { ClientRequest, ServerMessage } from '@quietroom/protocol';

/** A request that was sent and not answered yet; without a room when it named none. */
interface PendingRequest {
  readonly type: 'join' | 'leave' | 'members';
  readonly room?: string;
}

/**
 * What the server has said of our rooms: which we are in, and which is the current one, that is the one
 * joined last. On 1.1 the server keeps a current room too; on 1.2 it is ours alone.
 */
export class RoomTracker {
  readonly #joined = new Set<string>();
  #current: string | undefined;
  #pending: PendingRequest[] = [];

  /** The current room; undefined for the lobby. */
  get current(): string | undefined {
    return this.#current;
  }

  isIn(room: string): boolean {
    return this.#joined.has(room);
  }

  get isInAny(): boolean {
    return this.#joined.size > 0;
  }

  /** True when no join or leave waits for its answer. */
  get isSettled(): boolean {
    return this.#pending.every(({ type }) => type === 'members');
  }

  /** To be called when a request goes out. */
  onSent(request: ClientRequest): void {
    if (request.type === 'join' || request.type === 'leave') {
      this.#pending.push({ type: request.type, room: request.room });
    } else if (request.type === 'usage' && request.command !== 'msg') {
      this.#pending.push({ type: request.command });
    }
  }

  onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'createdRoom':
      case 'joinedRoom':
        this.#joined.add(message.room);
        this.#current = message.room;
        this.#answered('join', message.room);
        break;
      case 'leftRoom':
        this.#joined.delete(message.room);
        if (this.#current === message.room) this.#current = undefined;
        this.#answered('leave', message.room);
        break;
      case 'refusal':
        this.#onRefusal(message);
        break;
      default:
        break;
    }
  }

  #onRefusal(message: ServerMessage & { type: 'refusal' }): void {
    switch (message.reason) {
      case 'passwordRequired':
      case 'passwordWrong':
        this.#answered('join', message.room);
        break;
      case 'passwordTooLong':
      case 'roomNameInvalid':
        this.#answered('join');
        break;
      case 'joinUsage':
        this.#answered('join', undefined);
        break;
      case 'notInRoom':
        this.#answered('leave', message.room);
        break;
      case 'leaveUsage':
        this.#answered('leave', undefined);
        break;
      case 'membersUsage':
        this.#answered('members');
        break;
      case 'unknownCommand':
        if (message.word === '/members') this.#answered('members');
        break;
      default:
        break;
    }
  }

  /**
   * Answers come in the order of requests: those before the one answered were dropped by the server.
   * Without a room, any request of the type is meant; with undefined, one that named none.
   */
  #answered(...[type, ...rooms]: [type: PendingRequest['type'], room?: string | undefined]): void {
    const index = this.#pending.findIndex(
      (request) => request.type === type && (rooms.length === 0 || request.room === rooms[0]),
    );
    if (index >= 0) this.#pending.splice(0, index + 1);
  }
}
