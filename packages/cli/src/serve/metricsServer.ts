import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PROMETHEUS_CONTENT_TYPE } from './prometheusText.js';

/** Loopback only: a proxy can publish the metrics deliberately. */
export const METRICS_HOST = '127.0.0.1';

/** More connections than scrapers open at once; above it the oldest is closed. */
const MAX_CONNECTIONS = 16;

/** Time limit for receiving a request. Responses fit into the system's buffers. */
const TIMEOUT_MS = 5000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Serves `/metrics` and `/healthz` over HTTP, on this machine only. */
export class MetricsServer {
  readonly #http: Server;
  readonly #metrics: () => string;
  /** The oldest first. */
  readonly #sockets = new Set<Socket>();

  private constructor(metrics: () => string, timeoutMs: number) {
    this.#metrics = metrics;
    this.#http = createServer(
      {
        headersTimeout: timeoutMs,
        connectionsCheckingInterval: timeoutMs / 5,
        maxHeaderSize: 8192,
      },
      (request, response) => this.#answer(request, response),
    );
    this.#http.on('connection', (socket) => this.#connected(socket));
  }

  /**
   * Resolves when it listens; rejects with Node's error, such as `EADDRINUSE`. `metrics` returns the text of
   * `/metrics`. Port 0: any free one.
   */
  static async listen(port: number, metrics: () => string, timeoutMs = TIMEOUT_MS): Promise<MetricsServer> {
    const server = new MetricsServer(metrics, timeoutMs);
    server.#http.listen(port, METRICS_HOST);
    await once(server.#http, 'listening');
    return server;
  }

  get port(): number {
    // A TCP server has an address of this type.
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  /** A response is written in the turn in which its request is read: an open connection waits for a request. */
  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size <= MAX_CONNECTIONS) return;
    const [oldest] = this.#sockets;
    oldest?.destroy();
  }

  #answer({ method = '', url = '' }: IncomingMessage, response: ServerResponse): void {
    const { status, type, body } = this.#answerTo(method, url);
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      // The rest of the request is not read.
      connection: 'close',
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    });
    response.end(method === 'HEAD' ? undefined : body);
  }

  #answerTo(method: string, url: string): Answer {
    const [path = ''] = url.split('?');
    if (path !== '/metrics' && path !== '/healthz') return plain(404, 'There are /metrics and /healthz.');
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET and HEAD.');
    if (path === '/healthz') return plain(200, 'ok');
    return { status: 200, type: PROMETHEUS_CONTENT_TYPE, body: this.#metrics() };
  }
}

function plain(status: number, line: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
