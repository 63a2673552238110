import { PacketDecoder } from '@quietroom/protocol';
import { openPacket, seededBytes } from '@quietroom/testing';
import { packetScripts, packetStream, waysToCut } from './packetScript.js';
import { holds, type Target } from './target.js';

const KEY = seededBytes(1, 32);

/** As the decoder promises. */
const FREE_VAIN_BYTES = 1024 * 1024;
const VAIN_BYTES_PER_BYTE = 128;
const MAX_PACKET_BYTES = 3 + 32768;

/** The decoder yields each whole packet, whatever is between, however the stream is cut, and works in vain within bounds. */
export const decoderTarget: Target = {
  name: 'decoder',
  words: ['\u0001\u0000\u001c', '\u0003\u0000\u001d', '\u0001\u007f\u00ff', '\u0000\u0005\u0001hello'],
  seeds: packetScripts,
  run(input) {
    const stream = packetStream(input, KEY);
    for (const pieces of waysToCut(stream)) {
      let vainBytes = 0;
      const decoder = new PacketDecoder((source, from, to) => {
        const plaintext = openPacket(KEY, source.subarray(from, to));
        if (plaintext === undefined) vainBytes += to - from;
        return plaintext;
      });
      const seen = pieces.flatMap((piece) => decoder.receive(piece)).map(({ plaintext }) => plaintext);
      const limit = FREE_VAIN_BYTES + VAIN_BYTES_PER_BYTE * stream.bytes.length + MAX_PACKET_BYTES;
      holds('work in vain is bounded', vainBytes <= limit);
      holds('input this short is within the budget', decoder.failure === undefined);
      holds(
        'each whole packet comes out, in order',
        Buffer.concat(seen).equals(Buffer.concat(stream.plaintexts)),
      );
      holds('no packet comes out twice', seen.length === stream.plaintexts.length);
    }
  },
};
