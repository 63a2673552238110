import { ServerError } from '@quietroom/server';
import { EXIT_CODES } from './exitCodes.js';
import { Failure } from './failure.js';

/** The address and folder to serve. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly identityFolder: string;
}

/** Describes why the server does not start. */
export function serveFailure(error: unknown, place: Place): Failure {
  if (error instanceof ServerError) {
    return new Failure(EXIT_CODES.failure, error.message, { cause: error });
  }
  if (isSystemError(error)) {
    return new Failure(EXIT_CODES.failure, systemProblem(error, place), { cause: error });
  }
  throw error;
}

/** Describes why there are no metrics. */
export function metricsFailure(error: unknown, host: string, port: number): Failure {
  if (!isSystemError(error)) throw error;
  const problem = error.code === 'EADDRINUSE' ? 'is in use' : `of ${host} cannot be used (${error.code})`;
  return new Failure(
    EXIT_CODES.failure,
    `The metrics port ${port} ${problem}. Choose another with --metrics-port, or metrics_port in server_config.json.`,
    { cause: error },
  );
}

function systemProblem(error: NodeJS.ErrnoException, { host, port, identityFolder }: Place): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use. Choose another with --port, or stop the program that listens there.`;
    case 'EADDRNOTAVAIL':
      return `This machine does not have the address ${host}. Check --host; 0.0.0.0 means all addresses.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${JSON.stringify(host)} cannot be looked up. Give an address of this machine with --host.`;
    default:
      break;
  }
  if (error.syscall === 'listen') {
    return error.code === 'EACCES'
      ? `This user may not listen on port ${port}. Choose one above 1023 with --port.`
      : `Listening on ${host}:${port} failed (${error.code}). Check --host and --port.`;
  }
  return `The folder ${JSON.stringify(identityFolder)} cannot hold the server's identity (${error.code}). Choose another with --dir.`;
}

/** Node's network and file errors. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
