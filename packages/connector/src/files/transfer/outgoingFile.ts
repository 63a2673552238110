import { FILE_END_PACKET, formatFileStart, type ServerMessage } from '@quietroom/protocol';
import { FileTransferError } from '../../errors.js';
import { CallPromise } from '../../requests/callPromise.js';
import { openSource, type FileSource, type OpenedSource } from '../source/fileSource.js';
import { sendableName } from '../target/fileNames.js';
import { ChunkSender, type Pace } from './chunkSender.js';
import type { OutgoingOptions, SentFile } from './outgoingFiles.js';
import {
  outgoingEvent,
  outgoingFile,
  updateOutgoing,
  type OutgoingEffect,
  type OutgoingEvent,
  type OutgoingState,
} from './outgoingState.js';
import type { ProgressFeed } from './progress.js';
import { StateMachine } from './stateMachine.js';
import type { TransferContext } from './transferContext.js';

/** A call to send a file. */
export interface Sending {
  readonly recipient: string;
  readonly source: FileSource;
  readonly options: OutgoingOptions;
  readonly progress: ProgressFeed;
}

/** The queue that a file waits in. */
export interface OutgoingHost {
  /** The source is open: the file can be started in its turn. */
  enqueue(file: OutgoingFile): void;
  /**
   * Finds the pace for a file of this name and size.
   *
   * @throws FileTransferError when the server cannot pass it on
   */
  prepare(file: { name: string; size: number }, pace: Pace | 'auto', signal: AbortSignal): Promise<Pace>;
  /** The server has finished the transfer: the next can start. */
  over(file: OutgoingFile): void;
}

/** Sends one file: performs what `updateOutgoing` asks for. */
export class OutgoingFile {
  /** Settles when the server has passed it on, or it has failed. */
  readonly result = new CallPromise<SentFile>(() => {});
  readonly #context: TransferContext;
  readonly #sending: Sending;
  readonly #host: OutgoingHost;
  /** Ends all that is under way once the file has failed. */
  readonly #abort = new AbortController();
  readonly #sender: ChunkSender;
  readonly #machine: StateMachine<OutgoingState, OutgoingEvent, OutgoingEffect>;
  #source: OpenedSource | undefined;
  #content: AsyncIterator<Uint8Array> | undefined;
  #pace: Pace = 'compatible';
  #sentBytes = 0;

