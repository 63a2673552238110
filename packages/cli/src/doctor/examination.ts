import type { X509Certificate } from 'node:crypto';
import type { QuietRoomConnector } from 'quietroom-connector';
import { EXIT_CODES } from '../failures/exitCodes.js';
import type { PinFile } from '../pin/pinFile.js';
import { skipped, type CheckResult } from './checkResult.js';
import { echo, generation, roundTrip, sizes } from './messageSteps.js';
import { connectTcp, lookUp, secure, type Found } from './networkSteps.js';
import { OwnMessages } from './ownMessages.js';
import { comparePin, readPins } from './pinSteps.js';
import { logIn, makeConnector, type SessionFindings } from './sessionSteps.js';
import { STEP_NEEDS, STEP_TITLES, STEPS, type StepName } from './steps.js';
import type { Address, Subject } from './target.js';

/** The result of a step. */
export interface StepResult {
  readonly step: StepName;
  readonly finding: CheckResult;
}

/**
 * Runs all steps in order and reports each result at once. A step whose prerequisites failed is
 * skipped. At the end the connection is closed and the name is free.
 *
 * @throws the reason of the target's signal
 */
export async function examine(
  subject: Subject,
  tell: (result: StepResult) => void = () => {},
): Promise<readonly StepResult[]> {
  const examination = new Examination(subject);
  const results = new Map<StepName, StepResult>();
  try {
    for (const step of STEPS) {
      const without = whatIsMissing(step, results);
      const finding = without === undefined ? await examination.take(step) : skipped(`needs ${without}`);
      subject.signal.throwIfAborted();
      results.set(step, { step, finding });
      tell({ step, finding });
    }
  } finally {
    await examination.end();
  }
  return [...results.values()];
}

function whatIsMissing(step: StepName, results: ReadonlyMap<StepName, StepResult>): string | undefined {
  const missing = STEP_NEEDS[step].find((need) => !isWell(results.get(need)?.finding));
  if (missing) return STEP_TITLES[missing];
  const isLost = [...results.values()].some(
    ({ finding }) => finding.status === 'problem' && finding.exitCode === EXIT_CODES.connectionLost,
  );
  return isLost ? 'the connection' : undefined;
}

function isWell(finding: CheckResult | undefined): boolean {
  return finding?.status === 'ok' || finding?.status === 'warning';
}

/** Values that steps pass to later ones. */
class Examination {
  readonly #subject: Subject;
  #pinFile: PinFile | undefined;
  #addresses: readonly Address[] | undefined;
  #address: Address | undefined;
  #presented: X509Certificate | undefined;
  #connector: QuietRoomConnector | undefined;
  #session: Promise<SessionFindings> | undefined;
  #own: OwnMessages | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  async take(step: StepName): Promise<CheckResult> {
    const subject = this.#subject;
    switch (step) {
      case 'pinFile':
        return keep(await readPins(subject), (pinFile) => (this.#pinFile = pinFile));
      case 'dns':
        return keep(await lookUp(subject), (addresses) => (this.#addresses = addresses));
      case 'tcp':
        return keep(
          await connectTcp(subject, known(this.#addresses)),
          (address) => (this.#address = address),
        );
      case 'tls':
        return keep(
          await secure(subject, known(this.#address)),
          ({ certificate }) => (this.#presented = certificate),
        );
      case 'pin':
        return comparePin(subject, known(this.#pinFile), known(this.#presented), new Date());
      case 'signature':
      case 'keyExchange':
      case 'login':
        return (await this.#logIn())[step];
      case 'echo':
        return echo(known(this.#own));
      case 'roundTrip':
        return roundTrip(known(this.#connector), subject.signal);
      case 'generation':
        return generation(known(this.#connector), subject.signal);
      case 'sizes':
        return sizes(known(this.#own), known(this.#connector).username);
    }
  }

  async end(): Promise<void> {
    await this.#connector?.disconnect();
  }

  /** Runs three steps at once. */
  #logIn(): Promise<SessionFindings> {
    if (this.#session) return this.#session;
    const connector = makeConnector(this.#subject, known(this.#pinFile));
    this.#connector = connector;
    this.#own = new OwnMessages(connector, this.#subject);
    this.#session = logIn(connector, this.#subject);
    return this.#session;
  }
}

function keep<T>({ finding, value }: Found<T>, to: (value: T) => unknown): CheckResult {
  if (value !== undefined) to(value);
  return finding;
}

/** The order and prerequisites of the steps guarantee it. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('A step was taken before one that it needs.');
  return value;
}
