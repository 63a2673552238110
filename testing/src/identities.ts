import { readFileSync } from 'node:fs';

/** A certificate and its key. They are public, and good for nothing but tests. */
export interface TestIdentity {
  readonly certPem: string;
  readonly keyPem: string;
}

function load(name: string): TestIdentity {
  const read = (file: string): string =>
    readFileSync(new URL(`../identities/${name}-${file}.pem`, import.meta.url), 'utf8');
  return { certPem: read('cert'), keyPem: read('key') };
}

/** RSA-2048, so that a test does not wait for signatures. */
export const firstIdentity = load('first');
export const secondIdentity = load('second');
