/** More members of one place are not kept. */
const MAX_MEMBERS = 50_000;

export interface MembersListener {
  readonly joined: (place: string, name: string) => void;
  /** `isSplit`: two servers lost each other. */
  readonly left: (place: string, name: string, isSplit: boolean) => void;
  readonly renamed: (place: string, from: string, to: string) => void;
}

/** The members of the places of one side: a quit names no place, so that it must be known who was where. */
export class Members {
  readonly #listener: MembersListener;
  readonly #byPlace = new Map<string, Map<string, string>>();
  /** Names are compared by this. */
  readonly #keyOf: (name: string) => string;

  constructor(listener: MembersListener, keyOf: (name: string) => string = (name) => name) {
    this.#listener = listener;
    this.#keyOf = keyOf;
  }

  of(place: string): string[] {
    return [...(this.#byPlace.get(place)?.values() ?? [])];
  }

  /** Sets the members, without a word to the listener. */
  replace(place: string, names: readonly string[]): void {
    this.#byPlace.set(
      place,
      new Map(names.slice(0, MAX_MEMBERS).map((name) => [this.#keyOf(name), name] as const)),
    );
  }

  join(place: string, name: string): void {
    const members = this.#byPlace.get(place) ?? new Map<string, string>();
    this.#byPlace.set(place, members);
    const key = this.#keyOf(name);
    if (members.has(key) || members.size >= MAX_MEMBERS) return;
    members.set(key, name);
    this.#listener.joined(place, name);
  }

  leave(place: string, name: string, isSplit = false): void {
    if (this.#byPlace.get(place)?.delete(this.#keyOf(name)) === true)
      this.#listener.left(place, name, isSplit);
  }

  /** Leaves all places. */
  quit(name: string, isSplit = false): void {
    for (const place of this.#byPlace.keys()) this.leave(place, name, isSplit);
  }

  rename(from: string, to: string): void {
    for (const [place, members] of this.#byPlace) {
      if (!members.delete(this.#keyOf(from))) continue;
      members.set(this.#keyOf(to), to);
      this.#listener.renamed(place, from, to);
    }
  }

  clear(): void {
    this.#byPlace.clear();
  }
}
