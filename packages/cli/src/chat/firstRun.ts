import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { DEFAULT_PORT } from '@quietroom/protocol/constants';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { errorCode } from '../failures/errorCode.js';
import { Failure } from '../failures/failure.js';
import { printError, printLine } from '../output/print.js';
import { appendPin } from '../pin/appendPin.js';
import { pairLines } from '../pin/certificateText.js';
import { askReading, challenge } from '../pin/challenge.js';
import { liveCertificate, pinFile } from '../pin/pinTarget.js';
import { findConfigFile, userConfigPath } from '../settings/clientConfigFile.js';
import type { ChatFlags } from '../settings/clientOptions.js';
import { osUsername, type ClientSettings } from '../settings/clientSettings.js';
import { CONNECT_PORT, HOST } from '../settings/valueKinds.js';

/** True when neither a file, an option nor a variable says which server to use, and no certificate is at hand. */
export function isFirstRun(
  flags: ChatFlags,
  settings: Pick<ClientSettings, 'cert'>,
  environment: NodeJS.ProcessEnv,
): boolean {
  return (
    flags.host === undefined &&
    flags.cert === undefined &&
    !environment.QUIETROOM_HOST &&
    !environment.QUIETROOM_CERT &&
    findConfigFile(flags.config, environment) === undefined &&
    !existsSync(settings.cert)
  );
}

/**
 * Asks for server, certificate and name, and saves them as a profile.
 *
 * @returns the path of the configuration; undefined when the user stops
 * @throws Failure when the certificate was not confirmed, or nothing can be saved
 */
export async function firstRun(
  connectSeconds: number,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  printLine('No server is configured yet. Three questions, and the chat begins; Ctrl-C stops.');
  const address = await askUntil(
    `1. Address of the server, as chat.example or chat.example:${DEFAULT_PORT}: `,
    addressOf,
  );
  if (address === undefined) return undefined;
  const path = userConfigPath(environment);
  const name = address.host.replaceAll(/[^A-Za-z0-9_.-]/g, '-').replace(/^[.-]+/, '') || 'server';
  const cert = join(dirname(path), `${name}.pem`);
  saving(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  if (!(await certificateInto(cert, { ...address, connectSeconds }))) return undefined;
  const own = osUsername();
  const username = await askUntil(`3. Your name there [${own}]: `, (text) => text.trim() || own);
  if (username === undefined) return undefined;
  const config = { profile: name, profiles: { [name]: { ...address, cert: `${name}.pem`, username } } };
  // A file that has come in the meantime is not replaced.
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  saving(path, () => writeFileSync(path, text, { flag: 'wx', mode: 0o600 }));
  printLine(`Saved in ${path}. Next time "quietroom chat" just starts.`);
  return path;
}

/** @throws Failure instead of Node's file errors */
function saving(path: string, save: () => void): void {
  try {
    save();
  } catch (error) {
    throw new Failure(EXIT_CODES.failure, `${path} cannot be saved (${errorCode(error)}).`, { cause: error });
  }
}

/** Pins the certificate from a file, or the presented one once a person has compared it; false when stopped. */
async function certificateInto(
  cert: string,
  target: { readonly host: string; readonly port: number; readonly connectSeconds: number },
): Promise<boolean> {
  const given = await askUntil(
    '2. File with its certificate, chat_public.pem; or Enter to fetch it and compare its words: ',
    (text) => text.trim(),
  );
  if (given === undefined) return false;
  if (given !== '') {
    const file = given.startsWith('~/') ? join(homedir(), given.slice(2)) : resolve(given);
    const { certificates } = await pinFile(file);
    for (const certificate of certificates) await appendPin(cert, certificate);
    return true;
  }
  const { certificate } = await liveCertificate({ ...target, cert });
  const { fingerprint256: fingerprint } = certificate;
  const { number, shown } = challenge(fingerprint);
  printLine(`${target.host}:${target.port} presents this certificate:`);
  pairLines(shown).forEach(printLine);
  printLine(
    'Have the pairs read to you at the server, from "quietroom pin show chat_public.pem" in its folder.',
  );
  const reading = await askReading(fingerprint, number);
  if (reading === 'stopped') return false;
  if (reading === 'differs') {
    throw new Failure(
      EXIT_CODES.security,
      'That is not what the server presents, and nothing was saved. If it was no slip, someone may be in between.',
    );
  }
  await appendPin(cert, certificate);
  return true;
}

function addressOf(text: string): { host: string; port: number } | undefined {
  const [, given = '', digits] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(text.trim()) ?? [];
  const host = HOST.fromText(given);
  const port = digits === undefined ? DEFAULT_PORT : CONNECT_PORT.fromText(digits);
  return host === undefined || port === undefined ? undefined : { host, port };
}

/** Asks until the answer can be used; undefined at Ctrl-C, Ctrl-D or the end of the input. */
async function askUntil<T>(question: string, use: (answer: string) => T | undefined): Promise<T | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<undefined>((done) => {
    terminal.once('close', () => done(undefined));
    terminal.once('SIGINT', () => done(undefined));
  });
  try {
    for (;;) {
      const answer = await Promise.race([terminal.question(question), ended]);
      if (answer === undefined) return undefined;
      const used = use(answer);
      if (used !== undefined) return used;
      printError(`${JSON.stringify(answer)} cannot be used.`);
    }
  } finally {
    terminal.close();
  }
}
