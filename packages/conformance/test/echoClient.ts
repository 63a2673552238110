import { firstIdentity } from '@quietroom/testing';
import { QuietRoomConnector } from 'quietroom-connector';

export interface EchoClient {
  stop(): Promise<void>;
}

/** Connects again and again, and answers direct messages with their text. */
export function startEchoClient(serverPort: number): EchoClient {
  const stop = new AbortController();
  const ended = run(serverPort, stop.signal);
  return {
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

async function run(serverPort: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const connector = new QuietRoomConnector({
      serverHost: '127.0.0.1',
      serverPort,
      cert: firstIdentity.certPem,
      username: 'Echo',
      reconnect: false,
    });
    connector.onDm((sender, text) => void connector.sendDm(sender, text));
    const gone = new Promise<void>((resolve) => {
      connector.onDisconnect(() => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await connector.connect({ signal });
      await gone;
    } catch {
      // The suite refuses it on purpose, or the run is over.
    }
    await connector.disconnect();
  }
}
