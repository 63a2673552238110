import assert from 'node:assert/strict';
import {
  FakeClock,
  firstIdentity,
  ScriptedPeer,
  type Script,
  type ScriptedPeerOptions,
} from '@quietroom/testing';
import { examine } from '#src/doctor/examination.js';
import type { CheckResult } from '#src/doctor/checkResult.js';
import type { StepName } from '#src/doctor/steps.js';
import type { Target } from '#src/doctor/target.js';
import { Folder } from '../harness/quietroom.js';

export type CheckResults = Readonly<Record<StepName, CheckResult>>;

export type Options = Partial<Target> & {
  /** Resolves when nothing more will happen unless time passes. */
  readonly stalled?: Promise<unknown>;
};

/** Connections that the doctor makes before the one that it logs in by: for TCP alone, and for TLS alone. */
export const EARLIER_CONNECTIONS = 2;

/** Examines what listens on a port of this machine, pinned by the first identity, in time that is not real. */
export async function examined(port: number, options: Options = {}): Promise<CheckResults> {
  await using folder = await Folder.make();
  const cert = await folder.write('chat_public.pem', firstIdentity.certPem);
  const { stalled, ...others } = options;
  const clock = new FakeClock();
  const target: Target = {
    host: '127.0.0.1',
    port,
    cert,
    username: 'doctor',
    cover: 'decoys',
    leaveSteadyForFiles: false,
    connectSeconds: 30,
    full: false,
    clock,
    lookup: noLookUp,
    signal: new AbortController().signal,
    ...others,
  };
  const state = { isOver: false };
  const examination = examine(target).finally(() => (state.isOver = true));
  if (stalled) {
    await Promise.race([stalled, examination]);
    while (!state.isOver) {
      clock.advance(500);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }
  const results = await examination;
  return Object.fromEntries(results.map(({ step, checkResult }) => [step, checkResult])) as CheckResults;
}

/** A look-up that gives these IPv4 addresses. */
export function resolving(...addresses: readonly string[]): Target['lookup'] {
  return async () => addresses.map((address) => ({ address, family: 4 }));
}

/** A look-up that fails with this code. */
export function failing(code: string): Target['lookup'] {
  return () => Promise.reject(Object.assign(new Error('The look-up failed.'), { code }));
}

export function never(): Promise<never> {
  return new Promise(() => {});
}

async function noLookUp(): Promise<never> {
  assert.fail('An address is not looked up.');
}

/** A server whose script begins behind TLS, on the connection that the doctor logs in by. */
export async function peerOf(script: Script, options?: ScriptedPeerOptions): Promise<ScriptedPeer> {
  let connections = 0;
  return ScriptedPeer.start(async (connection) => {
    const isLogin = connections++ >= EARLIER_CONNECTIONS;
    await connection.secure();
    if (isLogin) await script(connection);
  }, options);
}

/** That a step has a problem of this class, in these words, which say a cause and a next step. */
export function assertProblem(checkResult: CheckResult, exitCode: number, says: RegExp, cause: RegExp): void {
  assert.ok(checkResult.status === 'problem', JSON.stringify(checkResult));
  assert.match(checkResult.detail, says);
  assert.match(checkResult.cause, cause);
  assert.match(checkResult.nextStep, /^[A-Z].*\.$/);
  assert.equal(checkResult.exitCode, exitCode);
}

/** The steps of each status. */
export function stepsThat(checkResults: CheckResults, status: CheckResult['status']): string[] {
  return Object.entries(checkResults)
    .filter(([, checkResult]) => checkResult.status === status)
    .map(([step]) => step);
}
