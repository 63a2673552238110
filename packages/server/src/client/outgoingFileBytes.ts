import type { Taken } from '@quietroom/protocol';

/** What a packet that waits costs beside its plaintext: seal, header and padding. */
const PACKET_COST_BYTES = 512;

/** Far more than whoever relays files lets wait for one client. */
const MOST_ALLOWANCE_BYTES = 1_048_576;

/** The file packets on their way to one client. */
export class OutgoingFileBytes {
  #bytesWaiting = 0;

  /** Bytes that were sent and that the network has not taken. */
  get bytesWaiting(): number {
    return this.#bytesWaiting;
  }

  /** How many bytes more than else may wait for the client, because of files. */
  get allowanceBytes(): number {
    return Math.min(this.#bytesWaiting, MOST_ALLOWANCE_BYTES);
  }

  /** Sends by a channel; `taken` is called when the network has taken the packet, or never will. Throws as it does. */
  send(
    channel: { sendFile(packet: Uint8Array, taken: Taken): void },
    packet: Uint8Array,
    taken: () => void,
  ): void {
    const bytes = packet.length + PACKET_COST_BYTES;
    channel.sendFile(packet, () => {
      this.#bytesWaiting -= bytes;
      taken();
    });
    this.#bytesWaiting += bytes;
  }
}
