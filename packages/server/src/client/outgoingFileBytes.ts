import type { Taken } from '@quietroom/protocol';
import { CELL_BYTES } from '@quietroom/protocol/internals';

/** Far more than a relay queues for one client. */
const MOST_ALLOWANCE_BYTES = 1_048_576;

/** The file packets on their way to one client. */
export class OutgoingFileBytes {
  #bytesWaiting = 0;

  /** Bytes sent, but not accepted by the network yet. */
  get bytesWaiting(): number {
    return this.#bytesWaiting;
  }

  /** Additional bytes that may be queued because of files. */
  get allowanceBytes(): number {
    return Math.min(this.#bytesWaiting, MOST_ALLOWANCE_BYTES);
  }

  /** Sends through a channel; `taken` is called when the network has accepted the packet, or never will. Throws like it. */
  send(
    channel: { sendFile(packet: Uint8Array, taken: Taken): void },
    packet: Uint8Array,
    taken: () => void,
  ): void {
    // Header, seal and padding take a cell at most.
    const bytes = packet.length + CELL_BYTES;
    channel.sendFile(packet, () => {
      this.#bytesWaiting -= bytes;
      taken();
    });
    this.#bytesWaiting += bytes;
  }
}
