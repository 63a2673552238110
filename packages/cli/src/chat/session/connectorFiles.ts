import type { ClientConnector } from '../../daemon/client/clientConnector.js';
import type { FilePort } from './filePort.js';

/** Transfers files with the connector. Received files go into one folder, created on demand. */
export function connectorFiles(
  connector: Pick<ClientConnector, 'sendFile' | 'onFileOffer'>,
  downloads: string,
): FilePort {
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
          async accept(options) {
            // The slash at the end has the folder made.
            const { path } = await offer.accept({ folder: `${downloads}/` }, { ...options });
            return path ?? downloads;
          },
          decline: () => offer.decline(),
        }),
      );
    },
  };
}
