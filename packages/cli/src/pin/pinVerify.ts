import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reportedAsJson } from '../failures/failureJson.js';
import { printJson, printLine } from '../output/print.js';
import { certificateFacts } from './certificateText.js';
import { parseFingerprint, type Fingerprint } from './fingerprint.js';
import { liveCertificate, pinFile, type PinTarget } from './pinTarget.js';

export interface PinVerifyOptions extends PinTarget {
  /** As typed; compared instead of the file. */
  readonly fingerprint: string | undefined;
  readonly json: boolean;
}

/** The reference for the comparison. */
interface Expected {
  /** Its name in a sentence. */
  readonly name: string;
  readonly fingerprints: readonly Fingerprint[];
}

/** The fields of `--json` and their meaning. */
export const PIN_VERIFY_FIELDS = {
  v: 'version of this format: 1',
  same: 'whether the server presents one that is expected',
  host: 'the server',
  port: 'its port',
  expected: 'the fingerprints that were expected',
  presented: 'the certificate that was presented',
} as const;

/**
 * Compares a server's certificate with those of a file, or with a fingerprint.
 *
 * @throws Failure; with exit code 4 when they differ
 */
export async function pinVerify(options: PinVerifyOptions): Promise<void> {
  const expected = await expectation(options);
  const { certificate } = await liveCertificate(options);
  const { fingerprint256: presented } = certificate;
  const isSame = expected.fingerprints.includes(presented);
  if (options.json) {
    const { host, port } = options;
    const answer = { v: 1, same: isSame, host, port, expected: expected.fingerprints };
    printJson({ ...answer, presented: certificateFacts(certificate) });
  }
  const server = `${options.host}:${options.port}`;
  if (!isSame) throw reportedAsJson(differs(server, presented, expected));
  if (!options.json) printLine(`${server} presents the certificate of ${expected.name}.`);
}

async function expectation({ cert, fingerprint }: PinVerifyOptions): Promise<Expected> {
  if (fingerprint !== undefined) {
    return { name: 'this fingerprint', fingerprints: [parseFingerprint(fingerprint)] };
  }
  const { certificates } = await pinFile(cert);
  return { name: cert, fingerprints: certificates.map((pin) => pin.fingerprint256) };
}

function differs(server: string, presented: Fingerprint, { name, fingerprints }: Expected): Failure {
  return new Failure(
    EXIT_CODES.security,
    [
      `${server} does not present the certificate of ${name}.`,
      ...fingerprints.map((fingerprint) => `  expected:  ${fingerprint}`),
      `  presented: ${presented}`,
      'The likely cause is that the server was restarted: 1.x servers make a new certificate at every start.',
      'Ask whoever runs it. If so, run "quietroom pin add". If not, someone may be in between: do not connect.',
    ].join('\n'),
  );
}
