import type { ServerMessage } from '@quietroom/protocol';
import { ConnectorError, FileTransferError } from '../../errors.js';
import { MAX_COMPATIBLE_BYTES, type Pace } from './chunkSender.js';
import { OutgoingFile, type OutgoingHost, type Sending } from './outgoingFile.js';
import type { TransferContext } from './transferContext.js';
import { TransferQueue } from './transferQueue.js';

/** A file that was sent. */
export interface SentFile {
  readonly recipient: string;
  /** The name that it was sent by. */
  readonly name: string;
  /** The name of the source, from which that one was made. */
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

/** A server with this feature loses nothing, however fast a file is sent. */
const FAST_FILES = 'fast-files';

/** Whether a message answers what files ask of the server. */
export function isAboutFeatures(message: ServerMessage): boolean {
  if (message.type === 'refusal') return message.reason === 'unknownCommand' && message.word === '/features';
  return message.type === 'features';
}

/** Sends files, one after another, in the order in which their sources are ready. */
export class OutgoingFiles implements OutgoingHost {
  readonly #context: TransferContext;
  readonly #queue = new TransferQueue<OutgoingFile>();
  /** Whether the connected server takes files fast; asked when it first matters. */
  #isFast: Promise<boolean> | undefined;

  constructor(context: TransferContext) {
    this.#context = context;
  }

  /** Resolves when the server is done with all files. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Takes a message about the file on its way; false for any other. */
  onMessage(message: ServerMessage): boolean {
    return this.#queue.running?.onMessage(message) ?? false;
  }

  get isBusy(): boolean {
    return this.#queue.running !== undefined;
  }

  /** The next connection may be to another server. */
  forgetServer(): void {
    this.#isFast = undefined;
  }

  /** The connection is lost. */
  lost(reason: Error): void {
    this.#queue.running?.lost(reason);
  }

  send(sending: Sending): OutgoingFile {
    return new OutgoingFile(this.#context, sending, this);
  }

  enqueue(file: OutgoingFile): void {
    this.#queue.add(file);
  }

  over(file: OutgoingFile): void {
    this.#queue.remove(file);
    this.#context.fileIsOver();
  }

  /** Refuses files that a 1.x server cannot relay, before the offer. */
  async prepare(
    { name, size }: { readonly name: string; readonly size: number },
    given: Pace | 'auto',
    signal: AbortSignal,
  ): Promise<Pace> {
    const { username } = this.#context;
    if (username.includes(' ') && !(await this.#isFastServer(signal))) {
      throw new FileTransferError(
        'FILE_REFUSED',
        `On this server a file cannot be accepted from ${JSON.stringify(username)}, because its name contains a space. Log in with a name without one.`,
      );
    }
    const pace = given === 'auto' ? ((await this.#isFastServer(signal)) ? 'fast' : 'compatible') : given;
    if (pace === 'fast' || size <= MAX_COMPATIBLE_BYTES) return pace;
    throw new FileTransferError(
      'FILE_TOO_LARGE',
      `${JSON.stringify(name)} has ${size} bytes: at the pace that 1.x clients read without loss, ${MAX_COMPATIBLE_BYTES} are through in the 10 minutes that the server allows. If the recipient reads as this library does, send it with pace: "fast".`,
    );
  }

  #isFastServer(signal: AbortSignal): Promise<boolean> {
    this.#isFast ??= this.#askIfFast(signal);
    return this.#isFast;
  }

  async #askIfFast(signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.#context.ask({ type: 'features' }, signal);
      return answer.type === 'features' && answer.text.split(' ').includes(FAST_FILES);
    } catch (error) {
      this.#isFast = undefined;
      // A server that does not answer is taken for one that does not know the question.
      if (error instanceof ConnectorError && error.code === 'NO_ANSWER') return false;
      throw error;
    }
  }
}
