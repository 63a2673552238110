export {
  VERDICTS,
  VERSIONS,
  type CaseResult,
  type Step,
  type Verdict,
  type Version,
} from './engine/conformanceCase.js';
export {
  junitXml,
  resultLines,
  totalsLines,
  type ConformanceReport,
  type GroupTotals,
} from './engine/report.js';
export type { RunOptions } from './engine/runCases.js';
export type { Identity } from './client/clientBench.js';
export { CLIENT_GROUP_NAMES, testClient, type TestClientOptions } from './testClient.js';
export { SERVER_GROUP_NAMES, testServer, type TestServerOptions } from './testServer.js';
