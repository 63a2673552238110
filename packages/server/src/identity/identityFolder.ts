import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { IdentityPems } from './certificate.js';
import { ServerError } from '../errors.js';

/** The names are those of existing servers, so that a folder can be taken over from one. */
const KEY_FILE = 'server_private.pem';
const CERT_FILE = 'chat_public.pem';

const KEY_MODE = 0o600;
/** Clients get a copy of it. */
const CERT_MODE = 0o644;

/** How long another process may take between putting the one file in its place and the other. */
const OTHER_PROCESS_MS = 200;

/**
 * The pair of files in the folder, made by `make` when both are missing. An existing file is never
 * overwritten; when two processes make a pair at once, both use the same one.
 *
 * @throws ServerError `IDENTITY_INCOMPLETE`
 */
export async function keepIdentity(folder: string, make: () => Promise<IdentityPems>): Promise<IdentityPems> {
  await mkdir(folder, { recursive: true });
  const kept = await readPair(folder);
  if (kept !== undefined) {
    await makePrivate(join(folder, KEY_FILE));
    return kept;
  }

  const made = await make();
  const isOurs = await place(folder, made);
  if (isOurs) return made;
  const others = await readPair(folder);
  if (others !== undefined) return others;
  throw new ServerError(
    'IDENTITY_INCOMPLETE',
    `The files that appeared in ${folder} while its identity was made are gone again. Start the server again.`,
  );
}

/** A key that is taken over may be open to others. */
async function makePrivate(path: string): Promise<void> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) await chmod(path, KEY_MODE);
  } catch (error) {
    // It is not ours, or its file system is read-only: whoever gave it to us has decided who may read it.
    if (!isCode(error, 'EPERM') && !isCode(error, 'EROFS')) throw error;
  }
}

/** Puts both files in their places, or neither; false when there is a file in one of them. */
async function place(folder: string, { certPem, keyPem }: IdentityPems): Promise<boolean> {
  const keyDraft = join(folder, `${KEY_FILE}.${randomUUID()}.tmp`);
  const certDraft = join(folder, `${CERT_FILE}.${randomUUID()}.tmp`);
  try {
    await writeDraft(keyDraft, keyPem, KEY_MODE);
    await writeDraft(certDraft, certPem, CERT_MODE);
    if (!(await linkIfFree(keyDraft, join(folder, KEY_FILE)))) return false;
    if (await linkIfFree(certDraft, join(folder, CERT_FILE))) return true;
    await rm(join(folder, KEY_FILE));
    return false;
  } finally {
    await Promise.all([keyDraft, certDraft].map((draft) => rm(draft, { force: true })));
  }
}

/** A link appears whole or not at all, and never in the place of another file. */
async function linkIfFree(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readPair(folder: string, patience = OTHER_PROCESS_MS): Promise<IdentityPems | undefined> {
  const keyPem = await readIfThere(join(folder, KEY_FILE));
  const certPem = await readIfThere(join(folder, CERT_FILE));
  if (keyPem !== undefined && certPem !== undefined) return { certPem, keyPem };
  if (keyPem === undefined && certPem === undefined) return undefined;
  if (patience > 0) {
    await pause(patience);
    return readPair(folder, 0);
  }
  const [found, missing] = keyPem === undefined ? [CERT_FILE, KEY_FILE] : [KEY_FILE, CERT_FILE];
  throw new ServerError(
    'IDENTITY_INCOMPLETE',
    `${folder} has ${found} but no ${missing}. Put the missing file back, or move ${found} away to have a new pair made; clients then need the new ${CERT_FILE}.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeDraft(draft: string, text: string, mode: number): Promise<void> {
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
