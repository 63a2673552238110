import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BotError } from '../errors.js';
import type { SessionStorage, StoredSession } from './sessionStorage.js';

/**
 * Keeps all sessions in one JSON file (mode 0600), so sessions must be plain JSON values. Each write replaces the whole
 * file atomically and is synced to disk; changes made during a write share the next one. One process per file.
 *
 * @example
 * new Bot({ session: { initial: () => ({ count: 0 }), storage: new FileSessionStorage('sessions.json') } });
 */
export class FileSessionStorage<S> implements SessionStorage<S> {
  readonly #path: string;
  #sessions: Map<string, StoredSession<S>> | undefined;
  #loading: Promise<Map<string, StoredSession<S>>> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async names(): Promise<readonly string[]> {
    return [...(await this.#load()).keys()];
  }

  async read(name: string): Promise<StoredSession<S> | undefined> {
    return (await this.#load()).get(name);
  }

  async write(name: string, stored: StoredSession<S>): Promise<void> {
    // A copy: the bot goes on changing the session.
    (await this.#load()).set(name, structuredClone(stored));
    await this.#save();
  }

  async delete(name: string): Promise<void> {
    if ((await this.#load()).delete(name)) await this.#save();
  }

  async #load(): Promise<Map<string, StoredSession<S>>> {
    this.#loading ??= readSessions<S>(this.#path);
    this.#sessions = await this.#loading;
    return this.#sessions;
  }

  /** Calls made while a write runs share the one that follows it. */
  #save(): Promise<void> {
    this.#nextWrite ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#nextWrite = undefined;
        this.#writing = replaceFile(this.#path, JSON.stringify(Object.fromEntries(this.#sessions ?? [])));
        return this.#writing;
      });
    return this.#nextWrite;
  }
}

/** @throws BotError `OPTION_INVALID` for a file with other content */
async function readSessions<S>(path: string): Promise<Map<string, StoredSession<S>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    const stored: unknown = JSON.parse(text);
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
      throw new TypeError('not an object');
    // Written by this class; what a session looks like only the bot knows.
    return new Map(Object.entries(stored as Record<string, StoredSession<S>>));
  } catch (error) {
    throw new BotError('OPTION_INVALID', `${path} is not a file of sessions. Move it away.`, {
      cause: error,
    });
  }
}

/** Replaces a file so that after a crash it has the old or the new content, never a part. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes a rename durable. Windows cannot open folders, and needs no sync. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
