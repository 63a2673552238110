import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { LinkedSignal } from './linkedSignal.js';
import type { LlmConfig } from './llmConfig.js';

/** One message of a conversation. */
export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A failure of the model. `message` is for the person who asked: without address, key and details. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  /** For the operator's log: without texts of the conversation. */
  readonly detail: string;

  constructor(message: string, detail: string, options?: ErrorOptions) {
    super(message, options);
    this.detail = detail;
  }
}

/** A server that speaks the OpenAI API. */
export class ModelClient {
  readonly #client: OpenAI;
  readonly #config: LlmConfig;

  constructor(config: LlmConfig, apiKey: string | undefined) {
    this.#config = config;
    this.#client = new OpenAI({
      baseURL: config.base_url,
      // The library wants one; servers without keys ignore it.
      apiKey: apiKey ?? 'none',
      // Not from the environment: the file says it all.
      organization: null,
      project: null,
      maxRetries: config.retries,
      timeout: config.timeout * 1000,
      // It would print parts of answers that it cannot read.
      logLevel: 'off',
    });
  }

  /**
   * The answer to a conversation, as it grows. It ends early at `max_reply_characters`.
   *
   * @throws ModelError; the signal's reason
   */
  async *answer(
    model: string,
    messages: readonly ModelMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#config.timeout * 1000);
    using linked = new LinkedSignal(signal, timeout.signal);
    let left = this.#config.max_reply_characters;
    let isComplete = false;
    try {
      const stream = await this.#client.chat.completions.create(
        { model, messages: [...messages], stream: true, max_tokens: this.#config.max_output_tokens },
        { signal: linked.signal },
      );
      for await (const chunk of stream) {
        const [choice] = chunk.choices;
        isComplete ||= choice?.finish_reason !== undefined && choice.finish_reason !== null;
        const text = choice?.delta?.content ?? '';
        if (text === '') continue;
        yield text.slice(0, left);
        left -= text.length;
        if (left <= 0) {
          stream.controller.abort();
          yield ' … (This answer was too long.)';
          return;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      throw modelError(error, timeout.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
    signal.throwIfAborted();
    if (timeout.signal.aborted) throw modelError(undefined, true);
    if (!isComplete) throw new ModelError('The model broke off its answer.', 'The stream ended early.');
  }
}

function modelError(error: unknown, isTimeout: boolean): ModelError {
  if (isTimeout || error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError) {
    return new ModelError('The model did not answer in time.', 'Time-out.', { cause: error });
  }
  if (error instanceof APIConnectionError) {
    return new ModelError('The model cannot be reached.', 'No connection.', { cause: error });
  }
  if (error instanceof APIError && error.status !== undefined) {
    return new ModelError(statusText(error.status), `HTTP status ${error.status}.`, { cause: error });
  }
  return new ModelError('The model gave an answer that cannot be read.', nameOf(error), { cause: error });
}

function statusText(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'The model refuses this bot. Its operator has to check the key.';
    case 404:
      return 'There is no such model.';
    case 400:
    case 413:
    case 422:
      return 'The model refuses this conversation. !reset begins a new one.';
    case 429:
    case 503:
      return 'The model is overloaded. Try again later.';
    default:
      return 'The model has a problem. Try again later.';
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
