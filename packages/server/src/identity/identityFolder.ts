import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CERT_FILE } from '@quietroom/protocol/constants';
import type { IdentityPems } from './certificate.js';
import { ServerError } from '../errors.js';

/** The names are those of existing servers, so that a folder can be taken over from one. */
const KEY_FILE = 'server_private.pem';

const KEY_MODE = 0o600;
/** Clients get a copy of it. */
const CERT_MODE = 0o644;

/** Time for another process between putting the first file and the second into place. */
const OTHER_PROCESS_MS = 200;

/** `server_private.pem.PID.UUID.tmp`: written by this process, not yet in place. */
const DRAFT = /^(?:server_private|chat_public)\.pem\.(\d+)\.[\da-f-]{36}\.tmp$/;

/**
 * Returns the pair of files in the folder, created by `make` when both are missing. An existing file is never
 * overwritten; when two processes create a pair at once, both use the same one. Drafts of a process that was killed
 * are completed or removed.
 *
 * @throws ServerError `IDENTITY_INCOMPLETE`
 */
export async function keepIdentity(folder: string, make: () => Promise<IdentityPems>): Promise<IdentityPems> {
  await makeFolder(folder);
  const kept = await readPair(folder);
  await removeDrafts(folder);
  if (kept !== undefined) return kept;

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

/** Takes the key of a checked identity from group and others: one that is taken over may be open to them. */
export async function protectKey(folder: string): Promise<void> {
  const path = join(folder, KEY_FILE);
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) await chmod(path, KEY_MODE);
  } catch (error) {
    // Another user owns it, or the file system is read-only: the administrator has decided who may read it.
    if (!isCode(error, 'EPERM') && !isCode(error, 'EROFS')) throw error;
  }
}

/** Creates a folder and its parents. Node's own `recursive` never returns where a folder cannot exist, as in `/proc`. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (isCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return;
    if (!isCode(error, 'ENOENT') || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

/** Puts both files into place, or neither; false when one of the places is taken. */
async function place(folder: string, { certPem, keyPem }: IdentityPems): Promise<boolean> {
  const keyDraft = join(folder, `${KEY_FILE}.${process.pid}.${randomUUID()}.tmp`);
  const certDraft = join(folder, `${CERT_FILE}.${process.pid}.${randomUUID()}.tmp`);
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

/** A link appears whole or not at all, and never replaces another file. */
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
  if (keyPem !== undefined && (await completeFromDraft(folder, keyPem))) return readPair(folder);
  const [found, missing] = keyPem === undefined ? [CERT_FILE, KEY_FILE] : [KEY_FILE, CERT_FILE];
  throw new ServerError(
    'IDENTITY_INCOMPLETE',
    `${folder} has ${found} but no ${missing}. Put the missing file back, or move ${found} away to have a new pair made; clients then need the new ${CERT_FILE}.`,
  );
}

/** After a kill between the two links: puts the certificate of this key into place, if its draft is there. */
async function completeFromDraft(folder: string, keyPem: string): Promise<boolean> {
  for (const name of await draftsIn(folder)) {
    if (!name.startsWith(CERT_FILE)) continue;
    const certPem = await readIfThere(join(folder, name));
    if (certPem !== undefined && belongTogether(certPem, keyPem)) {
      return linkIfFree(join(folder, name), join(folder, CERT_FILE));
    }
  }
  return false;
}

function belongTogether(certPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    // One of them was not written to its end.
    return false;
  }
}

/** Removes what processes that no longer run have left. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await draftsIn(folder)) {
    const [, pid] = DRAFT.exec(name) ?? [];
    if (!isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

async function draftsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => DRAFT.test(name));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user cannot be signalled, but runs.
    return isCode(error, 'EPERM');
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
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
