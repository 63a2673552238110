import { EXIT_CODES, type ExitCode } from '../failures/exitCodes.js';
import type { StepResult } from './examination.js';
import type { Facts, CheckResult } from './checkResult.js';
import { STEP_TITLES, type StepName } from './steps.js';

/** All results, as in `--json`. */
export interface Report {
  readonly v: 1;
  readonly ok: boolean;
  readonly exitCode: ExitCode;
  readonly steps: readonly ReportedStep[];
}

export interface ReportedStep {
  readonly step: StepName;
  readonly status: CheckResult['status'];
  readonly detail: string;
  readonly cause?: string;
  readonly nextStep?: string;
  readonly facts?: Facts;
}

export function reportOf(results: readonly StepResult[]): Report {
  const exitCode = exitCodeOf(results);
  return { v: 1, ok: exitCode === EXIT_CODES.ok, exitCode, steps: results.map(reported) };
}

function reported({ step, checkResult }: StepResult): ReportedStep {
  if (checkResult.status !== 'problem') return { step, ...checkResult };
  const { exitCode: _, ...shown } = checkResult;
  return { step, ...shown };
}

/** The exit code of the first problem; a warning alone also counts as a failure. */
function exitCodeOf(results: readonly StepResult[]): ExitCode {
  for (const { checkResult } of results) {
    if (checkResult.status === 'problem') return checkResult.exitCode;
  }
  const isAllWell = results.every(({ checkResult }) => checkResult.status === 'ok');
  return isAllWell ? EXIT_CODES.ok : EXIT_CODES.failure;
}

const WORDS: Readonly<Record<CheckResult['status'], string>> = {
  ok: 'ok',
  warning: 'WARNING',
  problem: 'PROBLEM',
  skipped: 'skipped',
};

const TITLE_COLUMN = Math.max(...Object.values(WORDS).map((word) => word.length)) + 2;

const DETAIL_COLUMN = TITLE_COLUMN + Math.max(...Object.values(STEP_TITLES).map((title) => title.length)) + 2;

/** A step as lines of text, at most `columns` wide unless a word is longer. */
export function stepLines({ step, checkResult }: StepResult, columns: number): readonly string[] {
  const head = WORDS[checkResult.status].padEnd(TITLE_COLUMN) + STEP_TITLES[step];
  const lines = paragraph(head.padEnd(DETAIL_COLUMN), checkResult.detail, columns);
  if (checkResult.status === 'ok' || checkResult.status === 'skipped') return lines;
  const indent = ' '.repeat(TITLE_COLUMN);
  return [
    ...lines,
    ...paragraph(`${indent}cause:`.padEnd(DETAIL_COLUMN), checkResult.cause, columns),
    ...paragraph(`${indent}next step:`.padEnd(DETAIL_COLUMN), checkResult.nextStep, columns),
  ];
}

/** A text after a lead, with its further lines indented below the first. */
export function paragraph(lead: string, text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = lead;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(lead.length);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
