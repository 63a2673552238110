import { writeFile } from 'node:fs/promises';
import {
  CLIENT_GROUP_NAMES,
  junitXml,
  resultLines,
  SERVER_GROUP_NAMES,
  testClient,
  testServer,
  totalsLines,
  type ConformanceReport,
  type RunOptions,
  type Version,
} from '@quietroom/conformance';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reportedAsJson } from '../failures/failureJson.js';
import { printError, printJson, printLine } from '../output/print.js';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { listenForStop } from '../signals/stop.js';
import { makeIdentities } from './identities.js';
import { readPin } from './readPin.js';

export interface ConformanceFlags extends ClientFlags {
  readonly protocol: Version;
  readonly only?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
  /** True: the port of the settings. */
  readonly listen?: number | true;
  readonly dir: string;
  readonly json?: true;
  readonly junit?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/** How long a case waits for the client to connect; it may have to be started again for each. */
const CLIENT_TIMEOUT_MS = 30_000;

/**
 * Runs the conformance suite and reports each case.
 *
 * @throws Failure when a case failed or none passed
 */
export async function conformance(flags: ConformanceFlags): Promise<void> {
  const settings = await clientSettings(flags);
  assertGroups(flags);
  const stop = listenForStop();
  const options: RunOptions & { readonly timeoutMs: number } = {
    version: flags.protocol,
    timeoutMs: (flags.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    signal: stop.signal,
    ...(flags.only && { only: flags.only }),
    onResult: (result) => {
      if (flags.json !== true) resultLines(result).forEach(printLine);
    },
  };
  const report =
    flags.listen === undefined
      ? await testServer({ ...options, ...settings, certPem: readPin(settings.cert) })
      : await listen(flags, flags.listen, settings, options);
  if (flags.json === true) printJson(report);
  else ['', ...totalsLines(report)].forEach(printLine);
  if (flags.junit !== undefined) await writeJunit(flags.junit, report);
  assertPassed(report);
}

function assertGroups({ only = [], listen: port }: ConformanceFlags): void {
  const known = port === undefined ? SERVER_GROUP_NAMES : CLIENT_GROUP_NAMES;
  const unknown = only.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Failure(EXIT_CODES.usage, `There is no group "${unknown}". The groups are ${known.join(', ')}.`);
}

async function listen(
  flags: ConformanceFlags,
  port: number | true,
  settings: ClientSettings,
  options: RunOptions & { readonly timeoutMs: number },
): Promise<ConformanceReport> {
  const { host } = settings;
  return testClient({
    ...options,
    ...(await makeIdentities(flags.dir)),
    host,
    port: port === true ? settings.port : port,
    connectTimeoutMs: CLIENT_TIMEOUT_MS,
    onListening: (listening) => {
      printError(
        `Listening on ${host}:${listening}. Start the client; it has to connect again for each case.`,
      );
    },
  });
}

async function writeJunit(path: string, report: ConformanceReport): Promise<void> {
  try {
    await writeFile(path, junitXml(report));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT_CODES.failure, `The JUnit report could not be written: ${message}.`);
  }
}

function assertPassed({ totals, results }: ConformanceReport): void {
  if (totals.fail > 0) {
    throw reportedAsJson(
      new Failure(EXIT_CODES.failure, `${totals.fail} of ${results.length} cases failed.`),
    );
  }
  if (totals.pass === 0) throw reportedAsJson(new Failure(EXIT_CODES.failure, 'No case passed.'));
}
