import { link, lstat, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { FileTransferError } from '../../errors.js';
import { numberedName, safeName } from './fileNames.js';
import { makeFolder } from './makeFolder.js';
import { systemCode } from './targetFailure.js';

/** Names tried in a folder, before it is left at that. */
const MAX_NUMBER = 1000;

/** Where a file goes once it is whole. */
export interface Destination {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  /** Whether another name is found, or none, when there is something of that name. */
  readonly onClash: 'number' | 'refuse';
}

/** A path that ends in a slash is that of a folder, which is made if it is missing. */
function isFolderPath(path: string): boolean {
  return path.endsWith('/') || path.endsWith(sep);
}

/** @throws system errors */
export async function destinationInFolder(folder: string, suggestedName: string): Promise<Destination> {
  if (isFolderPath(folder)) await makeFolder(folder);
  return { folder: resolve(folder), name: safeName(suggestedName), onClash: 'number' };
}

/** @throws FileTransferError `FILE_EXISTS`; system errors */
export async function destinationAt(path: string): Promise<Destination> {
  const absolute = resolve(path);
  // A file is not made where the caller means a folder.
  if (isFolderPath(path)) await stat(path);
  if (await isThere(absolute)) throw exists(absolute);
  return { folder: dirname(absolute), name: basename(absolute), onClash: 'refuse' };
}

/**
 * In the folder, if the path is that of one; else at this path, if it looks like that of a file.
 *
 * @throws FileTransferError `FILE_EXISTS`, `FILE_TARGET_FAILED`; system errors
 */
export async function destinationFor(path: string, suggestedName: string): Promise<Destination> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isFolder || isFolderPath(path)) return destinationInFolder(path, suggestedName);
  const destination = await destinationAt(path);
  // More likely a folder that is missing than a file: as a file it would be in the way of the next one.
  if (extname(path) === '') throw noFolder(path);
  return destination;
}

/**
 * Gives the part its name, in the folder where it is, and never in place of anything that is there.
 *
 * @param makeLink of `node:fs/promises`; for tests of systems that have no hard links
 * @returns the path
 * @throws FileTransferError `FILE_EXISTS`; system errors: the part is still there then
 */
export async function place(
  part: string,
  { folder, name, onClash }: Destination,
  makeLink: (from: string, to: string) => Promise<void> = link,
): Promise<string> {
  const last = onClash === 'refuse' ? 1 : MAX_NUMBER;
  for (let number = 1; number <= last; number++) {
    const path = join(folder, number === 1 ? name : numberedName(name, number));
    if (await placeAt(part, path, makeLink)) return path;
  }
  throw exists(join(folder, name));
}

/** False when there is something at the path. */
async function placeAt(
  part: string,
  path: string,
  makeLink: (from: string, to: string) => Promise<void>,
): Promise<boolean> {
  try {
    // Unlike a rename, it fails when there is something, a link that leads nowhere included.
    await makeLink(part, path);
  } catch (error) {
    // Systems without hard links say so in many ways.
    return systemCode(error) !== 'EEXIST' && (await placeWithoutLink(part, path));
  }
  // The file is where it belongs, whatever becomes of its other name.
  await unlink(part).catch(() => {});
  return true;
}

/** An empty file takes the name, which fails when there is something, and is then replaced by the part. */
async function placeWithoutLink(part: string, path: string): Promise<boolean> {
  try {
    const placeholder = await open(path, 'wx', 0o600);
    await placeholder.close();
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  const found = await lstat(path);
  if (!found.isFile() || found.size !== 0) return false;
  try {
    await rename(part, path);
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  }
  return true;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function noFolder(path: string): FileTransferError {
  return new FileTransferError(
    'FILE_TARGET_FAILED',
    `There is no folder ${JSON.stringify(path)}. End the path with "/" to have it made, or pass { path } for a file without an extension.`,
  );
}

function exists(path: string): FileTransferError {
  return new FileTransferError(
    'FILE_EXISTS',
    `There is something at ${JSON.stringify(path)} already, which is left as it is: choose another path.`,
  );
}
