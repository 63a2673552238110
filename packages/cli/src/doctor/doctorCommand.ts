import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { arch, platform } from 'node:os';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reportedAsJson } from '../failures/failureJson.js';
import { printJson, printLine } from '../output/print.js';
import { listenForStop } from '../signals/stop.js';
import { version } from '../version.js';
import { examine } from './examination.js';
import { paragraph, reportOf, stepLines, type Report } from './report.js';
import { STEP_TITLES } from './steps.js';
import type { Address } from './target.js';
import { systemClock } from './timeLimit.js';

export interface DoctorFlags extends ClientFlags {
  readonly full?: true;
  readonly json?: true;
}

/** Width of a report in columns, the same everywhere, so that reports can be pasted. */
const COLUMNS = 80;

/**
 * Checks each step of the way to a server and reports problems.
 *
 * @throws Failure when a check failed, with the exit code of the problem
 */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const settings = await clientSettings(flags, { username: ownName() });
  const full = flags.full === true;
  const json = flags.json === true;
  const versions = { quietroom: version(), node: process.version, platform: `${platform()} ${arch()}` };
  if (!json) introduce(versions, settings, full);

  const stop = listenForStop();
  const { host, port, cert, username } = settings;
  const results = await examine(
    {
      ...settings,
      full,
      clock: systemClock,
      lookup: lookUpAll,
      signal: stop.signal,
    },
    (result) => {
      if (!json) stepLines(result, COLUMNS).forEach(printLine);
    },
  ).catch((error: unknown) => {
    throw stop.signal.aborted ? new Failure(EXIT_CODES.failure, 'Stopped before the end.') : error;
  });

  const report = reportOf(results);
  if (json) printJson({ ...report, ...versions, ...(full && { host, port, username, cert }) });
  else conclude(full);
  if (!report.ok) throw reportedAsJson(new Failure(report.exitCode, summary(report)));
}

async function lookUpAll(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true });
}

/** A random name that can receive direct messages. */
function ownName(): string {
  return `doctor-${randomBytes(3).toString('hex')}`;
}

function introduce(
  versions: { readonly quietroom: string; readonly node: string; readonly platform: string },
  { host, port, cert, username }: ClientSettings,
  full: boolean,
): void {
  printLine(`quietroom ${versions.quietroom}, Node ${versions.node}, ${versions.platform}`);
  if (full) printLine(`${host}:${port} as ${username}, pinned by ${cert}`);
  printLine('');
}

function conclude(full: boolean): void {
  printLine('');
  const text = full
    ? 'This report names host, addresses, user, file and fingerprints.'
    : 'This report holds no names, addresses or secrets, and can be pasted anywhere. --full also says which host, addresses, user, file and fingerprints.';
  paragraph('', text, COLUMNS).forEach(printLine);
}

function summary({ steps }: Report): string {
  const troubled = steps.filter(({ status }) => status === 'problem' || status === 'warning');
  const where = troubled.map(({ step }) => STEP_TITLES[step]).join(', ');
  return `${troubled.length === 1 ? '1 check' : `${troubled.length} checks`} failed: ${where}.`;
}
