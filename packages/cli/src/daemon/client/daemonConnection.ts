import { ConnectorError, type FileProgress } from 'quietroom-connector';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { METHOD_PREFIX, type RpcParams } from '../../rpc/jsonRpc.js';
import { RpcClient, type RpcClientOptions } from '../../rpc/rpcClient.js';
import type { DaemonEvent, NotificationOf } from '../protocol/events.js';
import { DAEMON_LIMITS, DAEMON_PROTOCOL } from '../protocol/limits.js';
import type { MethodName, ParamsOf, ResultOf } from '../protocol/methods.js';
import { callError } from './daemonError.js';
import type { DaemonAddress } from './daemonAddress.js';

/** A daemon that does not answer is stuck. */
const HELLO_MS = 10_000;

export interface DaemonListener {
  event(event: DaemonEvent): void;
  lost(count: number): void;
  closed(): void;
}

export interface DaemonCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FileProgress) => void;
}

/** The notifications of a daemon. It runs as the same user, and its version was compared: their shape is trusted. */
class Inbox implements RpcClientOptions {
  listener: DaemonListener | undefined;
  readonly progress = new Map<number, (progress: FileProgress) => void>();

  readonly onNotification = (method: string, params: RpcParams): void => {
    switch (method) {
      case `${METHOD_PREFIX}event`:
        return this.listener?.event(params as unknown as DaemonEvent);
      case `${METHOD_PREFIX}lost`:
        return this.listener?.lost((params as unknown as NotificationOf<'lost'>).count);
      case `${METHOD_PREFIX}progress`: {
        const { request, stage, bytes, totalBytes } = params as unknown as NotificationOf<'progress'>;
        return this.progress.get(Number(request))?.({ stage, bytes, totalBytes: totalBytes ?? undefined });
      }
    }
  };

  readonly onClose = (): void => this.listener?.closed();
}

/** A connection to a daemon: typed calls and events. */
export class DaemonConnection {
  readonly hello: ResultOf<'hello'>;
  readonly #rpc: RpcClient;
  readonly #inbox: Inbox;

  private constructor(rpc: RpcClient, hello: ResultOf<'hello'>, inbox: Inbox) {
    this.#rpc = rpc;
    this.hello = hello;
    this.#inbox = inbox;
  }

  set listener(listener: DaemonListener | undefined) {
    this.#inbox.listener = listener;
  }

  /**
   * Connects and asks who it is.
   *
   * @throws Node's own error, such as `ECONNREFUSED`; RpcConnectionError, RpcError; Failure for another version
   */
  static async open({ path, token }: DaemonAddress): Promise<DaemonConnection> {
    const inbox = new Inbox();
    const rpc = await RpcClient.connect(path, inbox);
    try {
      const result = await rpc.request(`${METHOD_PREFIX}hello`, token === undefined ? {} : { token }, {
        timeoutMs: HELLO_MS,
      });
      if (result['protocol'] !== DAEMON_PROTOCOL) {
        throw new Failure(
          EXIT_CODES.failure,
          'The daemon speaks another version of the protocol. Restart it, or give --no-daemon.',
        );
      }
      return new DaemonConnection(rpc, result as unknown as ResultOf<'hello'>, inbox);
    } catch (error) {
      rpc.close();
      throw error;
    }
  }

  /**
   * Calls a method. Aborting the signal cancels it, and rejects with the signal's reason.
   *
   * @throws what a connector would throw
   */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    { signal, onProgress }: DaemonCallOptions = {},
  ): Promise<ResultOf<M>> {
    signal?.throwIfAborted();
    assertSize(params);
    if (!this.#rpc.isOpen)
      throw new ConnectorError('NOT_CONNECTED', 'The daemon has ended: this was not sent.');
    const { id, answer } = this.#rpc.begin(METHOD_PREFIX + method, params);
    if (onProgress) this.#inbox.progress.set(id, onProgress);
    const cancel = (): void =>
      void this.#rpc.request(`${METHOD_PREFIX}cancel`, { request: id }).catch(() => {});
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      // The schema of the same method describes it.
      return (await answer) as unknown as ResultOf<M>;
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : callError(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#inbox.progress.delete(id);
    }
  }

  close(): void {
    this.#rpc.close();
  }
}

function assertSize(params: object): void {
  const { maxRequestBytes } = DAEMON_LIMITS;
  // The rest of the request takes less than 200 bytes.
  if (Buffer.byteLength(JSON.stringify(params)) <= maxRequestBytes - 200) return;
  throw new Failure(
    EXIT_CODES.refused,
    `The daemon takes at most ${maxRequestBytes} bytes at once. Send it in parts, or give --no-daemon.`,
  );
}
