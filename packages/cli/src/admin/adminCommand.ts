import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reportedAsJson } from '../failures/failureJson.js';
import { printJson, printLine } from '../output/print.js';
import { request } from './adminClient.js';
import { parsePeriod } from './period.js';
import { RESULT_LINES, type AdminMethod } from './resultLines.js';
import { defaultSocketPath } from './socketPath.js';

/** The options of all subcommands. */
export interface AdminFlags {
  readonly dir: string;
  readonly socket?: string;
  readonly json?: true;
}

/** Sends a request to the server of this folder, and prints the result. */
export async function admin(
  method: AdminMethod,
  params: Readonly<Record<string, unknown>>,
  flags: AdminFlags,
): Promise<void> {
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
  const result = await request(flags.socket ?? defaultSocketPath(flags.dir), method, given);
  if (flags.json === true) printJson(result);
  else for (const line of RESULT_LINES[method](result)) printLine(line);
  const { problem } = result;
  if (typeof problem === 'string') throw reportedAsJson(new Failure(EXIT_CODES.failure, problem));
}

/**
 * The seconds of an option's period.
 *
 * @throws Failure `usage`
 */
export function periodOption(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parsePeriod(text);
  if (seconds !== undefined) return seconds;
  throw new Failure(
    EXIT_CODES.usage,
    `${option} must be a time such as 90s, 10m, 2h, 7d or 4w, not ${JSON.stringify(text)}.`,
  );
}
