import { makeReport, type ConformanceReport } from './engine/report.js';
import { runCases, type RunOptions } from './engine/runCases.js';
import { ServerBench, UniqueNames } from './server/serverBench.js';
import { SERVER_GROUPS } from './serverGroups.js';

export interface TestServerOptions extends RunOptions {
  readonly host: string;
  readonly port: number;
  /** The pinned certificate, as PEM. */
  readonly certPem: string;
  /** How long a case waits for each thing that it expects. */
  readonly timeoutMs: number;
}

/** The names that `only` takes. */
export const SERVER_GROUP_NAMES: readonly string[] = SERVER_GROUPS.map(({ name }) => name);

/**
 * Walks a server through all cases, one after another. What fails is in the report; it throws only for what is wrong
 * with the options, such as a certificate that cannot be read.
 *
 * @example
 * const report = await testServer({ host, port, certPem, version: '1.2', timeoutMs: 10_000 });
 * console.log(report.totals.fail);
 */
export async function testServer(options: TestServerOptions): Promise<ConformanceReport> {
  const { host, port, certPem, timeoutMs, version } = options;
  const names = new UniqueNames();
  const target = { host, port, certPem, timeoutMs, version };
  const results = await runCases(SERVER_GROUPS, () => new ServerBench(target, names), options);
  return makeReport('server', version, results);
}
