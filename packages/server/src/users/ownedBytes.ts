import { encodeUtf8 } from '@quietroom/protocol/internals';

/**
 * A text in UTF-8, in memory of its own. Small buffers of Node share 8 KiB, all of which stays in memory while one of
 * them waits in a queue.
 */
export function ownedBytes(text: string): Uint8Array {
  return new Uint8Array(encodeUtf8(text));
}
