/** Which clients need which rooms, so that a room that was joined for a short time is left again. */
export class RoomHolds {
  /** Rooms to stay in whether or not a client is there. */
  readonly #kept = new Set<string>();
  readonly #holders = new Map<string, Set<number>>();

  /** A client has joined a room. */
  joined(room: string, client: number, isTemporary: boolean): void {
    if (!isTemporary) {
      this.#kept.add(room);
      return;
    }
    const holders = this.#holders.get(room) ?? new Set();
    this.#holders.set(room, holders.add(client));
  }

  /** The room was left. */
  left(room: string): void {
    this.#kept.delete(room);
    this.#holders.delete(room);
  }

  /** A client has ended. Returns the rooms to leave. */
  ended(client: number): string[] {
    const unused: string[] = [];
    for (const [room, holders] of this.#holders) {
      if (!holders.delete(client) || holders.size > 0) continue;
      this.#holders.delete(room);
      if (!this.#kept.has(room)) unused.push(room);
    }
    return unused;
  }
}
