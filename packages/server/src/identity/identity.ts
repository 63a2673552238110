import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { makeCertificate, type IdentityPems } from './certificate.js';
import { ServerError } from '../errors.js';
import { keepIdentity, protectKey } from './identityFolder.js';

/** An identity that has been checked. */
export interface Identity extends IdentityPems {
  readonly key: KeyObject;
}

/**
 * The identity that the options ask for: the caller's own, the one kept in a folder, or the one in memory.
 *
 * @throws ServerError `IDENTITY_INVALID`, `IDENTITY_MISMATCH`, `IDENTITY_INCOMPLETE`
 */
export async function resolveIdentity(options: {
  readonly identity: IdentityPems | undefined;
  readonly identityFolder: string | undefined;
}): Promise<Identity> {
  const { identity, identityFolder } = options;
  if (identity !== undefined) return checkIdentity(identity, 'the option identity');
  if (identityFolder === undefined) return checkIdentity(await identityInMemory(), 'memory');
  const checked = checkIdentity(await keepIdentity(identityFolder, makeCertificate), identityFolder);
  // Not before it is known to be the key: the name could be a link to any file.
  await protectKey(identityFolder);
  return checked;
}

let inMemory: Promise<IdentityPems> | undefined;

/** One for all servers of the process: creating it takes seconds. */
function identityInMemory(): Promise<IdentityPems> {
  inMemory ??= makeCertificate().catch((error: unknown) => {
    inMemory = undefined;
    throw error;
  });
  return inMemory;
}

/** `place` names the source of the identity in errors. */
export function checkIdentity({ certPem, keyPem }: IdentityPems, place: string): Identity {
  const certificate = read('certificate', place, () => new X509Certificate(certPem));
  const key = read('private key', place, () => createPrivateKey(keyPem));
  if (key.asymmetricKeyType !== 'rsa') {
    throw new ServerError(
      'IDENTITY_INVALID',
      `The private key in ${place} is not for RSA. Clients need RSA.`,
    );
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new ServerError(
      'IDENTITY_MISMATCH',
      `The certificate and the private key in ${place} do not belong together. Use two that were made together.`,
    );
  }
  return { certPem, keyPem, key };
}

function read<T>(what: string, place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ServerError('IDENTITY_INVALID', `The ${what} in ${place} is not a readable PEM.`, {
      cause: error,
    });
  }
}
