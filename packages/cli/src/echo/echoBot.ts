import type { QuietRoomConnector, Receipt } from 'quietroom-connector';

/** Callbacks of the bot. */
export interface EchoObserver {
  received(sender: string, text: string): void;
  /** An echo failed or is unconfirmed. */
  failed(sender: string, reason: unknown): void;
}

/** Makes `connector`, which logs in as `username`, answer each direct message with its text. */
export function echoDms(
  connector: Pick<QuietRoomConnector, 'onDm' | 'sendDm' | 'isConnected'>,
  username: string,
  observer: EchoObserver,
): void {
  const ownName = username.trim();
  connector.onDm(async (sender, text) => {
    // Answering itself would never end.
    if (sender === ownName) return;
    observer.received(sender, text);
    try {
      const receipt = await connector.sendDm(sender, `Echo: ${text}`);
      if (receipt.status !== 'accepted' && connector.isConnected) observer.failed(sender, whyNot(receipt));
    } catch (error) {
      if (connector.isConnected) observer.failed(sender, error);
    }
  });
}

function whyNot(receipt: Receipt): string {
  return receipt.status === 'refused' ? 'they are not online any more.' : 'the server did not confirm it.';
}
