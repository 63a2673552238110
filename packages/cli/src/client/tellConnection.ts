import type { QuietRoomConnector } from 'quietroom-connector';
import { printError } from '../output/print.js';

/** Reports a lost connection and a new one on standard error. */
export function tellConnection(connector: Pick<QuietRoomConnector, 'onStateChange' | 'username'>): void {
  connector.onStateChange((state, { previous, cause }) => {
    if (state === 'reconnecting' && previous === 'connected') {
      printError(`${cause?.message ?? 'The connection is lost.'} Connecting again ...`);
    } else if (state === 'connected') {
      printError(`Connected again as ${connector.username}.`);
    }
  });
}
