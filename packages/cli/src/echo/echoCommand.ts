import { ConnectorError, type ConnectionLostError } from 'quietroom-connector';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { openConnector } from '../client/withConnection.js';
import { connectFailure } from '../client/connectFailure.js';
import { echoDms } from './echoBot.js';
import { printError, printLine } from '../output/print.js';
import { listenForStop } from '../signals/stop.js';

/**
 * Runs the echo bot until it is stopped.
 *
 * @throws Failure for wrong settings, when connecting fails, and when the connection is lost
 */
export async function echo(flags: ClientFlags): Promise<void> {
  const settings = await clientSettings(flags, { username: 'EchoBot' });
  const stop = listenForStop();
  const reason = await connectAndEcho(settings, stop.signal).catch((error: unknown) => {
    throw connectFailure(error, settings);
  });
  if (reason) throw connectFailure(reason, settings);
}

/** Resolves with the reason when the connection is lost, with null when stopped. */
async function connectAndEcho(
  settings: ClientSettings,
  stop: AbortSignal,
): Promise<ConnectionLostError | null> {
  const { host, port, username } = settings;
  const connector = openConnector(settings);
  echoDms(connector, username, {
    received: (sender, text) => printLine(`${sender}: ${text}`),
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
