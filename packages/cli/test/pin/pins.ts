import { createPublicKey, X509Certificate } from 'node:crypto';
import { firstIdentity, secondIdentity } from '@quietroom/testing';

/** By `openssl x509 -noout -fingerprint -sha256`. */
export const FIRST_FINGERPRINT =
  'EC:6C:98:9F:21:E8:0D:C3:F7:86:C2:9F:03:62:40:D0:C9:A7:12:68:84:95:46:29:A1:67:8C:D8:ED:41:2F:ED';

export const SECOND_FINGERPRINT =
  '4A:BD:1A:13:46:62:56:79:78:C1:59:1F:9A:2A:09:A0:D4:15:B7:20:5D:BF:F4:5F:7B:CE:9E:9B:18:3F:16:15';

/** Files that are no files of pins, each in a way of its own. */
export const BAD_PIN_FILES: readonly { problem: string; bytes: string | Uint8Array; says: RegExp }[] = [
  { problem: 'empty', bytes: ' \n', says: /It is empty\. Copy chat_public\.pem/ },
  {
    problem: 'a certificate in DER',
    bytes: new X509Certificate(firstIdentity.certPem).raw,
    says: /binary form \(DER\).*openssl x509 -inform der/,
  },
  {
    problem: 'a private key',
    bytes: firstIdentity.keyPem,
    says: /private key, which is the server's secret/,
  },
  {
    problem: 'a public key',
    bytes: createPublicKey(firstIdentity.keyPem).export({ type: 'spki', format: 'pem' }),
    says: /It holds no certificate: a block that begins/,
  },
  { problem: 'some text', bytes: 'hello', says: /It holds no certificate: a block that begins/ },
  {
    problem: 'a damaged second certificate',
    bytes: firstIdentity.certPem + secondIdentity.certPem.replace(/\n.{8}/, '\nAAAAAAAA'),
    says: /It is damaged \(certificate 2 of 2\)/,
  },
];
