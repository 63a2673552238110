import { createHash } from 'node:crypto';
import type { ServerMessage } from '@quietroom/protocol';
import { FileTransferError, type ConnectorErrorCode } from '../../errors.js';
import { safeName } from '../target/fileNames.js';
import { openTarget, type FileTarget, type OpenedTarget } from '../target/fileTarget.js';
import type { TargetResult } from '../target/sinks.js';
import { CallPromise } from '../../requests/callPromise.js';
import type { PendingOffer, ReceivedFile } from './fileOffer.js';
import type { ResolvedAcceptOptions } from './fileOptions.js';
import {
  incomingFile,
  updateIncoming,
  type IncomingEffect,
  type IncomingEvent,
  type IncomingState,
} from './incomingState.js';
import type { ProgressFeed } from './progress.js';
import { StateMachine } from './stateMachine.js';
import type { TransferContext } from './transferContext.js';
import { WriteBuffer } from './writeBuffer.js';

/** An offer that is accepted, and how. */
export interface Acceptance {
  readonly offer: PendingOffer;
  readonly target: FileTarget;
  readonly options: ResolvedAcceptOptions;
  readonly progress: ProgressFeed;
}

/** How a file reaches the offers that it belongs to. */
export interface IncomingHost {
  /** The server is about to be asked to let it come. */
  accepting(offer: PendingOffer): void;
  /** Tells the server that it is not wanted. */
  decline(offer: PendingOffer): void;
  /** The transfer is over: the next can start. */
  over(file: IncomingFile): void;
}

/** Receives one file: performs what `updateIncoming` asks for. */
export class IncomingFile {
  /** Settles when the target has the whole file, or nothing of it. */
  readonly result = new CallPromise<ReceivedFile>(() => {});
  readonly #context: TransferContext;
  readonly #acceptance: Acceptance;
  readonly #host: IncomingHost;
  readonly #name: string;
  readonly #hash = createHash('sha256');
  readonly #machine: StateMachine<IncomingState, IncomingEvent, IncomingEffect>;
  #target: OpenedTarget | undefined;
  #buffer: WriteBuffer | undefined;

  constructor(context: TransferContext, acceptance: Acceptance, host: IncomingHost) {
    const { offer, options } = acceptance;
    this.#context = context;
    this.#acceptance = acceptance;
    this.#host = host;
    this.#name = options.name === undefined ? offer.name : safeName(options.name);
    const { clock, fileTimeoutMs } = context;
    const expected = { name: this.#name, sha256: offer.sha256, fileTimeoutMs };
    this.#machine = new StateMachine(clock, incomingFile(expected), updateIncoming, (effect) =>
      this.#perform(effect),
    );
  }

  get offer(): PendingOffer {
    return this.#acceptance.offer;
  }

  /** Whether the server has been asked to let it come: what it says about a file can mean this one. */
  get isAsked(): boolean {
    return this.#machine.state.phase !== 'queued' && this.#machine.state.phase !== 'opening';
  }

  /** Called when all transfers before it are over. */
  start(): void {
    this.#machine.dispatch({ type: 'turn' });
  }

  /** The caller gives it up for this reason. Without effect once the target is being finished. */
  stop(error: unknown): void {
    this.#machine.dispatch({ type: 'stopped', error });
  }

  /** The offer is withdrawn, or the connection is lost. */
  lost(error: Error): void {
    this.#machine.dispatch({ type: 'lost', error });
  }

  /** Nothing more of it comes, or what comes does not matter, if it has failed. */
  silent(): void {
    this.#machine.dispatch({ type: 'silent' });
  }

  onPacket(packet: Uint8Array): void {
    this.#machine.dispatch({ type: 'packet', packet });
  }

