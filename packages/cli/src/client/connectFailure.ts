import { ConnectorError } from 'quietroom-connector';
import { CONNECTION_KEYS } from '../settings/clientKeys.js';
import { flagOf } from '../settings/setting.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** The server that was to be reached. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The file that holds the pinned certificate. */
  readonly cert: string;
}

const SEE_DOCTOR = 'Run "quietroom doctor" to find out more.';

/** Describes why connecting failed or the connection was lost. */
export function connectFailure(error: unknown, target: Target): Failure {
  if (error instanceof ConnectorError) return fromConnector(error, target);
  if (isSystemError(error)) {
    return error.syscall === 'open' || error.code === 'EISDIR'
      ? certificateFailure(error, target.cert)
      : networkFailure(error, target);
  }
  throw error;
}

function fromConnector(error: ConnectorError, target: Target): Failure {
  switch (error.code) {
    case 'PIN_MISMATCH':
      return new Failure(
        EXIT_CODES.security,
        `${error.message}\n"quietroom pin show --live" shows its certificate as words to compare by voice; "quietroom pin add" pins it.`,
        { cause: error },
      );
    case 'SIGNATURE_INVALID':
    case 'DH_KEY_INVALID':
      return new Failure(EXIT_CODES.security, error.message, { cause: error });
    case 'NAME_TAKEN':
    case 'NAME_INVALID':
      return new Failure(EXIT_CODES.nameRefused, error.message, { cause: error });
    case 'CONNECT_TIMEOUT':
      return unreachable(timedOut(error, target), error);
    case 'HANDSHAKE_FAILED':
      return unreachable(
        `The key exchange failed (${error.message}). Check that a QuietRoom server listens there. ${SEE_DOCTOR}`,
        error,
      );
    case 'LOGIN_FAILED':
    case 'TLS_FAILED':
      return unreachable(`${error.message} ${SEE_DOCTOR}`, error);
    case 'CONNECTION_LOST':
    case 'SERVER_SHUTDOWN':
    case 'PROTOCOL_VIOLATION':
      return new Failure(
        EXIT_CODES.connectionLost,
        `${error.message} Run the command again when the server is back.`,
        { cause: error },
      );
    case 'OPTION_INVALID':
      return new Failure(EXIT_CODES.usage, error.message, { cause: error });
    default:
      return new Failure(EXIT_CODES.failure, error.message, { cause: error });
  }
}

function timedOut({ option = '', seconds, stage }: ConnectorError, { host, port }: Target): string {
  const setting = Object.values(CONNECTION_KEYS).find((one) => one.option === option);
  const flag = flagOf(setting?.name ?? option);
  return `No login at ${host}:${port} within ${seconds} s: it stopped at ${stage}. Check host, port and server, or raise ${flag}. ${SEE_DOCTOR}`;
}

function certificateFailure(error: NodeJS.ErrnoException, cert: string): Failure {
  const file = JSON.stringify(cert);
  const problem =
    error.code === 'ENOENT'
      ? `The certificate file ${file} does not exist.`
      : `The certificate file ${file} cannot be read (${error.code}).`;
  return new Failure(
    EXIT_CODES.failure,
    `${problem} Copy chat_public.pem from the server's folder in a way that you trust, and give its path with --cert.`,
    { cause: error },
  );
}

function networkFailure(error: NodeJS.ErrnoException, { host, port }: Target): Failure {
  switch (error.code) {
    case 'ECONNREFUSED':
      return unreachable(
        `Nothing listens on ${host}:${port}. Start a server there ("quietroom serve"), or check --host and --port.`,
        error,
      );
    case 'ENOTFOUND':
      return unreachable(`The host ${JSON.stringify(host)} does not exist. Check --host.`, error);
    case 'EAI_AGAIN':
      return unreachable(
        `The host name ${JSON.stringify(host)} cannot be looked up. Check the network and --host.`,
        error,
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return unreachable(
        `${host}:${port} closed the connection. Check that a QuietRoom server listens there. ${SEE_DOCTOR}`,
        error,
      );
    default:
      return unreachable(
        `${host}:${port} cannot be reached (${error.code}). Check the network, --host and --port. ${SEE_DOCTOR}`,
        error,
      );
  }
}

function unreachable(message: string, cause: Error): Failure {
  return new Failure(EXIT_CODES.unreachable, message, { cause });
}

/** Node's network and file errors; an error for several addresses has a code but no `syscall`. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && ('syscall' in error || error instanceof AggregateError);
}
