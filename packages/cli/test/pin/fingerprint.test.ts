import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { Failure } from '#src/failures/failure.js';
import { fingerprintLines, parseFingerprint, wordPairs } from '#src/pin/fingerprint.js';
import { FIRST_FINGERPRINT } from './pins.js';

const HEX = FIRST_FINGERPRINT.replaceAll(':', '');

const repeated = (byte: string): string => Array.from({ length: 32 }, () => byte).join(':');

const pairsOf = (word: string, last: string): string[] => [
  ...Array.from({ length: 11 }, () => `${word} ${word}`),
  `${word} ${last}`,
];

suite('fingerprints', () => {
  // The published vectors of BIP 39.
  const VECTORS = [
    { bytes: '00', pairs: pairsOf('abandon', 'art') },
    { bytes: 'FF', pairs: pairsOf('zoo', 'vote') },
  ];
  for (const { bytes, pairs } of VECTORS) {
    test(`32 bytes of ${bytes} are the words that the standard has for them`, () => {
      assert.deepEqual(wordPairs(repeated(bytes)), pairs);
    });
  }

  test('a single bit changes a word, and the last one by its checksum', () => {
    const one = wordPairs(FIRST_FINGERPRINT);
    const other = wordPairs(FIRST_FINGERPRINT.replace('EC', 'ED'));
    assert.notEqual(one[0], other[0]);
    assert.notEqual(one.at(-1), other.at(-1));
  });

  test('are shown in two lines', () => {
    assert.equal(fingerprintLines(FIRST_FINGERPRINT).join(':'), FIRST_FINGERPRINT);
    assert.deepEqual(
      fingerprintLines(FIRST_FINGERPRINT).map((line) => line.length),
      [47, 47],
    );
  });

  const READABLE = [
    { name: 'as openssl writes it', text: `sha256 Fingerprint=${FIRST_FINGERPRINT}` },
    { name: 'as older openssl writes it', text: `SHA256 Fingerprint=${FIRST_FINGERPRINT}\n` },
    { name: 'in lower case, without colons', text: HEX.toLowerCase() },
    { name: 'in groups', text: HEX.replaceAll(/(.{8})/g, '$1 ') },
    { name: 'behind its algorithm', text: `SHA256:${HEX}` },
    {
      name: 'over two lines, with the blanks before them',
      text: fingerprintLines(FIRST_FINGERPRINT).join('\n           '),
    },
    { name: 'in words', text: wordPairs(FIRST_FINGERPRINT).join(' ') },
    {
      name: 'in numbered pairs',
      text: wordPairs(FIRST_FINGERPRINT)
        .map((pair, index) => `${index + 1}  ${pair.toUpperCase()}`)
        .join('\n'),
    },
  ];
  for (const { name, text } of READABLE) {
    test(`are read ${name}`, () => {
      assert.equal(parseFingerprint(text), FIRST_FINGERPRINT);
    });
  }

  const words = wordPairs(FIRST_FINGERPRINT).join(' ').split(' ');
  const UNREADABLE = [
    { name: 'with a digit too few', text: HEX.slice(1), says: /it has 63 hexadecimal digits/ },
    { name: 'of SHA-1', text: HEX.slice(0, 40), says: /it has 40 hexadecimal digits/ },
    { name: 'that is nothing', text: 'x1', says: /neither hexadecimal nor words/ },
    { name: 'of words with one missing', text: words.slice(1).join(' '), says: /it has 23 words/ },
    { name: 'with a word that is none', text: words.with(4, 'nonsense').join(' '), says: /word 5 is not/ },
    {
      name: 'with two words exchanged',
      text: words
        .with(0, words[1] ?? '')
        .with(1, words[0] ?? '')
        .join(' '),
      says: /do not belong together/,
    },
  ];
  for (const { name, text, says } of UNREADABLE) {
    test(`a text ${name} is refused, with exit code 2`, () => {
      assert.throws(
        () => parseFingerprint(text),
        (error) => error instanceof Failure && error.exitCode === 2 && says.test(error.message),
      );
    });
  }
});
