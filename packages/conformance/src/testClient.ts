import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { makeReport, type ConformanceReport } from './engine/report.js';
import { runCases, type RunOptions } from './engine/runCases.js';
import { ClientBench, type ClientGroup, type Identity } from './client/clientBench.js';
import { clientEnding } from './client/cases/clientEnding.js';
import { clientKeys } from './client/cases/clientKeys.js';
import { clientLogin } from './client/cases/clientLogin.js';
import { clientReading } from './client/cases/clientReading.js';
import { clientTexts } from './client/cases/clientTexts.js';
import { clientWriting } from './client/cases/clientWriting.js';

const CLIENT_GROUPS: readonly ClientGroup[] = [
  clientKeys,
  clientLogin,
  clientReading,
  clientTexts,
  clientWriting,
  clientEnding,
];

/** The names that `only` takes. */
export const CLIENT_GROUP_NAMES: readonly string[] = CLIENT_GROUPS.map(({ name }) => name);

export interface TestClientOptions extends RunOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What the client has pinned. */
  readonly identity: Identity;
  /** Another one, to see that the client refuses it. */
  readonly otherIdentity: Identity;
  /** How long a case waits for each thing that it expects. */
  readonly timeoutMs: number;
  /** How long a case waits for the client to connect. */
  readonly connectTimeoutMs: number;
  /** Is called with the port when clients can connect. */
  readonly onListening?: (port: number) => void;
}

/**
 * Walks a client through all cases: it has to connect again and again, each connection is one case. It has to answer
 * direct messages with their text, as an echo bot does. A case for which it does not connect is skipped.
 */
export async function testClient(options: TestClientOptions): Promise<ConformanceReport> {
  const { identity, otherIdentity, timeoutMs, version } = options;
  const connections = new Connections(options.connectTimeoutMs, options.signal);
  const server = createServer((socket) => connections.add(socket));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  options.onListening?.((server.address() as AddressInfo).port);
  try {
    const target = { identity, otherIdentity, timeoutMs, nextConnection: () => connections.next() };
    const results = await runCases(CLIENT_GROUPS, () => new ClientBench(target), options);
    return makeReport('client', version, results);
  } finally {
    server.close();
    connections.close();
  }
}

/** The connections of the client, one for each case. */
class Connections {
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: Socket[] = [];
  #take: ((socket: Socket | undefined) => void) | undefined;

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  add(socket: Socket): void {
    socket.on('error', () => {});
    if (this.#take) this.#take(socket);
    else this.#waiting.push(socket);
  }

  async next(): Promise<Socket | undefined> {
    // A client that gave up while another case ran.
    for (let socket = this.#waiting.shift(); socket; socket = this.#waiting.shift()) {
      if (!socket.destroyed) return socket;
    }
    return new Promise((resolve) => {
      const finish = (socket: Socket | undefined): void => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', stop);
        this.#take = undefined;
        resolve(socket);
      };
      const stop = (): void => finish(undefined);
      const timer = setTimeout(stop, this.#timeoutMs);
      this.#signal?.addEventListener('abort', stop, { once: true });
      this.#take = finish;
    });
  }

  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}
