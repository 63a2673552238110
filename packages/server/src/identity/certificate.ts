import { webcrypto } from 'node:crypto';

/** A server's certificate, which clients pin, and its private key; both in PEM. */
export interface IdentityPems {
  readonly certPem: string;
  readonly keyPem: string;
}

const KEY_ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};

const VALID_YEARS = 10;

const KEY_BITS = 4096;

/**
 * Makes an RSA key and its self-signed certificate in PEM: docs/protocol.md 1. Takes up to a few seconds
 * without blocking the event loop.
 */
export async function makeCertificate(now = new Date(), keyBits = KEY_BITS): Promise<IdentityPems> {
  // Loaded on demand: it takes longer to load than the rest of this package.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');

  const keys = await webcrypto.subtle.generateKey({ ...KEY_ALGORITHM, modulusLength: keyBits }, true, [
    'sign',
    'verify',
  ]);
  const notBefore = new Date(now);
  notBefore.setUTCMilliseconds(0);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);

  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'O=Private Chat, CN=Self-Hosted Chat Server',
      notBefore,
      notAfter,
      signingAlgorithm: KEY_ALGORITHM,
      keys,
      extensions: [
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.BasicConstraintsExtension(true, undefined, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const keyPem = pem('PRIVATE KEY', pkcs8);
  pkcs8.fill(0);
  return { certPem: pem('CERTIFICATE', Buffer.from(certificate.rawData)), keyPem };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
