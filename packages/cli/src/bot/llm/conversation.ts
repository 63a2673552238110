import type { ModelMessage } from './modelClient.js';

/** What one person and the model said in one place. */
export class Conversation {
  readonly #maxMessages: number;
  #messages: ModelMessage[] = [];

  constructor(maxMessages: number) {
    this.#maxMessages = maxMessages;
  }

  add(question: string, answer: string): void {
    this.#messages.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
    if (this.#messages.length > this.#maxMessages) this.#messages = lastOf(this.#messages, this.#maxMessages);
  }

  clear(): void {
    this.#messages = [];
  }

  /**
   * What to send to the model: the system prompt, as much of the newest of the conversation as the budget allows, and
   * the question. System prompt and question are sent in any case.
   */
  messagesFor(systemPrompt: string, question: string, maxTokens: number): ModelMessage[] {
    const system: ModelMessage[] = systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
    const asked: ModelMessage = { role: 'user', content: question };
    let left = maxTokens - [...system, asked].reduce((sum, message) => sum + estimatedTokens(message), 0);
    let kept = 0;
    for (const message of this.#messages.toReversed()) {
      left -= estimatedTokens(message);
      if (left < 0) break;
      kept++;
    }
    return [...system, ...lastOf(this.#messages, kept), asked];
  }
}

/** The last messages, at most `count`, beginning with a question: models expect that. */
function lastOf(messages: readonly ModelMessage[], count: number): ModelMessage[] {
  const last = count === 0 ? [] : messages.slice(-count);
  return last[0]?.role === 'assistant' ? last.slice(1) : last;
}

/** Each model counts otherwise: three bytes of UTF-8 a token is more than most count, and each message has a frame. */
function estimatedTokens({ content }: ModelMessage): number {
  return Math.ceil(Buffer.byteLength(content) / 3) + 4;
}
