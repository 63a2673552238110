/** Somebody who is logged in, as the chat needs to know them. */
export interface User {
  readonly name: string;
  /** Whose connection it is, as far as limits are concerned; from `addressGroup`. */
  readonly address: string;
  /** False once they are gone. */
  readonly isOnline: boolean;
  /** Queues a text, given as UTF-8, for them; never throws. The bytes must not change. */
  send(text: Uint8Array): void;
  /** Resolves after so many milliseconds; never, when they are gone by then. */
  pause(ms: number): Promise<void>;
  /** Ends their connection, after what was sent. */
  quit(): void;
}
