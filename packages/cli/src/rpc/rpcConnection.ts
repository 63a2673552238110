import type { Socket } from 'node:net';
import {
  errorLine,
  notificationLine,
  parseRequest,
  resultLine,
  RPC_ERRORS,
  RpcError,
  type RpcId,
  type RpcRequest,
} from './jsonRpc.js';
import { LineBuffer } from './lineBuffer.js';

/** How often it is found out whether a client that sends no more still reads. */
const PROBE_MS = 1000;

export interface RpcLimits {
  /** Longer requests are refused, and the connection ends. */
  readonly maxRequestBytes: number;
  /** Requests of a connection without an answer yet; further ones are refused. */
  readonly maxOpenRequests: number;
  /** A connection ends after this time without a request, unless it is kept or waits for an answer. Default: never. */
  readonly idleMs?: number;
  /** All that a connection may take. Default: no limit. */
  readonly connectionMs?: number;
}

/** Answers a request: returns or resolves with the result, throws or rejects with RpcError. */
export type RpcHandler = (
  request: RpcRequest,
  connection: RpcConnection,
  signal: AbortSignal,
) => object | Promise<object>;

interface OpenRequest {
  readonly id: RpcId;
  readonly bytes: number;
  readonly cancel: AbortController;
}

/** One client of a server: reads requests, writes answers and notifications. */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #limits: RpcLimits;
  readonly #handler: RpcHandler;
  readonly #lines = new LineBuffer();
  readonly #open = new Set<OpenRequest>();
  readonly #closed = new AbortController();
  readonly #lifetime: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isKept = false;
  /** The client sends no more requests. */
  #hasEnded = false;
  #probe: NodeJS.Timeout | undefined;
  #onDrain: (() => void) | undefined;

  constructor(socket: Socket, limits: RpcLimits, handler: RpcHandler) {
    this.#socket = socket;
    this.#limits = limits;
    this.#handler = handler;
    const { connectionMs } = limits;
    if (connectionMs !== undefined) this.#lifetime = setTimeout(() => socket.destroy(), connectionMs);
    socket.on('error', () => {});
    socket.on('close', () => this.#ended());
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#settle();
      if (!socket.writableEnded) this.#probeReader();
    });
    socket.on('drain', () => {
      socket.resume();
      this.#read();
      this.#settle();
      this.#onDrain?.();
    });
    socket.on('data', (bytes: Buffer) => {
      this.#lines.add(bytes);
      this.#read();
    });
    this.#settle();
  }

  /** Aborts when the connection has ended. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Bytes that the client has not read. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Called when the client has read everything. */
  set onDrain(callback: () => void) {
    this.#onDrain = callback;
  }

  /** Keeps the connection open without requests, for notifications. */
  set isKept(isKept: boolean) {
    this.#isKept = isKept;
    this.#settle();
  }

  /** Sends a notification that `notificationLine` has made. */
  write(line: string): void {
    if (!this.#closed.signal.aborted) this.#socket.write(line);
  }

  notify(method: string, params: object): void {
    this.write(notificationLine(method, params));
  }

  /** Cancels an open request. Returns false when there is none with this id. */
  cancel(id: RpcId): boolean {
    for (const request of this.#open) {
      if (request.id !== id) continue;
      request.cancel.abort();
      return true;
    }
    return false;
  }

  /** Ends the connection when what was written is sent. */
  end(): void {
    this.#socket.end(() => this.#socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(): void {
    const { maxRequestBytes } = this.#limits;
    // A client that does not read gets no more answers.
    while (!this.#socket.writableNeedDrain) {
      const line = this.#lines.take();
      const isTooLong = (line?.length ?? this.#lines.heldBytes) > maxRequestBytes;
      if (isTooLong) return this.#refuse(`A request has at most ${maxRequestBytes} bytes.`);
      if (line === undefined) return;
      this.#answer(line);
    }
    this.#socket.pause();
  }

  #answer(line: Buffer): void {
    let request: RpcRequest;
    try {
      request = parseRequest(line);
    } catch (error) {
      return this.write(errorLine(null, asRpcError(error)));
    }
    const { id } = request;
    const open = { id, bytes: line.length, cancel: new AbortController() };
    try {
      this.#assertWithinLimits(open);
      const result = this.#handler(request, this, open.cancel.signal);
      if (result instanceof Promise) void this.#await(open, result);
      else this.write(resultLine(id, result));
    } catch (error) {
      this.write(errorLine(id, asRpcError(error)));
    }
    this.#settle();
  }

  async #await(open: OpenRequest, result: Promise<object>): Promise<void> {
    this.#open.add(open);
    let line: string;
    try {
      line = resultLine(open.id, await result);
    } catch (error) {
      line = errorLine(open.id, asRpcError(error));
    }
    this.#open.delete(open);
    this.write(line);
    this.#settle();
  }

  #assertWithinLimits({ id, bytes }: OpenRequest): void {
    const { maxOpenRequests, maxRequestBytes } = this.#limits;
    let openBytes = bytes;
    for (const open of this.#open) {
      if (open.id === id) throw new RpcError(RPC_ERRORS.request, 'A request with this id has no answer yet.');
      openBytes += open.bytes;
    }
    if (this.#open.size >= maxOpenRequests || openBytes > 2 * maxRequestBytes) {
      throw new RpcError(RPC_ERRORS.busy, 'Too many requests have no answer yet. Wait for answers.');
    }
  }

  #refuse(problem: string): void {
    this.#socket.removeAllListeners('data').resume();
    this.write(errorLine(null, new RpcError(RPC_ERRORS.request, problem)));
    this.end();
  }

  /**
   * The end of its requests looks the same whether a client waits for answers or has gone. A blank, which may come before
   * any JSON text, fails in the second case.
   */
  #probeReader(): void {
    this.write(' ');
    this.#probe = setInterval(() => this.write(' '), PROBE_MS);
  }

  /** Waits for the next request, or ends when none can come. */
  #settle(): void {
    const { idleMs } = this.#limits;
    clearTimeout(this.#idle);
    if (this.#isKept || this.#open.size > 0 || this.#closed.signal.aborted) return;
    if (this.#hasEnded && !this.#socket.writableNeedDrain) this.end();
    else if (idleMs !== undefined) this.#idle = setTimeout(() => this.#socket.destroy(), idleMs);
  }

  #ended(): void {
    clearTimeout(this.#lifetime);
    clearTimeout(this.#idle);
    clearInterval(this.#probe);
    this.#closed.abort();
    for (const { cancel } of this.#open) cancel.abort();
  }
}

function asRpcError(error: unknown): RpcError {
  return error instanceof RpcError ? error : new RpcError(RPC_ERRORS.internal, 'The request failed.');
}