  /** Takes a message that is about it; false for any other. */
  onMessage(message: ServerMessage): boolean {
    const name = JSON.stringify(this.#name);
    switch (message.type) {
      case 'fileReceived':
        // It comes behind the last packet.
        this.silent();
        return true;
      case 'fileCancelled':
      case 'transferCancelled':
        this.#ended(
          'FILE_CANCELLED',
          `The transfer of ${name} was cancelled: ${JSON.stringify(message.text)}.`,
        );
        return true;
      case 'fileReceiveTimedOut':
        this.#ended('FILE_TIMED_OUT', `${name} did not come within the time that the server allows.`);
        return true;
      default:
        return false;
    }
  }

  #ended(code: ConnectorErrorCode, message: string): void {
    this.#machine.dispatch({ type: 'ended', error: new FileTransferError(code, message) });
  }

  #perform(effect: IncomingEffect): void {
    const { offer, progress } = this.#acceptance;
    switch (effect.type) {
      case 'open':
        return void this.#open();
      case 'accept':
        return void this.#accept();
      case 'decline':
        return this.#host.decline(offer);
      case 'stage':
        return progress.enter(effect.stage, effect.size);
      case 'expect':
        return void this.#target?.expect(effect.size).catch((error: unknown) => this.#targetFailed(error));
      case 'write':
        this.#hash.update(effect.chunk);
        this.#buffer?.add(effect.chunk);
        return progress.advance(this.#machine.state.receivedBytes);
      case 'pauseReading':
        return this.#context.pauseReading();
      case 'resumeReading':
        return this.#context.resumeReading();
      case 'hash':
        return this.#machine.dispatch({ type: 'hashed', sha256: this.#hash.digest('hex') });
      case 'finish':
        return void this.#finish();
      case 'discard':
        return void this.#discard(effect.error);
      case 'resolve':
        return this.result.resolve(this.#received(effect));
      case 'reject':
        return this.result.reject(effect.error);
      case 'release':
        return this.#host.over(this);
    }
  }

  async #open(): Promise<void> {
    const { target, options } = this.#acceptance;
    try {
      this.#target = await openTarget(target, { name: this.#name, maxBytes: options.maxBytes });
      this.#buffer = new WriteBuffer(this.#target, {
        changed: (bytes) => this.#machine.dispatch({ type: 'waiting', bytes }),
        failed: (error) => this.#targetFailed(error),
      });
      this.#machine.dispatch({ type: 'opened' });
    } catch (error) {
      this.#targetFailed(error);
    }
  }

  async #accept(): Promise<void> {
    const { offer } = this.#acceptance;
    this.#host.accepting(offer);
    try {
      const answer = await this.#context.ask({ type: 'accept', id: offer.id });
      if (answer.type === 'fileAccepted') this.#machine.dispatch({ type: 'accepted' });
      else this.#machine.dispatch({ type: 'refused', error: unknownOffer(offer) });
    } catch (error) {
      this.#machine.dispatch({ type: 'unanswered', error });
    }
  }

  async #finish(): Promise<void> {
    try {
      const result = await this.#target?.finish();
      this.#machine.dispatch({ type: 'finished', result: result ?? {} });
    } catch (error) {
      this.#targetFailed(error);
    }
  }

  async #discard(error: unknown): Promise<void> {
    this.#buffer?.close();
    await this.#target?.discard(error);
    this.#machine.dispatch({ type: 'discarded' });
  }

  #targetFailed(error: unknown): void {
    this.#machine.dispatch({ type: 'targetFailed', error });
  }

  #received({ result, bytes, ms }: IncomingEffect & { type: 'resolve' }): ReceivedFile {
    const { sender, sha256 } = this.#acceptance.offer;
    const { path, data } = result satisfies TargetResult;
    const name = path === undefined ? this.#name : path.replace(/^.*[/\\]/, '');
    return { sender, name, bytes, sha256, seconds: ms / 1000, path, data };
  }
}

function unknownOffer({ name }: PendingOffer): FileTransferError {
  return new FileTransferError(
    'FILE_EXPIRED',
    `The server does not know the offer of ${JSON.stringify(name)} any more: it has expired, or was withdrawn.`,
  );
}
