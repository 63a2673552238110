import { randomBytes } from 'node:crypto';
import { MAX_CLIENT_TEXT_BYTES } from '@quietroom/protocol/constants';
import { ConnectorError, type QuietRoomConnector } from 'quietroom-connector';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { ok, problem, type CheckResult, type Facts } from './checkResult.js';
import type { OwnMessages, RoundTrip } from './ownMessages.js';

/** A text with characters of two, three and four bytes. */
const ECHO_TEXT = 'quietroom doctor: ä 漢 👋';

const ROUND_TRIPS = 5;

const SIZES = [1000, 2000, 3000] as const;

/** The long text needs this many messages. */
const PARTS = 4;

const LOOK_AT_LOG = "Run it again; if it stays so, look at the server's log.";

/** Checks that a direct message to ourselves comes back unchanged. */
export async function echo(own: OwnMessages): Promise<CheckResult> {
  const text = `${ECHO_TEXT} ${randomBytes(4).toString('hex')}`;
  const sent = await ofConnection(() => own.send(text));
  if ('status' in sent) return sent;
  const lost = lossResult(sent);
  if (lost) return lost;
  if (sent.arrived[0] === text) return ok('a direct message to ourselves came back as it was sent');
  return problem(
    EXIT_CODES.failure,
    'a direct message to ourselves came back changed',
    'The server changes texts; servers that are known relay them as they are.',
    'Ask whoever runs the server which software it is.',
  );
}

/** Measures several round trips, in milliseconds. */
export async function roundTrip(
  connector: Pick<QuietRoomConnector, 'rtt'>,
  signal: AbortSignal,
): Promise<CheckResult> {
  const measured = await ofConnection(async () => {
    const milliseconds: number[] = [];
    for (let count = 0; count < ROUND_TRIPS; count++)
      milliseconds.push((await connector.rtt({ signal })) * 1000);
    return milliseconds.sort((a, b) => a - b);
  });
  if ('status' in measured) return measured;
  const [least, median, most] = [0, (ROUND_TRIPS - 1) / 2, ROUND_TRIPS - 1].map((index) =>
    rounded(measured[index] ?? 0),
  );
  return ok(`${median} ms in the median of ${ROUND_TRIPS}, from ${least} to ${most} ms`, {
    medianMs: median ?? 0,
    leastMs: least ?? 0,
    mostMs: most ?? 0,
  });
}

/** A bare `/members` is a usage error on 1.2 and an unknown command on 1.1. */
export async function protocolVersion(
  connector: Pick<QuietRoomConnector, 'sendCommand'>,
  signal: AbortSignal,
): Promise<CheckResult> {
  const asked = await ofConnection(async () => ({
    answer: await connector.sendCommand('/members', { signal }).catch((error: unknown) => {
      // The connector does not know the server's version either.
      if (error instanceof ConnectorError && error.code === 'NO_ANSWER') return null;
      throw error;
    }),
  }));
  if ('status' in asked) return asked;
  const { answer } = asked;
  if (answer?.startsWith('Usage: /members') === true) return ok('1.2', versionFacts('1.2'));
  if (answer?.startsWith('Unknown command: /members') === true) {
    return ok('1.1: no messages by room name, and no lists of members', versionFacts('1.1'));
  }
  return problem(
    EXIT_CODES.failure,
    'the server does not answer /members as servers do',
    'It is neither a 1.1 nor a 1.2 server.',
    'Ask whoever runs the server which software it is.',
  );
}

/** `generation` is the former name of `protocolVersion`, for programs that read it. */
function versionFacts(version: string): Facts {
  return { protocolVersion: version, generation: version };
}

/**
 * Sends direct messages to ourselves up to the longest that all clients accept, and a text of several. Longer messages
 * are not tried: they disconnect 1.x clients, and our clients never send them.
 */
export async function sizes(own: OwnMessages, username: string): Promise<CheckResult> {
  const longest = MAX_CLIENT_TEXT_BYTES - Buffer.byteLength(`[DM from ${username}]: `);
  let largest = 0;
  for (const bytes of [...SIZES, longest, longest * PARTS]) {
    const text = unbroken(bytes);
    const sent = await ofConnection(() => own.send(text));
    if ('status' in sent) return sent;
    if (sent.receipt.status === 'accepted' && sent.arrived.join('') === text) {
      largest = bytes;
      continue;
    }
    const { receipt } = sent;
    if (receipt.status === 'unconfirmed' && receipt.reason === 'connection-lost')
      return ended(receipt.reason);
    return tooLarge(bytes, largest, longest, sent);
  }
  return ok(
    `messages of up to ${longest} bytes come back whole, and a text of ${largest} bytes in ${PARTS}`,
    {
      longestBytes: longest,
      textBytes: largest,
    },
  );
}

function tooLarge(bytes: number, largest: number, longest: number, { arrived }: RoundTrip): CheckResult {
  const facts = { largestBytes: largest };
  if (bytes > longest) {
    return problem(
      EXIT_CODES.failure,
      `of a text of ${bytes} bytes in ${PARTS} messages, ${arrived.length} came back`,
      'The server loses messages that come quickly one after another, or limits them.',
      'Send long texts as files; if it is your server, look at its limits and its log.',
      facts,
    );
  }
  return problem(
    EXIT_CODES.failure,
    `a message of ${bytes} bytes ${arrived.length === 0 ? 'did not come back' : 'came back changed'}; one of ${largest} did`,
    'The server limits messages to less than what all clients survive.',
    `Keep messages at or below ${largest} bytes; if it is your server, raise its limit.`,
    facts,
  );
}

/** A text without split points whose parts all differ, so that wrong cuts show. */
function unbroken(bytes: number): string {
  return randomBytes(Math.ceil(bytes / 2))
    .toString('hex')
    .slice(0, bytes);
}

function lossResult({ receipt, arrived }: RoundTrip): CheckResult | undefined {
  if (receipt.status === 'refused') {
    return problem(
      EXIT_CODES.failure,
      'the server says that we are not online',
      'It has dropped the name that it has just let in.',
      LOOK_AT_LOG,
    );
  }
  if (receipt.status === 'unconfirmed' && receipt.reason === 'connection-lost') return ended(receipt.reason);
  if (receipt.status === 'unconfirmed' || arrived.length === 0) {
    return problem(
      EXIT_CODES.failure,
      receipt.status === 'accepted'
        ? 'the server has taken a direct message to ourselves, and it did not come back'
        : 'the server did not confirm a direct message to ourselves',
      'The server loses messages, is very slow, or lets only some commands in.',
      LOOK_AT_LOG,
    );
  }
  return undefined;
}

/** Runs a check; reports a result when the connection or the name prevents it. */
async function ofConnection<T extends object>(work: () => Promise<T>): Promise<T | CheckResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    switch (error.code) {
      case 'RECIPIENT_INVALID':
        return problem(
          EXIT_CODES.failure,
          'a name with blanks can log in, and cannot be sent a direct message',
          'Servers read a blank as the end of the name.',
          'Choose a name without blanks by --username.',
        );
      case 'NO_ANSWER':
        return problem(
          EXIT_CODES.failure,
          'the server does not answer a question',
          'It is very slow, or drops what it should answer.',
          LOOK_AT_LOG,
        );
      default:
        return ended(error.code);
    }
  }
}

function ended(code: string): CheckResult {
  return problem(
    EXIT_CODES.connectionLost,
    `the connection ended (${code})`,
    'The server was stopped, or closed it, or the network failed.',
    LOOK_AT_LOG,
  );
}

function rounded(milliseconds: number): number {
  return Number(milliseconds.toPrecision(2));
}
