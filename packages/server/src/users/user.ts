/** Somebody who is logged in, as the chat needs to know them. */
export interface User {
  readonly name: string;
  /** Whose connection it is, as far as limits are concerned; from `addressGroup`. */
  readonly address: string;
  /** False once they are gone. */
  readonly isOnline: boolean;
  /** Queues a text, given as UTF-8, for them; never throws. The bytes must not change. */
  send(text: Uint8Array): void;
  /**
   * Queues a packet of a file for them; never throws. `taken` is called when the network has taken it, or never
   * will. The bytes must not change until then.
   */
  sendFile(packet: Uint8Array, taken: () => void): void;
  /** Bytes of files that were queued and not taken. */
  readonly fileBytesWaiting: number;
  /** Reads nothing from them until `releaseReading`; not to be called twice before that. */
  holdReading(): void;
  releaseReading(): void;
  /** Resolves after so many milliseconds; never, when they are gone by then. */
  pause(ms: number): Promise<void>;
  /** Sends them one cell per interval from now on; gives the interval in seconds, or undefined where that is impossible. */
  beSteady(): number | undefined;
  /** A file to or from them begins, or is over: a steady connection leaves its mode for it. */
  fileBegins(): void;
  fileIsOver(): void;
  /** Ends their connection, after what was sent. */
  quit(): void;
}
