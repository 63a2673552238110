import { ConnectorError, type QuietRoomConnector } from 'quietroom-connector';

/** What the bot tells about its work. */
export interface EchoObserver {
  heard(sender: string, text: string): void;
  /** The sender gets no answer. */
  failed(sender: string, error: unknown): void;
}

/** Makes `connector`, which logs in as `username`, answer each direct message with its text. */
export function echoDms(
  connector: Pick<QuietRoomConnector, 'onDm' | 'sendDm' | 'isConnected'>,
  username: string,
  observer: EchoObserver,
): void {
  const ownName = username.trim();
  connector.onDm(async (sender, text) => {
    // It would answer itself for ever.
    if (sender === ownName) return;
    observer.heard(sender, text);
    try {
      await answer(connector, sender, text);
    } catch (error) {
      if (connector.isConnected) observer.failed(sender, error);
    }
  });
}

async function answer(
  connector: Pick<QuietRoomConnector, 'sendDm'>,
  sender: string,
  text: string,
): Promise<void> {
  try {
    await connector.sendDm(sender, `Echo: ${text}`);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'MESSAGE_TOO_LONG') throw error;
    const bytes = Buffer.byteLength(text);
    await connector.sendDm(sender, `Echo: your text of ${bytes} bytes is too long to come back.`);
  }
}
