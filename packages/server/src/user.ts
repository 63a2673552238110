/** Somebody who is logged in, as the chat needs to know them. */
export interface User {
  readonly name: string;
  /** Queues a text for them; never throws. */
  send(text: string): void;
  /** Ends their connection, after what was sent. */
  quit(): void;
}
