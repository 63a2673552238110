import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAuthentic } from './authentication.js';
import type { Route } from './relayConfig.js';
import { RelayFullError } from './relay.js';
import { PayloadError } from './sources/notice.js';
import { noticesOf } from './sources/sources.js';
import type { Notice } from './sources/notice.js';

/** What the server needs. */
export interface RelayServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly routes: readonly { readonly route: Route; readonly secret: string | undefined }[];
  /** Resolves with how many messages were stored, when they are on disk. */
  accept(route: Route, notices: readonly Notice[]): Promise<number>;
  health(): { readonly isHealthy: boolean; readonly body: object };
  metrics(): { readonly type: string; readonly body: string };
  /** A line for the operator. */
  log(line: string): void;
}

/** A source opens few connections. */
const MAX_CONNECTIONS = 256;

/** Time for a request to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Answers with a status; the text is for the sender of the request. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Takes requests of sources over HTTP: 202 when something was stored, 200 when there is nothing new to tell. */
export class RelayServer implements AsyncDisposable {
  readonly #options: RelayServerOptions;
  readonly #http: Server;
  /** Requests by status. */
  readonly counts = new Map<number, number>();

  private constructor(options: RelayServerOptions) {
    this.#options = options;
    this.#http = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 16_384 },
      (request, response) => void this.#respond(request, response),
    );
    this.#http.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws Node's error, such as `EADDRINUSE` */
  static async start(options: RelayServerOptions): Promise<RelayServer> {
    const server = new RelayServer(options);
    server.#http.listen(options.port, options.host);
    await once(server.#http, 'listening');
    return server;
  }

  get port(): number {
    // It listens on TCP.
    return (this.#http.address() as AddressInfo).port;
  }

  /** Lets running requests end, for a moment. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.close();
    const timer = setTimeout(() => this.#http.closeAllConnections(), 1000);
    this.#http.closeIdleConnections();
    await once(this.#http, 'close');
    clearTimeout(timer);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://relay');
    if (request.method === 'GET' && pathname === '/healthz') {
      const { isHealthy, body } = this.#options.health();
      this.#end(response, isHealthy ? 200 : 503, JSON.stringify(body), 'application/json');
    } else if (request.method === 'GET' && pathname === '/metrics') {
      const { type, body } = this.#options.metrics();
      this.#end(response, 200, body, type);
    } else {
      const { status, text } = await this.#take(request, pathname);
      this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
      if (status === 503) response.setHeader('retry-after', '10');
      // The unread rest of a body would be parsed as the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      this.#end(response, status, `${text}\n`, 'text/plain; charset=utf-8');
    }
  }

  async #take(request: IncomingMessage, pathname: string): Promise<{ status: number; text: string }> {
    try {
      const found = this.#options.routes.find(({ route }) => route.path === pathname);
      if (found === undefined) throw new HttpError(404, 'There is no such route.');
      if (request.method !== 'POST') throw new HttpError(405, 'Use POST.');
      const { route, secret } = found;
      const bytes = await this.#bodyOf(request);
      const received = { headers: request.headers, body: bytes.toString('utf8'), bytes };
      if (!isAuthentic(route, secret, received)) throw new HttpError(401, 'The secret is wrong.');
      const notices = noticesOf(route.source, received, route.template ?? '');
      const stored = await this.#options.accept(route, notices);
      return stored > 0
        ? { status: 202, text: 'Accepted.' }
        : { status: 200, text: 'There is nothing new to tell.' };
    } catch (error) {
      if (error instanceof HttpError) return { status: error.status, text: error.message };
      if (error instanceof PayloadError) return { status: 400, text: error.message };
      if (error instanceof RelayFullError) return { status: 503, text: error.message };
      this.#options.log(`${pathname}: not stored: ${error instanceof Error ? error.message : String(error)}`);
      return { status: 503, text: 'It could not be stored.' };
    }
  }

  async #bodyOf(request: IncomingMessage): Promise<Buffer> {
    const { maxBodyBytes } = this.#options;
    const tooLarge = new HttpError(413, `The body has more than ${maxBodyBytes} bytes.`);
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge;
    const chunks: Buffer[] = [];
    let bytes = 0;
    // A body that breaks off throws.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) throw tooLarge;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #end(response: ServerResponse, status: number, body: string, type: string): void {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(body);
  }
}
