import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ServerError } from '../errors.js';
import { parseBanTarget } from './banTarget.js';
import type { Ban } from './bans.js';

const VERSION = 1;

/** The list of bans on disk. Written by the server only, with mode 0600. */
export class BanFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * A missing file is an empty list.
   *
   * @throws ServerError `BANS_INVALID`: a server must not start without the bans that it is to keep
   */
  read(): Ban[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code === 'ENOENT') return [];
      throw this.#invalid(`cannot be read (${code})`, error);
    }
    try {
      return parse(text);
    } catch (error) {
      throw this.#invalid('is not a list of bans', error);
    }
  }

  /** Replaces the file as a whole: after a crash it has either the old list or the new one. */
  write(bans: readonly Ban[]): void {
    const draft = `${this.#path}.tmp`;
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      const kept = bans.map(({ target, until }) => ({ target, until: until?.toISOString() ?? null }));
      writeFileSync(file, `${JSON.stringify({ v: VERSION, bans: kept }, undefined, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#path);
  }

  #invalid(problem: string, cause: unknown): ServerError {
    const message = `The list of bans ${JSON.stringify(this.#path)} ${problem}. Correct it, or move it away to start without bans.`;
    return new ServerError('BANS_INVALID', message, { cause });
  }
}

/** Throws at anything that is not a list of bans. */
function parse(text: string): Ban[] {
  const content: unknown = JSON.parse(text);
  if (!isObject(content) || content['v'] !== VERSION || !Array.isArray(content['bans']))
    throw new TypeError();
  return content['bans'].map((ban: unknown) => {
    if (!isObject(ban) || typeof ban['target'] !== 'string') throw new TypeError();
    return {
      ...parseBanTarget(ban['target']),
      until: ban['until'] === null ? undefined : time(ban['until']),
    };
  });
}

function time(value: unknown): Date {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new TypeError();
  return date;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
