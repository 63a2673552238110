import {
  Ruling,
  Unmet,
  type CaseGroup,
  type CaseResult,
  type Step,
  type Version,
} from './conformanceCase.js';

/** What a case works with; a new one for each case. */
export interface Bench {
  readonly steps: readonly Step[];
  /** Ends what the case has opened. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly version: Version;
  /** The names of the groups to run. Default: all. */
  readonly only?: readonly string[];
  /** Ends the run; the cases that are left are skipped. */
  readonly signal?: AbortSignal;
  /** Is called after each case. */
  readonly onResult?: (result: CaseResult) => void;
}

/** Runs the cases of the groups, one after another. */
export async function runCases<T extends Bench>(
  groups: readonly CaseGroup<T>[],
  makeBench: () => T | Promise<T>,
  { version, only, signal, onResult }: RunOptions,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const group of groups) {
    if (only !== undefined && !only.includes(group.name)) continue;
    for (const { id, title, versions, run } of group.cases) {
      const known = { group: group.name, id: `${group.name}/${id}`, title };
      const result =
        versions !== undefined && !versions.includes(version)
          ? withoutRun(known, 'not-applicable', `It does not hold for ${version}.`)
          : signal?.aborted === true
            ? withoutRun(known, 'skipped', 'The run was stopped.')
            : { ...known, ...(await runOne(makeBench, run, signal)) };
      results.push(result);
      onResult?.(result);
    }
  }
  return results;
}

type Outcome = Pick<CaseResult, 'verdict' | 'steps' | 'reason' | 'milliseconds'>;

function withoutRun(
  known: Pick<CaseResult, 'group' | 'id' | 'title'>,
  verdict: 'not-applicable' | 'skipped',
  reason: string,
): CaseResult {
  return { ...known, verdict, reason, steps: [], milliseconds: 0 };
}

async function runOne<T extends Bench>(
  makeBench: () => T | Promise<T>,
  run: (bench: T) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const start = performance.now();
  let bench: T | undefined;
  let ended: Pick<CaseResult, 'verdict' | 'reason'>;
  try {
    bench = await makeBench();
    await run(bench);
    ended = { verdict: 'pass' };
  } catch (error) {
    ended = signal?.aborted === true ? { verdict: 'skipped', reason: 'The run was stopped.' } : judge(error);
  }
  const steps = [...(bench?.steps ?? [])];
  await bench?.close();
  return { ...ended, steps, milliseconds: Math.round(performance.now() - start) };
}

function judge(error: unknown): Pick<CaseResult, 'verdict' | 'reason'> {
  if (error instanceof Ruling) return { verdict: error.verdict, reason: error.message };
  if (error instanceof Unmet) return { verdict: 'fail', reason: error.message };
  const text = error instanceof Error ? error.message : String(error);
  return { verdict: 'fail', reason: `The case ended with an error: ${text}` };
}
