import { isRoomName, type ClientRequest } from '@quietroom/protocol';

/**
 * The rooms that the caller wants to be in: those that were joined and not left again, with their passwords.
 * They outlive a connection, so that the next one can join them again.
 */
export class DesiredRooms {
  readonly #passwords = new Map<string, string>();
  #current: string | undefined;

  /** Where chat is meant to go if all that was called for so far succeeds; undefined for the lobby. */
  get current(): string | undefined {
    return this.#current;
  }

  /** In the order of joining; the current one last, as the one joined last is the current one on 1.1. */
  get all(): readonly { readonly room: string; readonly password: string }[] {
    const rooms = Array.from(this.#passwords, ([room, password]) => ({ room, password }));
    const isCurrent = ({ room }: { readonly room: string }): boolean => room === this.#current;
    return [...rooms.filter((entry) => !isCurrent(entry)), ...rooms.filter(isCurrent)];
  }

  /** A join or leave was called for. A refusal does not change what chat is meant for. */
  onCalled(request: ClientRequest): void {
    if (request.type === 'join' && isRoomName(request.room)) this.#current = request.room;
    if (request.type === 'leave' && this.#current === request.room) this.#current = undefined;
  }

  joined(room: string, password: string): void {
    // An open room ignores a password; a second join without one does not make a protected room open.
    const known = this.#passwords.get(room);
    this.#passwords.delete(room);
    this.#passwords.set(room, password === '' ? (known ?? '') : password);
  }

  left(room: string): void {
    this.#passwords.delete(room);
  }

  clear(): void {
    this.#passwords.clear();
    this.#current = undefined;
  }
}
