import { resolve } from 'node:path';
import { ConnectorError, type FileOffer, type FileProgress, type ReceivedFile } from 'quietroom-connector';
import type { EventOf, NewEvent } from '../protocol/events.js';
import { errorCode } from '../../failures/errorCode.js';

/** How a client takes an offered file. */
export interface AcceptOptions {
  readonly folder: string;
  readonly name: string | undefined;
  readonly maxBytes: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FileProgress) => void;
}

/** The offers that clients can answer. */
export class FileOffers {
  readonly #offers = new Map<string, FileOffer>();
  readonly #emit: (event: NewEvent) => void;

  constructor(emit: (event: NewEvent) => void) {
    this.#emit = emit;
  }

  /** @param hasHandler whether a client answers offers; without one the offer is declined */
  offered(offer: FileOffer, hasHandler: boolean): void {
    const { id } = offer;
    this.#offers.set(id, offer);
    if (!hasHandler) {
      void this.decline(id).catch((error: unknown) => this.#ended(offer, 'failed', { error: codeOf(error) }));
      return;
    }
    const { receivedAt, expiresAt } = offer;
    this.#emit({
      type: 'fileOffer',
      ...facts(offer),
      receivedAt: receivedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    });
    offer.withdrawn.addEventListener(
      'abort',
      () => {
        if (this.#offers.get(id) === offer)
          this.#ended(offer, 'failed', { error: codeOf(offer.withdrawn.reason) });
      },
      { once: true },
    );
  }

  /** Receives an offered file; rejects like the connector. */
  async accept(id: string, { folder, ...options }: AcceptOptions): Promise<ReceivedFile> {
    const offer = this.#take(id);
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    try {
      // `resolve` would remove the slash that has the folder made.
      const target = folder.endsWith('/') ? `${resolve(folder)}/` : resolve(folder);
      const file = await offer.accept({ folder: target }, given);
      this.#ended(offer, 'received', { bytes: file.bytes, path: file.path ?? null });
      return file;
    } catch (error) {
      this.#ended(offer, 'failed', { error: codeOf(error) });
      throw error;
    }
  }

  async decline(id: string): Promise<void> {
    const offer = this.#take(id);
    await offer.decline();
    this.#ended(offer, 'declined');
  }

  #take(id: string): FileOffer {
    const offer = this.#offers.get(id);
    if (offer === undefined) {
      throw new ConnectorError(
        'FILE_ANSWERED',
        'There is no open offer with this id: it was answered, or it ended.',
      );
    }
    this.#offers.delete(id);
    return offer;
  }

  #ended(
    offer: FileOffer,
    status: EventOf<'fileEnd'>['status'],
    more: Partial<Pick<EventOf<'fileEnd'>, 'bytes' | 'path' | 'error'>> = {},
  ): void {
    this.#offers.delete(offer.id);
    const receivedAt = new Date().toISOString();
    const none = { bytes: null, path: null, error: null };
    this.#emit({ type: 'fileEnd', ...facts(offer), receivedAt, status, ...none, ...more });
  }
}

function facts({
  id,
  sender,
  name,
  sha256,
}: FileOffer): Pick<EventOf<'fileEnd'>, 'offer' | 'sender' | 'name' | 'sha256'> {
  return { offer: id, sender, name, sha256 };
}

function codeOf(error: unknown): string {
  return errorCode(error, 'FILE_CANCELLED');
}
