import type { X509Certificate } from 'node:crypto';
import { appendPin, readIfAny } from '../../pin/appendPin.js';
import { pairLines } from '../../pin/certificateText.js';
import { challenge, isReadingOf } from '../../pin/challenge.js';
import { wordPairs } from '../../pin/fingerprint.js';
import { indexOfPin } from '../../pin/pinFile.js';
import { liveCertificate, type PinTarget } from '../../pin/pinTarget.js';

/** The comparison of a new certificate by a person, as `pin add` does it, and its acceptance. */
export interface PinPort {
  /** Both certificates as words, one pair of the presented one hidden. */
  compare(): Promise<string>;
  /** Accepts the presented certificate when the answer is the hidden pair or the fingerprint. */
  answer(text: string): Promise<{ readonly isAccepted: boolean; readonly text: string }>;
}

export class PinComparison implements PinPort {
  readonly #target: PinTarget;
  #presented: { readonly certificate: X509Certificate; readonly number: number } | undefined;

  constructor(target: PinTarget) {
    this.#target = target;
  }

  async compare(): Promise<string> {
    const { host, port, cert } = this.#target;
    const { certificate } = await liveCertificate(this.#target);
    const pinned = (await readIfAny(cert))?.certificates ?? [];
    if (pinned.some((pin) => pin.raw.equals(certificate.raw))) {
      this.#presented = undefined;
      return `${host}:${port} presents a certificate that ${cert} holds. /reconnect connects.`;
    }
    const { number, shown } = challenge(certificate.fingerprint256);
    this.#presented = { certificate, number };
    const last = pinned.at(-1);
    return [
      ...(last ? ['The pinned certificate:', ...pairLines(wordPairs(last.fingerprint256))] : []),
      `The certificate that ${host}:${port} presents:`,
      ...pairLines(shown),
      'Have its words read to you at the server, from "quietroom pin show chat_public.pem" in its folder.',
      `If all are the same, type /pin and pair ${number}, or /pin and the whole fingerprint.`,
    ].join('\n');
  }

  async answer(text: string): Promise<{ isAccepted: boolean; text: string }> {
    const { cert } = this.#target;
    const presented = this.#presented;
    if (presented === undefined) return { isAccepted: false, text: await this.compare() };
    const { certificate, number } = presented;
    if (!isReadingOf(text, certificate.fingerprint256, number)) {
      // A new challenge: the hidden pair cannot be guessed by trying.
      return {
        isAccepted: false,
        text: `That is not pair ${number} of the presented certificate, and nothing was added. If it was no slip, someone may be in between.\n${await this.compare()}`,
      };
    }
    this.#presented = undefined;
    const present = await readIfAny(cert);
    if (!present || indexOfPin(present.certificates, certificate) < 0) await appendPin(cert, certificate);
    return { isAccepted: true, text: `${cert} holds the certificate now.` };
  }
}
