import type { ChatAction, ChatEvent, FileChange, FileStatus } from '@quietroom/chat';
import type { FilePort, Offer, TransferOptions, TransferProgress } from './filePort.js';
import { homePath } from './filePaths.js';

/** Progress is reported no more often than this. */
const PROGRESS_INTERVAL_MS = 100;

const STATUS: Readonly<Record<TransferProgress['stage'], FileStatus>> = {
  hashing: 'preparing',
  waiting: 'waiting',
  offered: 'offered',
  transferring: 'transferring',
  done: 'transferring',
};

export interface TransferOwner {
  dispatch(event: ChatEvent): void;
  /** The number that the model gives the next file. */
  nextFile(): number;
  /** Describes an error to the user. */
  explain(error: unknown): string;
}

/** Performs the file actions of the model and reports their progress. */
export class FileTransfers {
  readonly #port: FilePort;
  readonly #owner: TransferOwner;
  readonly #offers = new Map<number, Offer>();
  readonly #running = new Map<number, AbortController>();

  constructor(port: FilePort, owner: TransferOwner) {
    this.#port = port;
    this.#owner = owner;
    port.onOffer((offer) => this.#offered(offer));
  }

  /** The number of running and queued transfers. */
  get running(): number {
    return this.#running.size;
  }

  send({ number, recipient, path }: ChatAction & { type: 'sendFile' }): void {
    void this.#run(number, async (options) => {
      await this.#port.send(recipient, homePath(path), options);
      return { status: 'done' };
    });
  }

  accept(number: number): void {
    const offer = this.#offers.get(number);
    if (offer === undefined) return;
    this.#offers.delete(number);
    void this.#run(number, async (options) => ({ status: 'done', note: await offer.accept(options) }));
  }

  decline(number: number): void {
    const offer = this.#offers.get(number);
    this.#offers.delete(number);
    offer?.decline().catch((error: unknown) => this.#failed(number, error));
  }

  /** Cancels a running transfer, or declines an offer. */
  cancel(number: number): void {
    const running = this.#running.get(number);
    if (running) running.abort();
    else if (this.#offers.has(number)) {
      this.decline(number);
      this.#tell(number, { status: 'declined' });
    }
  }

  #offered(offer: Offer): void {
    const number = this.#owner.nextFile();
    this.#offers.set(number, offer);
    this.#owner.dispatch({ type: 'fileOffered', sender: offer.sender, name: offer.name, at: new Date() });
    const withdraw = (): void => {
      if (this.#offers.delete(number)) this.#tell(number, { status: 'withdrawn' });
    };
    if (offer.withdrawn.aborted) withdraw();
    else offer.withdrawn.addEventListener('abort', withdraw, { once: true });
  }

  async #run(number: number, move: (options: TransferOptions) => Promise<FileChange>): Promise<void> {
    const stop = new AbortController();
    this.#running.set(number, stop);
    let toldAt = -Infinity;
    let told: FileStatus | undefined;
    const onProgress = ({ stage, bytes, totalBytes }: TransferProgress): void => {
      const status = STATUS[stage];
      const now = performance.now();
      if (status === told && now - toldAt < PROGRESS_INTERVAL_MS) return;
      told = status;
      toldAt = now;
      this.#tell(number, { status, bytes, ...(totalBytes !== undefined && { totalBytes }) });
    };
    let last: FileChange;
    try {
      last = await move({ signal: stop.signal, onProgress });
    } catch (error) {
      const note = stop.signal.aborted ? 'It was cancelled.' : this.#owner.explain(error);
      last = { status: 'failed', note };
    }
    this.#running.delete(number);
    this.#tell(number, last);
  }

  #failed(number: number, error: unknown): void {
    this.#tell(number, { status: 'failed', note: this.#owner.explain(error) });
  }

  #tell(number: number, change: FileChange): void {
    this.#owner.dispatch({ type: 'file', number, at: new Date(), ...change });
  }
}
