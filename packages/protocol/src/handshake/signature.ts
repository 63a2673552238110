import { constants, sign, verify, type KeyObject } from 'node:crypto';

/**
 * Signs a Diffie-Hellman public key in the form sent: RSA-PSS, SHA-256, MGF1-SHA-256 and the longest salt,
 * like existing servers. Runs in the thread pool: RSA-4096 takes milliseconds.
 */
export function signPublicKey(publicKey: Uint8Array, certificateKey: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(
      'sha256',
      publicKey,
      {
        key: certificateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN,
      },
      (error, signature) => {
        if (error) reject(error);
        else resolve(signature);
      },
    );
  });
}

/** True when the key in the pinned certificate made this signature; any salt length is accepted. */
export function isSignedBy(publicKey: Uint8Array, signature: Uint8Array, certificateKey: KeyObject): boolean {
  return verify(
    'sha256',
    publicKey,
    {
      key: certificateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_AUTO,
    },
    signature,
  );
}
