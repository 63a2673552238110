import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { ConnectorError, QuietRoomConnector, type ConnectorStats } from 'quietroom-connector';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { connectorConfig } from '../settings/clientSettings.js';
import type { PinFile } from '../pin/pinFile.js';
import { ok, problem, skipped, unreachable, type CheckResult } from './checkResult.js';
import { named, type Target } from './target.js';
import { errorCode } from '../failures/errorCode.js';

/** The results of three steps that the connector takes as one. */
export interface SessionResults {
  readonly signature: CheckResult;
  readonly keyExchange: CheckResult;
  readonly login: CheckResult;
}

/** The stage that the connector reached, derived from its traffic. */
type Stage =
  /** The server has sent nothing after TLS. */
  | 'silence'
  /** The server has sent its key, and the connector has not replied: it checks the signature first. */
  | 'offer'
  /** The connector has sent its public key, but not its name. */
  | 'key'
  | 'name';

/** `u32be length` and a public key of 2048 bits; the name follows in a packet. */
const KEY_BYTES = 4 + 256;

const LOOK_AT_SERVER = "Check that a QuietRoom server listens there, and look at the server's log.";

const IN_BETWEEN =
  'Do not log in there. Tell whoever runs the server; check proxies and other things between here and there.';

const SIGNED = ok('the server holds the key of the pinned certificate');

const EXCHANGED = ok('a key for this connection is agreed on');

export function makeConnector(target: Target, { pem }: PinFile): QuietRoomConnector {
  return new QuietRoomConnector({
    ...connectorConfig(target),
    cert: pem,
    clock: target.clock,
  });
}

export async function logIn(connector: QuietRoomConnector, target: Target): Promise<SessionResults> {
  try {
    await connector.connect({ signal: target.signal });
    const login = ok(`the server has let the name in${named(target, target.username)}`);
    return { signature: SIGNED, keyExchange: EXCHANGED, login };
  } catch (error) {
    target.signal.throwIfAborted();
    return failedAt(stageOf(connector.stats()), error, target);
  }
}

function stageOf({ bytesReceived, bytesSent }: ConnectorStats): Stage {
  if (bytesReceived === 0) return 'silence';
  if (bytesSent === 0) return 'offer';
  return bytesSent <= KEY_BYTES ? 'key' : 'name';
}

function failedAt(stage: Stage, error: unknown, target: Target): SessionResults {
  const code = errorCode(error, '');
  // Connector errors and network errors; anything else is a bug.
  if (!(error instanceof ConnectorError) && code === '') throw error;
  switch (code) {
    case 'PIN_MISMATCH':
      return atSignature(
        problem(
          EXIT_CODES.security,
          'the server presents another certificate than a moment ago',
          'It was restarted just now, or several servers answer at this address.',
          'Run it again.',
        ),
      );
    case 'SIGNATURE_INVALID':
      return atSignature(
        problem(
          EXIT_CODES.security,
          'the signature of the server is not by the key of the pinned certificate',
          'What answers presents the certificate and does not prove that it is the server; someone may be in between.',
          IN_BETWEEN,
        ),
      );
    case 'DH_KEY_INVALID':
      return atKeyExchange(
        problem(
          EXIT_CODES.security,
          'the server offers a key that no honest server offers',
          'The server is broken, or made so that others can read along.',
          IN_BETWEEN,
        ),
      );
    case 'NAME_TAKEN':
      return atLogin(
        problem(
          EXIT_CODES.nameRefused,
          `the name is in use${named(target, target.username)}`,
          'Somebody else has it; or a connection that broke still holds it, which can take minutes.',
          'Choose another by --username, or wait.',
        ),
      );
    case 'NAME_INVALID':
      return invalidName(stage, target);
    default:
      return brokenOff(stage, code, target);
  }
}

function invalidName(stage: Stage, target: Target): SessionResults {
  const login = problem(
    EXIT_CODES.nameRefused,
    `the server closed the connection when it got the name${named(target, target.username)}`,
    `It does not allow the name: 1 to ${MAX_NAME_BYTES} of A-Z a-z 0-9 space _ - . are possible. Or it was stopped just then.`,
    'Choose another by --username, or run it again.',
  );
  return stage === 'name' ? atLogin(login) : { ...atLogin(login), ...NOT_ASKED };
}

/** An invalid name is refused before anything is sent. */
const NOT_ASKED = {
  signature: skipped('no connection was made'),
  keyExchange: skipped('no connection was made'),
} as const;

function brokenOff(stage: Stage, code: string, { connectSeconds }: Target): SessionResults {
  const how =
    code === 'CONNECT_TIMEOUT'
      ? `nothing more within ${connectSeconds} s`
      : code === 'HANDSHAKE_FAILED'
        ? 'what came does not fit'
        : `it closed the connection${code === 'LOGIN_FAILED' ? '' : ` (${code})`}`;
  switch (stage) {
    case 'silence':
      return atSignature(
        unreachable(
          `the server sends no key after TLS: ${how}`,
          'It is another service with TLS, or it hangs, or lets no more connections in.',
          LOOK_AT_SERVER,
        ),
      );
    case 'offer':
      return atSignature(
        unreachable(
          `the server sends no whole key and signature: ${how}`,
          'It is another service with TLS, or it failed in the middle.',
          LOOK_AT_SERVER,
        ),
      );
    case 'key':
      return code === 'HANDSHAKE_FAILED'
        ? atKeyExchange(
            unreachable(
              'what the server sends after the key exchange cannot be decrypted',
              'The server has got another key out of the exchange: it is broken.',
              LOOK_AT_SERVER,
            ),
          )
        : atLogin(
            unreachable(
              `the server does not ask for a name: ${how}`,
              'It hangs, or failed just then.',
              LOOK_AT_SERVER,
            ),
          );
    case 'name':
      return atLogin(
        unreachable(
          `the server does not welcome us: ${how}`,
          'It hangs, or failed just then.',
          LOOK_AT_SERVER,
        ),
      );
  }
}

function atSignature(signature: CheckResult): SessionResults {
  return { signature, keyExchange: skipped('needs signature'), login: skipped('needs key exchange') };
}

function atKeyExchange(keyExchange: CheckResult): SessionResults {
  return { signature: SIGNED, keyExchange, login: skipped('needs key exchange') };
}

function atLogin(login: CheckResult): SessionResults {
  return { signature: SIGNED, keyExchange: EXCHANGED, login };
}
