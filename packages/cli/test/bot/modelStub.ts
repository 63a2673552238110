import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';

/** A request for an answer. */
export interface StubRequest {
  readonly headers: IncomingHttpHeaders;
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** Answers a request; the default says what was asked. */
type Answer = (response: ServerResponse, request: StubRequest) => unknown;

/** A server that speaks the OpenAI API, chat completions with SSE only. */
export class ModelStub implements AsyncDisposable {
  readonly requests: StubRequest[] = [];
  answer: Answer;
  readonly #server: Server;

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Checked by the tests, which know what they sent.
    const body = JSON.parse(await text(request)) as Omit<StubRequest, 'headers'>;
    const received = { ...body, headers: request.headers };
    this.requests.push(received);
    await this.answer(response, received);
  }

  static async start(answer: Answer = echo): Promise<ModelStub> {
    const stub = new ModelStub(answer);
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    return stub;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The stub is closed.');
    return `http://127.0.0.1:${address.port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Begins a stream of events. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** One event with a piece of the answer. */
export function piece(content: string, finish: string | null = null): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 0, model: 'm', choices })}\n\n`;
}

export const DONE = `${piece('', 'stop')}data: [DONE]\n\n`;

/** A whole answer in pieces. */
export function answerWith(response: ServerResponse, ...pieces: readonly string[]): void {
  begin(response);
  for (const one of pieces) response.write(piece(one));
  response.end(DONE);
}

function echo(response: ServerResponse, { messages }: StubRequest): void {
  answerWith(response, 'You asked: ', messages.at(-1)?.content ?? '');
}
