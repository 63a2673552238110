import type { ServerMessage } from '@quietroom/protocol';
import { ConnectorError, FileTransferError } from '../../errors.js';
import { MAX_COMPATIBLE_BYTES, type Pace } from './chunkSender.js';
import type { TransferContext } from './transferContext.js';
import { sendableName } from '../target/fileNames.js';
import { openSource, type FileSource } from '../source/fileSource.js';
import { OutgoingFile, type Offering } from './outgoingFile.js';
import type { ProgressFeed } from './progress.js';
import { Mutex } from '../../time/mutex.js';

/** A file that was sent. */
export interface SentFile {
  readonly recipient: string;
  /** The name that it was sent by. */
  readonly name: string;
  /** The name of the source, of which that one was made. */
  readonly originalName: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** From the first byte to the server's word that all is through. */
  readonly seconds: number;
}

/** How a file is to be sent. */
export interface OutgoingOptions {
  readonly name: string | undefined;
  readonly size: number | undefined;
  readonly sha256: string | undefined;
  readonly pace: Pace | 'auto';
}

/** By this word a server says that it loses nothing, however fast a file is sent. */
const FAST_FILES = 'fast-files';

/** Whether a message answers what files ask of the server. */
export function isAboutFeatures(message: ServerMessage): boolean {
  if (message.type === 'refusal') return message.reason === 'unknownCommand' && message.word === '/features';
  return message.type === 'features';
}

/** Sends files, one after another: their packets do not say which file they belong to. */
export class OutgoingFiles {
  readonly #line: TransferContext;
  readonly #turns = new Mutex();
  #current: OutgoingFile | undefined;
  /** Whether the server that we are connected to takes files fast; asked for when it matters first. */
  #isFast: Promise<boolean> | undefined;

  constructor(line: TransferContext) {
    this.#line = line;
  }

  /** Resolves when the server is done with all that was to be sent by now. */
  get over(): Promise<void> {
    return this.#turns.over;
  }

  /** Takes a message that is about the file on its way; false for any other. */
  onMessage(message: ServerMessage): boolean {
    return this.#current?.onMessage(message) ?? false;
  }

  /** The connection is gone. */
  lost(reason: Error): void {
    this.#isFast = undefined;
    this.#current?.lost(reason);
  }

  /**
   * Sends a file when those before it are through. Rejects with the signal's reason when that aborts; what is on
   * offer then is withdrawn, what is on its way is ended.
   *
   * @throws FileTransferError; ConnectorError
   */
  async send(
    recipient: string,
    given: FileSource,
    options: OutgoingOptions,
    progress: ProgressFeed,
    signal: AbortSignal,
  ): Promise<SentFile> {
    progress.enter('hashing');
    const source = await openSource(given, options, {
      signal,
      onHashed: (bytes) => progress.advance(bytes),
    });
    try {
      const name = sendableName(source.originalName);
      progress.enter('waiting', source.size);
      const endTurn = await this.#turns.take(signal);
      const pace = (): Promise<Pace> => this.#pace(options.pace);
      const file = new OutgoingFile(this.#line, { recipient, name, source }, pace, progress);
      const seconds = (await this.#sendInTurn(file, options.pace, signal, endTurn)) / 1000;
      progress.enter('done');
      const { originalName, size: bytes, sha256 } = source;
      return { recipient, name, originalName, bytes, sha256, seconds };
    } finally {
      await source.close();
    }
  }

  /** `endTurn` is called when the server is done with it, which may be later than the end of this. */
  async #sendInTurn(
    file: OutgoingFile,
    pace: Pace | 'auto',
    signal: AbortSignal,
    endTurn: () => void,
  ): Promise<number> {
    const stop = (): void => file.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    let isOffered = false;
    try {
      signal.throwIfAborted();
      await this.#assertPossible(file.offering, pace, signal);
      this.#current = file;
      isOffered = true;
      return await file.send();
    } finally {
      signal.removeEventListener('abort', stop);
      void this.#clear(isOffered ? file : undefined, endTurn);
    }
  }

  async #clear(file: OutgoingFile | undefined, endTurn: () => void): Promise<void> {
    await file?.takeBack();
    this.#current = undefined;
    endTurn();
  }

  /** What a 1.x server cannot do is not begun there. */
  async #assertPossible(
    { name, source: { size } }: Offering,
    pace: Pace | 'auto',
    signal: AbortSignal,
  ): Promise<void> {
    const { username } = this.#line;
    if (username.includes(' ') && !(await this.#isFastServer(signal))) {
      throw new FileTransferError(
        'FILE_REFUSED',
        `On this server nobody can accept a file from ${JSON.stringify(username)}, because of the blank in that name. Log in by one without.`,
      );
    }
    // Known before the offer, so that nobody waits for it later.
    if ((await this.#pace(pace, signal)) === 'fast' || size <= MAX_COMPATIBLE_BYTES) return;
    throw new FileTransferError(
      'FILE_TOO_LARGE',
      `${JSON.stringify(name)} has ${size} bytes: at the pace that 1.x clients read without loss, ${MAX_COMPATIBLE_BYTES} are through in the 10 minutes that the server allows. If the recipient reads as this library does, send it with pace: "fast".`,
    );
  }

  async #pace(pace: Pace | 'auto', signal?: AbortSignal): Promise<Pace> {
    if (pace !== 'auto') return pace;
    return (await this.#isFastServer(signal)) ? 'fast' : 'compatible';
  }

  #isFastServer(signal: AbortSignal | undefined): Promise<boolean> {
    this.#isFast ??= this.#askIfFast(signal);
    return this.#isFast;
  }

  async #askIfFast(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const answer = await this.#line.ask({ type: 'features' }, signal);
      return answer.type === 'features' && answer.text.split(' ').includes(FAST_FILES);
    } catch (error) {
      this.#isFast = undefined;
      // A server that does not answer is taken for one that does not know the question.
      if (error instanceof ConnectorError && error.code === 'NO_ANSWER') return false;
      throw error;
    }
  }
}
