import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseMessage, requestLine, type RpcMessage, type RpcParams } from './jsonRpc.js';
import { LineBuffer } from './lineBuffer.js';

/** The connection ended before the answer; or the other side does not speak JSON-RPC. */
export class RpcConnectionError extends Error {
  override readonly name = 'RpcConnectionError';
  readonly reason: 'closed' | 'invalid' | 'timeout';

  constructor(reason: RpcConnectionError['reason']) {
    super(`The connection to the socket failed (${reason}).`);
    this.reason = reason;
  }
}

interface PendingAnswer {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: unknown) => void;
}

export interface RpcClientOptions {
  readonly onNotification?: (method: string, params: RpcParams) => void;
  /** Called once, when the connection has ended. */
  readonly onClose?: () => void;
}

/** A client of an RpcServer. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #options: RpcClientOptions;
  readonly #lines = new LineBuffer();
  readonly #pending = new Map<number, PendingAnswer>();
  #nextId = 1;
  #end: RpcConnectionError | undefined;

  private constructor(socket: Socket, options: RpcClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
    socket.on('data', (bytes: Buffer) => this.#received(bytes));
  }

  /** @throws Node's own error, such as `ECONNREFUSED` */
  static async connect(path: string, options: RpcClientOptions = {}): Promise<RpcClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new RpcClient(socket, options);
  }

  /**
   * Sends a request and resolves with its result.
   *
   * @param options `timeoutMs`: closes the connection when there is no answer in this time
   * @throws RpcError from the server; RpcConnectionError
   */
  async request(
    method: string,
    params: RpcParams,
    { timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<Record<string, unknown>> {
    const { answer } = this.begin(method, params);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#fail('timeout'), timeoutMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Like `request`, with the id of the request. */
  begin(
    method: string,
    params: RpcParams,
  ): { readonly id: number; readonly answer: Promise<Record<string, unknown>> } {
    const id = this.#nextId++;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      this.#pending.set(id, { resolve, reject });
      this.#socket.write(requestLine(id, method, params));
    });
    return { id, answer };
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(bytes: Buffer): void {
    this.#lines.add(bytes);
    for (let line = this.#lines.take(); line !== undefined; line = this.#lines.take()) {
      const message = parseMessage(line);
      if (message === undefined) return this.#fail('invalid');
      this.#take(message);
    }
  }

  #take(message: RpcMessage): void {
    if (message.type === 'notification') {
      return this.#options.onNotification?.(message.method, message.params);
    }
    const [id = 0] = message.id === null ? this.#pending.keys() : [Number(message.id)];
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (message.type === 'result') pending?.resolve(message.result);
    else pending?.reject(message.error);
  }

  #fail(reason: RpcConnectionError['reason']): void {
    this.#end ??= new RpcConnectionError(reason);
    this.#socket.destroy();
  }

  #closed(): void {
    const end = (this.#end ??= new RpcConnectionError('closed'));
    for (const { reject } of this.#pending.values()) reject(end);
    this.#pending.clear();
    this.#options.onClose?.();
  }
}
