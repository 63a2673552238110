import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { MAX_CLIENT_TEXT_BYTES } from '@quietroom/protocol/constants';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/**
 * Reads all of standard input as one text.
 *
 * @param maxMessages input that cannot fit into this many messages is not read to its end
 * @throws Failure for a terminal, or when the input is too long; the signal's reason
 */
export async function inputText(
  input: Readable & { readonly isTTY?: boolean },
  maxMessages: number,
  signal: AbortSignal,
): Promise<string> {
  if (input.isTTY === true) {
    throw new Failure(
      EXIT_CODES.usage,
      'There is no text. Give it in quotes behind the options, or on standard input. See "quietroom send --help".',
    );
  }
  const stopped = (): void => void input.destroy();
  signal.addEventListener('abort', stopped, { once: true });
  try {
    return textOf(await readAll(input, maxMessages * MAX_CLIENT_TEXT_BYTES));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') {
      throw new Failure(
        EXIT_CODES.usage,
        'Standard input is a folder. Give a file or a pipe, or the text in quotes.',
      );
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', stopped);
    signal.throwIfAborted();
    // An open pipe must not keep the process running.
    input.destroy();
  }
}

/** @throws Failure for bytes that are not UTF-8: they cannot be sent as they are */
function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  throw new Failure(
    EXIT_CODES.refused,
    'Standard input is not UTF-8 text. Convert it first, as by "iconv -f latin1 -t utf-8", or send it as a file by --file.',
  );
}

async function readAll(input: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Failure(
        EXIT_CODES.refused,
        'The text on standard input would take more messages than --max-messages allows. Shorten it, or raise that.',
      );
    }
  }
  return Buffer.concat(chunks);
}
