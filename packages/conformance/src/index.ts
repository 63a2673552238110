export type { CaseResult, Step, Verdict, Version } from './engine/conformanceCase.js';
export { VERDICTS, VERSIONS } from './engine/conformanceCase.js';
export { junitXml, resultLines, totalsLines, type ConformanceReport, type GroupTotals } from './engine/report.js';
export { SERVER_GROUP_NAMES, testServer, type TestServerOptions } from './server/testServer.js';
