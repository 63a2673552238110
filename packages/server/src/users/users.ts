import type { User } from './user.js';

/** The users who are logged in. A name belongs to one user at a time; upper and lower case differ. */
export class Users {
  readonly #users = new Map<string, User>();

  get size(): number {
    return this.#users.size;
  }

  get(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** In the order of their logins. */
  all(): Iterable<User> {
    return this.#users.values();
  }

  names(): string[] {
    return [...this.#users.keys()];
  }

  has(user: User): boolean {
    return this.#users.get(user.name) === user;
  }

  add(user: User): void {
    this.#users.set(user.name, user);
  }

  remove(user: User): void {
    this.#users.delete(user.name);
  }
}
