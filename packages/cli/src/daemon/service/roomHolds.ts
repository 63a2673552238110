/** Which clients need which rooms, so that a room that was joined for a short time is left again. */
export class RoomHolds {
  /** Rooms to stay in whether or not a client is there. */
  readonly #kept = new Set<string>();
  readonly #holders = new Map<string, Set<number>>();

  /** A client needs a room, also while it still joins it. Returns a function that undoes what this changed. */
  hold(room: string, client: number, isTemporary: boolean): () => void {
    if (!isTemporary) {
      if (this.#kept.has(room)) return nothing;
      this.#kept.add(room);
      return () => this.#kept.delete(room);
    }
    const holders = this.#holders.get(room) ?? new Set();
    this.#holders.set(room, holders);
    if (holders.has(client)) return nothing;
    holders.add(client);
    return () => {
      holders.delete(client);
      if (holders.size === 0 && this.#holders.get(room) === holders) this.#holders.delete(room);
    };
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

function nothing(): void {}
