import { ConnectorError, QuietRoomConnector, type ConnectionLostError } from 'quietroom-connector';
import { connectFailure, type Target } from '../connectFailure.js';
import { echoDms } from './echoBot.js';
import { printError, printLine } from '../print.js';
import { listenForStop } from '../stop.js';

export interface EchoOptions extends Target {
  readonly username: string;
  /** Seconds. */
  readonly connectTimeout: number;
}

/**
 * Runs the echo bot until it is stopped.
 *
 * @throws Failure when it cannot connect, and when the connection is lost
 */
export async function echo(options: EchoOptions): Promise<void> {
  const stop = listenForStop();
  const reason = await connectAndEcho(options, stop.signal).catch((error: unknown) => {
    throw connectFailure(error, options);
  });
  if (reason) throw connectFailure(reason, options);
}

/** Resolves with the reason when the connection is lost, with null when it was stopped. */
async function connectAndEcho(
  { host, port, cert, username, connectTimeout }: EchoOptions,
  stop: AbortSignal,
): Promise<ConnectionLostError | null> {
  const connector = new QuietRoomConnector({
    serverHost: host,
    serverPort: port,
    certFile: cert,
    username,
    connectTimeout,
  });
  echoDms(connector, username, {
    heard: (sender, text) => printLine(`${sender}: ${text}`),
    failed: (sender, error) => printError(`${sender} gets no answer: ${messageOf(error)}`),
  });
  const disconnected = new Promise<ConnectionLostError | null>((resolve) => connector.onDisconnect(resolve));
  stop.addEventListener('abort', () => void connector.disconnect(), { once: true });

  try {
    await connector.connect();
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'CONNECT_CANCELLED') return null;
    throw error;
  }
  printLine(`${username} answers direct messages on ${host}:${port}. Ctrl-C ends it.`);
  return disconnected;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
