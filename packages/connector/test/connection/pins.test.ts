import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ConnectorError } from 'quietroom-connector';
import { matchPin, parsePins } from '#src/connection/pins.js';
import { firstIdentity, secondIdentity } from '@quietroom/testing';

const first = new X509Certificate(firstIdentity.certPem);
const second = new X509Certificate(secondIdentity.certPem);

const READABLE: { name: string; pem: string; pins: X509Certificate[] }[] = [
  { name: 'one certificate', pem: firstIdentity.certPem, pins: [first] },
  { name: 'CRLF', pem: firstIdentity.certPem.replaceAll('\n', '\r\n'), pins: [first] },
  { name: 'leading text', pem: `\uFEFFsubject: O=Private Chat\n\n${firstIdentity.certPem}`, pins: [first] },
  {
    name: 'several certificates',
    pem: firstIdentity.certPem + secondIdentity.certPem,
    pins: [first, second],
  },
  { name: 'a key beside it', pem: firstIdentity.keyPem + secondIdentity.certPem, pins: [second] },
];

for (const { name, pem, pins } of READABLE) {
  test(`a PEM with ${name} is read`, () => {
    const read = parsePins(pem, 'pin.pem').map((pin) => pin.fingerprint256);
    assert.deepEqual(
      read,
      pins.map((pin) => pin.fingerprint256),
    );
  });
}

const UNREADABLE = [
  { name: 'nothing', pem: '', code: 'CERTIFICATE_MISSING' },
  { name: 'a key only', pem: firstIdentity.keyPem, code: 'CERTIFICATE_MISSING' },
  {
    name: 'a damaged certificate',
    pem: firstIdentity.certPem.replace(/\n.{40}/, '\nAAAA'),
    code: 'CERTIFICATE_UNREADABLE',
  },
];

for (const { name, pem, code } of UNREADABLE) {
  test(`a PEM with ${name} is refused, naming the file`, () => {
    assert.throws(
      () => parsePins(pem, 'pin.pem'),
      (error) => error instanceof ConnectorError && error.code === code && error.message.includes('pin.pem'),
    );
  });
}

test('a pin matches the same certificate only', () => {
  assert.equal(matchPin([second, first], first, 'host:1').fingerprint256, first.fingerprint256);
  assert.throws(() => matchPin([second], first, 'host:1'), { code: 'PIN_MISMATCH', message: /^host:1 / });
  assert.throws(() => matchPin([second], undefined, 'host:1'), { code: 'PIN_MISMATCH', message: /none/ });
});
