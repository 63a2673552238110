import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** The SHA-256 of a certificate's DER as `AB:CD:…`: 32 bytes. */
export type Fingerprint = string;

/** 256 bits and a checksum of 8 bits make 24 words of 11 bits. */
const WORDS = 24;

const HEX_DIGITS = 64;

/** The fingerprint as 12 pairs of words that two people can read to each other. */
export function wordPairs(fingerprint: Fingerprint): readonly string[] {
  const words = entropyToMnemonic(Buffer.from(fingerprint.replaceAll(':', ''), 'hex'), wordlist).split(' ');
  return Array.from({ length: WORDS / 2 }, (_, pair) => words.slice(2 * pair, 2 * pair + 2).join(' '));
}

/**
 * Parses a typed or pasted fingerprint: hexadecimal digits with or without `:`, blanks or the prefix that
 * openssl prints; or the 24 words.
 *
 * @throws Failure that describes the mistake
 */
export function parseFingerprint(text: string): Fingerprint {
  const given = text.trim().replace(/^(?:sha-?256)?[ _-]?(?:fingerprint)?\s*[=:]\s*/i, '');
  const digits = given.replaceAll(/[\s:-]/g, '');
  if (/^[\da-f]+$/i.test(digits)) return fromDigits(digits);
  const words = given.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length >= WORDS / 2 || words.every((word) => wordlist.includes(word))) return fromWords(words);
  throw invalid('it is neither hexadecimal nor words');
}

/** For display: two lines of 16 bytes. */
export function fingerprintLines(fingerprint: Fingerprint): readonly string[] {
  return [fingerprint.slice(0, 47), fingerprint.slice(48)];
}

function fromDigits(digits: string): Fingerprint {
  if (digits.length !== HEX_DIGITS) throw invalid(`it has ${digits.length} hexadecimal digits`);
  return (digits.toUpperCase().match(/../g) ?? []).join(':');
}

function fromWords(words: readonly string[]): Fingerprint {
  if (words.length !== WORDS) throw invalid(`it has ${words.length} words`);
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) throw invalid(`word ${unknown + 1} is not on the list of words`);
  try {
    return fromDigits(Buffer.from(mnemonicToEntropy(words.join(' '), wordlist)).toString('hex'));
  } catch {
    throw invalid('its words do not belong together: one is wrong, or they are in another order');
  }
}

function invalid(problem: string): Failure {
  return new Failure(
    EXIT_CODES.usage,
    `This is no fingerprint: ${problem}. Give the SHA-256 fingerprint, ${HEX_DIGITS} hexadecimal digits, or the ${WORDS} words of "quietroom pin show".`,
  );
}
