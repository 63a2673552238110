import { firstIdentity } from '@quietroom/testing';
import { QuietRoomConnector } from 'quietroom-connector';

export interface EchoClient {
  stop(): Promise<void>;
}

/** Connects again and again, and answers direct messages with their text. */
export function startEchoClient(serverPort: number): EchoClient {
  const stop = new AbortController();
  let connector: QuietRoomConnector | undefined;

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const current = new QuietRoomConnector({
        serverHost: '127.0.0.1',
        serverPort,
        cert: firstIdentity.certPem,
        username: 'Echo',
        reconnect: false,
      });
      connector = current;
      current.onDm((sender, text) => void current.sendDm(sender, text));
      const gone = new Promise<void>((resolve) => {
        current.onDisconnect(() => resolve());
      });
      try {
        await current.connect();
        await gone;
      } catch {
        // The suite refuses it on purpose, or the run is over.
      }
    }
  }

  const ended = run();
  return {
    async stop() {
      stop.abort();
      await connector?.disconnect();
      await ended;
    },
  };
}
