import type { ClientRequest, ServerMessage } from '@quietroom/protocol';

interface PendingRequest {
  readonly type: 'join' | 'leave';
  readonly room: string;
}

/**
 * Which room is the current one: the room joined last, or none (the lobby) after it was left. On 1.1 the
 * server keeps it too; on 1.2 it is ours alone.
 *
 * `requested` counts a join as soon as it is asked for, so that where a message goes is decided in the
 * order of calls; `confirmed` follows the server's words.
 */
export class RoomTracker {
  #confirmed: string | undefined;
  #pending: PendingRequest[] = [];

  /** The current room when all that was asked for so far succeeds. */
  get requested(): string | undefined {
    return this.#pending.reduce(after, this.#confirmed);
  }

  /** The current room as the server has confirmed it. */
  get confirmed(): string | undefined {
    return this.#confirmed;
  }

  /** True when every request was answered. */
  get isSettled(): boolean {
    return this.#pending.length === 0;
  }

  onRequest(request: ClientRequest): void {
    if (request.type === 'join' || request.type === 'leave') this.#pending.push(request);
  }

  onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'createdRoom':
      case 'joinedRoom':
        this.#confirmed = message.room;
        this.#answered('join', message.room);
        break;
      case 'leftRoom':
        this.#confirmed = after(this.#confirmed, { type: 'leave', room: message.room });
        this.#answered('leave', message.room);
        break;
      case 'refusal':
        this.#onRefusal(message);
        break;
      default:
        break;
    }
  }

  /** Gives up on answers: what the server did not confirm has not happened. */
  forgetPending(): void {
    this.#pending = [];
  }

  #onRefusal(message: ServerMessage & { type: 'refusal' }): void {
    switch (message.reason) {
      case 'passwordRequired':
      case 'passwordWrong':
        this.#answered('join', message.room);
        break;
      case 'passwordTooLong':
      case 'roomNameInvalid':
      case 'joinUsage':
        this.#answered('join');
        break;
      case 'notInRoom':
        this.#answered('leave', message.room);
        break;
      case 'leaveUsage':
        this.#answered('leave');
        break;
      default:
        break;
    }
  }

  /** Answers come in the order of requests: those before the one answered were dropped by the server. */
  #answered(type: PendingRequest['type'], room?: string): void {
    const index = this.#pending.findIndex(
      (request) => request.type === type && (room === undefined || request.room === room),
    );
    if (index >= 0) this.#pending = this.#pending.slice(index + 1);
  }
}

function after(current: string | undefined, request: PendingRequest): string | undefined {
  if (request.type === 'join') return request.room;
  return current === request.room ? undefined : current;
}
