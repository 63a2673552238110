import { VERDICTS, type CaseResult, type Verdict, type Version } from './conformanceCase.js';

/** All results of one run. */
export interface ConformanceReport {
  /** The side under test: `server` or `client`. */
  readonly target: 'server' | 'client';
  readonly protocolVersion: Version;
  readonly totals: Readonly<Record<Verdict, number>>;
  readonly groups: readonly GroupTotals[];
  readonly results: readonly CaseResult[];
}

export interface GroupTotals {
  readonly name: string;
  readonly totals: Readonly<Record<Verdict, number>>;
}

export function makeReport(
  target: ConformanceReport['target'],
  protocolVersion: Version,
  results: readonly CaseResult[],
): ConformanceReport {
  const names = [...new Set(results.map(({ group }) => group))];
  const groups = names.map((name) => ({
    name,
    totals: countVerdicts(results.filter(({ group }) => group === name)),
  }));
  return { target, protocolVersion, totals: countVerdicts(results), groups, results };
}

function countVerdicts(results: readonly CaseResult[]): Record<Verdict, number> {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  // The keys are all verdicts.
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, count(verdict)])) as Record<Verdict, number>;
}

/** One case as lines of text: its verdict, and for a case that failed what was expected and seen. */
export function resultLines({ id, title, verdict, steps, reason }: CaseResult): string[] {
  const lines = [`${verdict.padEnd(14)} ${id}: ${title}`];
  if (verdict === 'fail') {
    const last = steps.at(-1);
    if (last) lines.push(`    expected: ${last.expected}`, `    seen:     ${last.seen}`);
    if (last === undefined || reason?.startsWith('The case ended') === true)
      lines.push(`    ${reason ?? ''}`);
  } else if (reason !== undefined && verdict !== 'not-applicable') {
    lines.push(`    ${reason}`);
  }
  return lines;
}

/** The totals of each group and of all, as a table. */
export function totalsLines({ groups, totals }: ConformanceReport): string[] {
  return [
    tableRow('group', VERDICTS),
    ...groups.map((group) => totalsRow(group.name, group.totals)),
    totalsRow('all', totals),
  ];
}

function totalsRow(name: string, totals: GroupTotals['totals']): string {
  return tableRow(
    name,
    VERDICTS.map((verdict) => `${totals[verdict]}`),
  );
}

function tableRow(name: string, cells: readonly string[]): string {
  return name.padEnd(12) + cells.map((cell) => cell.padStart(15)).join('');
}

/** The report as JUnit XML, one test suite for each group; a known loss counts as passed and says so. */
export function junitXml({ target, protocolVersion, groups, results }: ConformanceReport): string {
  const suites = groups.flatMap(({ name, totals }) => {
    const own = results.filter(({ group }) => group === name);
    const skipped = totals.skipped + totals['not-applicable'];
    return [
      `  <testsuite name="${name}" tests="${own.length}" failures="${totals.fail}" skipped="${skipped}">`,
      ...own.map(junitCase),
      '  </testsuite>',
    ];
  });
  const head = `<testsuites name="quietroom ${target} ${protocolVersion}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, '</testsuites>', ''].join('\n');
}

function junitCase({ group, id, title, verdict, steps, reason = '', milliseconds }: CaseResult): string {
  const head = `    <testcase classname="${group}" name="${xml(`${id}: ${title}`)}" time="${milliseconds / 1000}"`;
  switch (verdict) {
    case 'pass':
      return `${head}/>`;
    case 'fail': {
      const last = steps.at(-1);
      const text = last ? `expected: ${last.expected}\nseen: ${last.seen}` : reason;
      return `${head}><failure message="${xml(reason)}">${xml(text)}</failure></testcase>`;
    }
    case 'known-loss':
      return `${head}><system-out>${xml(`known loss: ${reason}`)}</system-out></testcase>`;
    case 'not-applicable':
    case 'skipped':
      return `${head}><skipped message="${xml(reason)}"/></testcase>`;
  }
}

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that XML cannot hold are replaced by U+FFFD. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"]/g, (character) => XML_ESCAPES[character] ?? character);
}
