import { EXIT_CODES } from './exitCodes.js';
import type { Failure } from './failure.js';

/** The fields that `--json` prints when a command fails, unless the command has fields of its own for that. */
export const FAILURE_FIELDS = {
  v: 'version of this format: 1',
  status: '"failed"',
  reason: 'a code of docs/errors.md or of the system such as "ECONNREFUSED", "USAGE" or "FAILED"',
  exitCode: 'the exit code',
  message: 'what standard error says',
} as const;

const reported = new WeakSet<Failure>();

/** Marks a failure that the command has printed as JSON itself. */
export function reportedAsJson(failure: Failure): Failure {
  reported.add(failure);
  return failure;
}

/** A failure for `--json`; undefined when the command has printed it. */
export function failureJson(
  failure: Failure,
): Readonly<Record<keyof typeof FAILURE_FIELDS, unknown>> | undefined {
  if (reported.has(failure)) return undefined;
  const { exitCode, message } = failure;
  return { v: 1, status: 'failed', reason: reasonOf(failure), exitCode, message };
}

/** The reason of a failure as a keyword. */
export function reasonOf({ cause, exitCode }: Failure): string {
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return exitCode === EXIT_CODES.usage ? 'USAGE' : 'FAILED';
}
