/** A user who is logged in, as seen by the chat. */
export interface User {
  readonly name: string;
  /** The address that limits apply to, from `addressGroup`. */
  readonly address: string;
  /** False after the user has left. */
  readonly isOnline: boolean;
  /** Queues a text, in UTF-8, for the user; never throws. The bytes must not change. */
  send(text: Uint8Array): void;
  /**
   * Queues a packet of a file for the user; never throws. `taken` is called when the network has accepted it, or never
   * will. The bytes must not change until then.
   */
  sendFile(packet: Uint8Array, taken: () => void): void;
  /** Bytes of files that are queued for the user. */
  readonly fileBytesWaiting: number;
  /** Reads nothing from the user until `releaseReading`; not to be called twice before that. */
  holdReading(): void;
  releaseReading(): void;
  /** Resolves after this time; never, if the user leaves first. */
  pause(ms: number): Promise<void>;
  /** Sends them one cell per interval from now on; gives the interval in seconds, or undefined where that is impossible. */
  beSteady(): number | undefined;
  /** A file to or from them begins, or is over: a steady connection leaves its mode for it. */
  fileBegins(): void;
  fileIsOver(): void;
  /** Ends the connection after everything that is queued. */
  quit(): void;
}
