import { EXIT_CODES, type ExitCode } from '../failures/exitCodes.js';

/** Numbers and words for `--json`. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/**
 * What a step has found. Its texts are safe to be shown to strangers: nothing in them comes from the server as it
 * is, and names are in them only when that was asked for.
 */
export type CheckResult =
  | { readonly status: 'ok'; readonly detail: string; readonly facts?: Facts }
  /** It works, and yet something should be looked at. */
  | ({ readonly status: 'warning' } & Trouble)
  | ({ readonly status: 'problem'; readonly exitCode: ExitCode } & Trouble)
  /** What it needs did not go well. */
  | { readonly status: 'skipped'; readonly detail: string };

interface Trouble {
  readonly detail: string;
  /** What is behind it, or most likely is; a sentence. */
  readonly cause: string;
  /** What to do; a sentence. */
  readonly nextStep: string;
  readonly facts?: Facts;
}

export function ok(detail: string, facts?: Facts): CheckResult {
  return { status: 'ok', detail, ...(facts && { facts }) };
}

export function warning(detail: string, cause: string, nextStep: string, facts?: Facts): CheckResult {
  return { status: 'warning', detail, cause, nextStep, ...(facts && { facts }) };
}

/** A problem of the class that its exit code has. */
export function problem(
  exitCode: ExitCode,
  detail: string,
  cause: string,
  nextStep: string,
  facts?: Facts,
): CheckResult {
  return { status: 'problem', exitCode, detail, cause, nextStep, ...(facts && { facts }) };
}

/** As `problem`, for what keeps one from reaching a QuietRoom server. */
export function unreachable(detail: string, cause: string, nextStep: string): CheckResult {
  return problem(EXIT_CODES.unreachable, detail, cause, nextStep);
}

export function skipped(detail: string): CheckResult {
  return { status: 'skipped', detail };
}
