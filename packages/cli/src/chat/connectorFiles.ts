import { mkdir } from 'node:fs/promises';
import type { FilePort, TransferOptions, TransferProgress } from './filePort.js';

/** The part of the connector that moves files. */
interface FileConnector {
  sendFile(
    recipient: string,
    source: string,
    options: { signal: AbortSignal; onProgress: (progress: TransferProgress) => void },
  ): Promise<unknown>;
  onFileOffer(callback: (offer: ConnectorOffer) => unknown): unknown;
}

interface ConnectorOffer {
  readonly sender: string;
  readonly name: string;
  readonly withdrawn: AbortSignal;
  accept(
    target: { folder: string },
    options: { signal: AbortSignal; onProgress: (progress: TransferProgress) => void },
  ): Promise<{ readonly path?: string }>;
  decline(): Promise<void>;
}

/** Moves files by the connector, into one folder, which is made when it is needed; undefined when it moves none. */
export function connectorFiles(connector: object, downloads: string): FilePort | undefined {
  if (!movesFiles(connector)) return undefined;
  return {
    async send(recipient, path, options) {
      await connector.sendFile(recipient, path, { ...options });
    },
    onOffer(callback) {
      connector.onFileOffer((offer) =>
        callback({
          sender: offer.sender,
          name: offer.name,
          withdrawn: offer.withdrawn,
          async accept(options: TransferOptions) {
            await mkdir(downloads, { recursive: true });
            const { path } = await offer.accept({ folder: downloads }, { ...options });
            return path ?? downloads;
          },
          decline: () => offer.decline(),
        }),
      );
    },
  };
}

function movesFiles(connector: object): connector is FileConnector {
  return 'sendFile' in connector && 'onFileOffer' in connector;
}
