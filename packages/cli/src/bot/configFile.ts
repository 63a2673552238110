import { open, readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { errorCode } from '../failures/errorCode.js';

/** The longest time of a timer of Node: with more it would fire at once. */
export const MAX_TIMER_SECONDS = 2_147_483;

/**
 * Reads a TOML file and checks it.
 *
 * @throws Failure that names the file, the line or the setting, and what to do
 */
export async function readConfigFile<T>(path: string, schema: z.ZodType<T>, command: string): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw usage(`There is no ${path}. "quietroom bot ${command} --init" writes one with comments.`, error);
    }
    throw usage(`${path} cannot be read (${errorCode(error)}).`, error);
  }
  const result = schema.safeParse(parseToml(path, text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const setting = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue?.path;
  const problem = issue?.code === 'unrecognized_keys' ? 'there is no such setting' : issue?.message;
  throw usage(`${path}: ${setting?.join('.') ?? ''}: ${problem}.`);
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message shows the line, which could hold a secret.
    throw usage(`${path}, line ${error.line}: this is not valid TOML.`);
  }
}

/**
 * Writes a configuration to start from, for its owner only.
 *
 * @throws Failure if the file exists
 */
export async function writeConfigFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    const problem =
      errorCode(error) === 'EEXIST' ? 'exists already' : `cannot be written (${errorCode(error)})`;
    throw usage(`${path} ${problem}. Give another name with --settings.`, error);
  }
}

/**
 * A secret from the environment or from a file; never from the command line, which everybody on the machine can read.
 *
 * @throws Failure if it is missing
 */
export async function readSecret(
  setting: string,
  { env, file }: { readonly env?: string | undefined; readonly file?: string | undefined },
): Promise<string | undefined> {
  if (env !== undefined) {
    const value = process.env[env];
    if (value === undefined || value === '') throw usage(`${setting}_env: the variable ${env} is not set.`);
    return value;
  }
  if (file === undefined) return undefined;
  try {
    const secret = (await readFile(file, 'utf8')).trim();
    if (secret === '') throw usage(`${setting}_file: ${file} is empty.`);
    return secret;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw usage(`${setting}_file: ${file} cannot be read (${errorCode(error)}).`, error);
  }
}

/**
 * The passwords of rooms, by their names; `setting` names the list that `rooms` comes from.
 *
 * @throws Failure if a file is missing
 */
export async function readRoomPasswords(
  setting: string,
  rooms: readonly { readonly room: string; readonly file: string | undefined }[],
): Promise<ReadonlyMap<string, string>> {
  const passwords = new Map<string, string>();
  for (const [index, { room, file }] of rooms.entries()) {
    const password = await readSecret(`${setting}.${index}.room_password`, { file });
    if (password !== undefined) passwords.set(room, password);
  }
  return passwords;
}

function usage(message: string, cause?: unknown): Failure {
  return new Failure(EXIT_CODES.usage, message, cause === undefined ? {} : { cause });
}
