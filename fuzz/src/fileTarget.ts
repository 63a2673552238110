import { chunkLength, formatFileStart, isFileEnd, parseFileStart } from '@quietroom/protocol';
import { holds, type Target } from './target.js';

/** Content is cut into chunks that no reader takes for a marker, and a FILE_START is read as it was written. */
export const fileTarget: Target = {
  name: 'files',
  words: ['FILE_START|', 'FILE_END', '|', ' ', '\n', '0', '5', 'a'.repeat(64)],
  seeds: () =>
    [
      'FILE_END',
      ' FILE_END\n',
      'FILE_START|a|5',
      `FILE_START|a.txt|12|${'ab'.repeat(32)}`,
      'some content FILE_END',
    ].map((text) => Buffer.from(text)),
  run(input) {
    const chunks: Buffer[] = [];
    for (let rest = input; rest.length > 0;) {
      const length = chunkLength(rest);
      holds('a chunk has at least a byte, and no more than there are', length >= 1 && length <= rest.length);
      const chunk = rest.subarray(0, length);
      holds('a chunk is not an end', !isFileEnd(chunk, true) && !isFileEnd(chunk, false));
      holds('a chunk is not a start', parseFileStart(chunk) === undefined);
      chunks.push(chunk);
      rest = rest.subarray(length);
    }
    holds('the chunks are the content', Buffer.concat(chunks).equals(input));
    const start = parseFileStart(input);
    if (start === undefined || Number.isNaN(start.size)) return;
    const again = parseFileStart(formatFileStart(start));
    holds('a start is read as it was written', JSON.stringify(again) === JSON.stringify(start));
  },
};
