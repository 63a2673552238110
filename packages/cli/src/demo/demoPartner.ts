/** Who the demo's user talks to. */
export interface Partner {
  readonly name: string;
  /** Resolves when the text is sent. */
  say(text: string): Promise<void>;
  onReply(callback: (text: string) => void): void;
}
