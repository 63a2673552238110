/** The partner in the demo's conversation. */
export interface Partner {
  readonly name: string;
  /** Resolves when the text is sent. */
  say(text: string): Promise<void>;
  onReply(callback: (text: string) => void): void;
}
