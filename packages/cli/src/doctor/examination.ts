import type { X509Certificate } from 'node:crypto';
import type { QuietRoomConnector } from 'quietroom-connector';
import { EXIT_CODES } from '../failures/exitCodes.js';
import type { PinFile } from '../pin/pinFile.js';
import { skipped, type CheckResult } from './checkResult.js';
import { echo, protocolVersion, roundTrip, sizes } from './messageSteps.js';
import { connectTcp, lookUp, secure, type Found } from './networkSteps.js';
import { OwnMessages } from './ownMessages.js';
import { comparePin, readPins } from './pinSteps.js';
import { logIn, makeConnector, type SessionResults } from './sessionSteps.js';
import { STEP_NEEDS, STEP_TITLES, STEPS, type StepName } from './steps.js';
import type { Address, Target } from './target.js';

/** The result of a step. */
export interface StepResult {
  readonly step: StepName;
  readonly checkResult: CheckResult;
}

/**
 * Runs all steps in order and reports each result at once. A step whose prerequisites failed is
 * skipped. At the end the connection is closed and the name is free.
 *
 * @throws the reason of the target's signal
 */
export async function examine(
  target: Target,
  tell: (result: StepResult) => void = () => {},
): Promise<readonly StepResult[]> {
  const examination = new Examination(target);
  const results = new Map<StepName, StepResult>();
  try {
    for (const step of STEPS) {
      const without = whatIsMissing(step, results);
      const checkResult = without === undefined ? await examination.take(step) : skipped(`needs ${without}`);
      target.signal.throwIfAborted();
      results.set(step, { step, checkResult });
      tell({ step, checkResult });
    }
  } finally {
    await examination.end();
  }
  return [...results.values()];
}

function whatIsMissing(step: StepName, results: ReadonlyMap<StepName, StepResult>): string | undefined {
  const missing = STEP_NEEDS[step].find((need) => !isWell(results.get(need)?.checkResult));
  if (missing) return STEP_TITLES[missing];
  const isLost = [...results.values()].some(
    ({ checkResult }) =>
      checkResult.status === 'problem' && checkResult.exitCode === EXIT_CODES.connectionLost,
  );
  return isLost ? 'the connection' : undefined;
}

function isWell(checkResult: CheckResult | undefined): boolean {
  return checkResult?.status === 'ok' || checkResult?.status === 'warning';
}

/** Values that steps pass to later ones. */
class Examination {
  readonly #target: Target;
  #pinFile: PinFile | undefined;
  #addresses: readonly Address[] | undefined;
  #address: Address | undefined;
  #presented: X509Certificate | undefined;
  #connector: QuietRoomConnector | undefined;
  #session: Promise<SessionResults> | undefined;
  #own: OwnMessages | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  async take(step: StepName): Promise<CheckResult> {
    const target = this.#target;
    switch (step) {
      case 'pinFile':
        return keep(await readPins(target), (pinFile) => (this.#pinFile = pinFile));
      case 'dns':
        return keep(await lookUp(target), (addresses) => (this.#addresses = addresses));
      case 'tcp':
        return keep(await connectTcp(target, known(this.#addresses)), (address) => (this.#address = address));
      case 'tls':
        return keep(
          await secure(target, known(this.#address)),
          ({ certificate }) => (this.#presented = certificate),
        );
      case 'pin':
        return comparePin(target, known(this.#pinFile), known(this.#presented), new Date());
      case 'signature':
      case 'keyExchange':
      case 'login':
        return (await this.#logIn())[step];
      case 'echo':
        return echo(known(this.#own));
      case 'roundTrip':
        return roundTrip(known(this.#connector), target.signal);
      case 'protocolVersion':
        return protocolVersion(known(this.#connector), target.signal);
      case 'sizes':
        return sizes(known(this.#own), known(this.#connector).username);
    }
  }

  async end(): Promise<void> {
    await this.#connector?.disconnect();
  }

  /** Runs three steps at once. */
  #logIn(): Promise<SessionResults> {
    if (this.#session) return this.#session;
    const connector = makeConnector(this.#target, known(this.#pinFile));
    this.#connector = connector;
    this.#own = new OwnMessages(connector, this.#target);
    this.#session = logIn(connector, this.#target);
    return this.#session;
  }
}

function keep<T>({ checkResult, value }: Found<T>, to: (value: T) => unknown): CheckResult {
  if (value !== undefined) to(value);
  return checkResult;
}

/** The order and prerequisites of the steps guarantee it. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('A step was taken before one that it needs.');
  return value;
}
