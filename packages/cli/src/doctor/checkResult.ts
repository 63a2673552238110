import { EXIT_CODES, type ExitCode } from '../failures/exitCodes.js';

/** Values for `--json`. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/**
 * The result of a check. Its texts are safe to publish: they hold no raw text from the server,
 * and names only when requested.
 */
export type CheckResult =
  | { readonly status: 'ok'; readonly detail: string; readonly facts?: Facts }
  /** It works, but needs attention. */
  | ({ readonly status: 'warning' } & Trouble)
  | ({ readonly status: 'problem'; readonly exitCode: ExitCode } & Trouble)
  /** A prerequisite failed. */
  | { readonly status: 'skipped'; readonly detail: string };

interface Trouble {
  readonly detail: string;
  /** The cause, or the most likely one; a sentence. */
  readonly cause: string;
  /** The remedy; a sentence. */
  readonly nextStep: string;
  readonly facts?: Facts;
}

export function ok(detail: string, facts?: Facts): CheckResult {
  return { status: 'ok', detail, ...(facts && { facts }) };
}

export function warning(detail: string, cause: string, nextStep: string, facts?: Facts): CheckResult {
  return { status: 'warning', detail, cause, nextStep, ...(facts && { facts }) };
}

/** A problem; its exit code tells the class. */
export function problem(
  exitCode: ExitCode,
  detail: string,
  cause: string,
  nextStep: string,
  facts?: Facts,
): CheckResult {
  return { status: 'problem', exitCode, detail, cause, nextStep, ...(facts && { facts }) };
}

/** A problem that prevents reaching a QuietRoom server. */
export function unreachable(detail: string, cause: string, nextStep: string): CheckResult {
  return problem(EXIT_CODES.unreachable, detail, cause, nextStep);
}

export function skipped(detail: string): CheckResult {
  return { status: 'skipped', detail };
}
