/** A session as it is stored. */
export interface StoredSession<S> {
  readonly session: S;
  /** When it was last used, in milliseconds since 1970. */
  readonly usedAt: number;
}

/**
 * Where sessions are kept; `FileSessionStorage` is one. The bot calls one method at a time for each name, and reads a
 * session once for each presence of the name.
 */
export interface SessionStorage<S> {
  /** The names that have a session. */
  names(): Promise<readonly string[]>;
  read(name: string): Promise<StoredSession<S> | undefined>;
  /** Resolves when the session would survive the end of the process. */
  write(name: string, stored: StoredSession<S>): Promise<void>;
  delete(name: string): Promise<void>;
}
