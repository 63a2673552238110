import { ConnectorError } from 'quietroom-connector';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { openConnector } from '../client/withConnection.js';
import { tellConnection } from '../client/tellConnection.js';
import { connectFailure } from '../client/connectFailure.js';
import { echoDms } from './echoBot.js';
import { printError, printLine } from '../output/print.js';
import { listenForStop } from '../signals/stop.js';

/**
 * Runs the echo bot until it is stopped. A lost connection is made again.
 *
 * @throws Failure for wrong settings, when connecting fails, and when the server presents another certificate
 */
export async function echo(flags: ClientFlags): Promise<void> {
  const settings = await clientSettings(flags, { username: 'EchoBot' });
  const stop = listenForStop();
  const reason = await connectAndEcho(settings, stop.signal).catch((error: unknown) => {
    throw connectFailure(error, settings);
  });
  if (reason) throw connectFailure(reason, settings);
}

/** Resolves with the reason when it cannot connect again, with null when stopped. */
async function connectAndEcho(settings: ClientSettings, stop: AbortSignal): Promise<Error | null> {
  const { host, port, username } = settings;
  const connector = openConnector(settings, { reconnect: true });
  echoDms(connector, username, {
    received: (sender, text) => printLine(`${sender}: ${text}`),
    failed: (sender, error) => printError(`${sender} gets no answer: ${messageOf(error)}`),
  });
  stop.addEventListener('abort', () => void connector.disconnect(), { once: true });

  try {
    await connector.connect();
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'CONNECT_CANCELLED') return null;
    throw error;
  }
  printLine(`${username} answers direct messages on ${host}:${port}. Ctrl-C ends it.`);
  tellConnection(connector);
  return connector.closed;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