  constructor(context: TransferContext, sending: Sending, host: OutgoingHost) {
    this.#context = context;
    this.#sending = sending;
    this.#host = host;
    const { clock, answerTimeoutMs, fileTimeoutMs } = context;
    this.#sender = new ChunkSender(context, this.#abort.signal, () => this.#dispatch({ type: 'moved' }));
    const facts = {
      recipient: sending.recipient,
      name: 'the file',
      sha256: '',
      answerTimeoutMs,
      fileTimeoutMs,
    };
    this.#machine = new StateMachine(clock, outgoingFile(facts), updateOutgoing, (effect) =>
      this.#perform(effect),
    );
    this.#dispatch({ type: 'begin' });
  }

  /** Called when all transfers before it are over. */
  start(): void {
    this.#dispatch({ type: 'turn' });
  }

  /** The caller gives it up for this reason. */
  stop(error: unknown): void {
    this.#dispatch({ type: 'failed', error });
  }

  /** The connection is lost. */
  lost(error: Error): void {
    this.#dispatch({ type: 'lost', error });
  }

  /** Takes a message that is about it; false for any other. */
  onMessage(message: ServerMessage): boolean {
    const event = outgoingEvent(this.#machine.state, message);
    if (event === undefined) return false;
    this.#dispatch(event);
    return true;
  }

  #dispatch(event: OutgoingEvent): void {
    this.#machine.dispatch(event);
  }

  #perform(effect: OutgoingEffect): void {
    switch (effect.type) {
      case 'openSource':
        return this.#attempt(() => this.#openSource());
      case 'enqueue':
        return this.#host.enqueue(this);
      case 'prepare':
        return this.#attempt(() => this.#prepare());
      case 'offer':
        return void this.#offer();
      case 'withdraw':
        return void this.#withdraw(effect.id);
      case 'stage':
        return this.#sending.progress.enter(effect.stage, effect.size);
      case 'sendStart':
        return this.#attempt(() => this.#sendStart());
      case 'read':
        return this.#attempt(() => this.#read());
      case 'send':
        return this.#attempt(() => this.#send(effect.bytes));
      case 'sendEnd':
        return this.#attempt(async () => this.#sender.send(FILE_END_PACKET));
      case 'sendEarlyEnd':
        return this.#sendEarlyEnd(effect.isStarted);
      case 'resolve':
        return void this.#resolve(effect.ms);
      case 'reject':
        return this.#reject(effect.error);
      case 'release':
        return this.#host.over(this);
    }
  }

  #attempt(perform: () => Promise<void>): void {
    perform().catch((error: unknown) => this.#dispatch({ type: 'failed', error }));
  }

  async #openSource(): Promise<void> {
    const { source: given, options, progress } = this.#sending;
    const source = await openSource(given, options, {
      signal: this.#abort.signal,
      onHashed: (bytes) => {
        progress.advance(bytes);
        this.#dispatch({ type: 'hashed' });
      },
    });
    this.#source = source;
    if (this.#abort.signal.aborted) return source.close();
    const { originalName, sha256, size } = source;
    this.#dispatch({ type: 'opened', name: sendableName(originalName), sha256, size });
  }

  async #prepare(): Promise<void> {
    const { name } = this.#machine.state.file;
    const file = { name, size: this.#opened.size };
    this.#pace = await this.#host.prepare(file, this.#sending.options.pace, this.#abort.signal);
    this.#dispatch({ type: 'prepared' });
  }

  async #offer(): Promise<void> {
    const { recipient: user, name, sha256 } = this.#machine.state.file;
    const { signal } = this.#abort;
    try {
      const answer = await this.#context.ask({ type: 'file', user, name, sha256 }, signal);
      // The answer that it is offered comes by onMessage.
      if (answer.type === 'fileOffered') return;
      this.#dispatch({ type: 'refused', error: refusal({ user, name }, answer) });
    } catch (error) {
      // After an abort the server's answer can still come, and must be awaited.
      if (!signal.aborted) this.#dispatch({ type: 'refused', error });
    }
  }

  async #withdraw(id: string): Promise<void> {
    // An offer that cannot be withdrawn ends with the connection, or expires.
    await this.#context.ask({ type: 'decline', id }).catch(() => {});
    this.#dispatch({ type: 'withdrawn' });
  }

  async #sendStart(): Promise<void> {
    this.#sender.send(this.#startPacket);
    await this.#sender.pause(this.#pace);
    this.#dispatch({ type: 'sent' });
  }

  async #read(): Promise<void> {
    this.#content ??= this.#opened.read();
    const { done, value } = await this.#content.next();
    this.#dispatch(done === true ? { type: 'readAll' } : { type: 'read', bytes: value });
  }

  async #send(bytes: Uint8Array): Promise<void> {
    await this.#sender.sendContent(bytes, this.#pace, (count) => {
      this.#sentBytes += count;
      this.#sending.progress.advance(this.#sentBytes);
    });
    this.#dispatch({ type: 'sent' });
  }

  #sendEarlyEnd(isStarted: boolean): void {
    const packets = isStarted ? [FILE_END_PACKET] : [this.#startPacket, FILE_END_PACKET];
    try {
      for (const packet of packets) this.#context.sendPacket(packet, () => {});
    } catch {
      // Without a connection there is no transfer to end.
    }
  }

  async #resolve(ms: number): Promise<void> {
    const { originalName, size: bytes, sha256 } = this.#opened;
    const { recipient, name } = this.#machine.state.file;
    await this.#source?.close();
    this.result.resolve({ recipient, name, originalName, bytes, sha256, seconds: ms / 1000 });
  }

  #reject(error: unknown): void {
    this.#abort.abort(error);
    void this.#source?.close();
    this.result.reject(error);
  }

  get #startPacket(): Uint8Array {
    const { name } = this.#machine.state.file;
    return formatFileStart({ name, size: this.#opened.size, sha256: undefined });
  }

  get #opened(): OpenedSource {
    if (this.#source === undefined) throw new Error('The source of the file is not open.');
    return this.#source;
  }
}

function refusal(
  { user, name }: { readonly user: string; readonly name: string },
  answer: ServerMessage,
): FileTransferError {
  const reason = answer.type === 'refusal' ? answer.reason : undefined;
  if (reason === 'recipientOffline') {
    return new FileTransferError(
      'FILE_OFFLINE',
      `${JSON.stringify(user)} is not online: ${JSON.stringify(name)} was not offered.`,
    );
  }
  const why =
    reason === 'fileToSelf'
      ? 'files cannot be sent to oneself'
      : 'its reason came to onSystemMessage just before';
  return new FileTransferError(
    'FILE_REFUSED',
    `The server does not take the offer of ${JSON.stringify(name)}: ${why}.`,
  );
}
