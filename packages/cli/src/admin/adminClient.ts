import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { isObject, METHOD_PREFIX, RPC_ERRORS, RpcError, type RpcParams } from '../rpc/jsonRpc.js';
import { pathLengthProblem } from '../rpc/localSocket.js';
import { RpcClient, RpcConnectionError } from '../rpc/rpcClient.js';
import { errorCode } from '../failures/errorCode.js';

/** A server that does not answer is stuck. */
const ANSWER_MS = 10_000;

/**
 * Sends one request to the server and returns the result.
 *
 * @throws Failure `unreachable`, or what the server says
 */
export async function request(
  path: string,
  method: string,
  params: RpcParams,
): Promise<Record<string, unknown>> {
  const problem = pathLengthProblem(path, 'admin');
  if (problem !== undefined)
    throw new Failure(EXIT_CODES.failure, `${problem} Choose another with --socket.`);
  let client: RpcClient | undefined;
  try {
    client = await RpcClient.connect(path);
    return await client.request(METHOD_PREFIX + method, params, { timeoutMs: ANSWER_MS });
  } catch (error) {
    throw failureOf(error, path);
  } finally {
    client?.close();
  }
}

function failureOf(error: unknown, path: string): Failure {
  if (error instanceof RpcError) return new Failure(exitCodeOf(error), error.message);
  if (error instanceof RpcConnectionError && error.reason === 'closed') {
    return new Failure(EXIT_CODES.connectionLost, 'The server closed the connection without an answer.');
  }
  if (error instanceof RpcConnectionError && error.reason === 'invalid') {
    return new Failure(EXIT_CODES.failure, 'The answer is not one of a QuietRoom server. Check --socket.');
  }
  return unreachable(error, path);
}

function exitCodeOf({ code, data }: RpcError): Failure['exitCode'] {
  if (isObject(data) && data['code'] === 'USER_UNKNOWN') return EXIT_CODES.offline;
  if (code === RPC_ERRORS.params) return EXIT_CODES.usage;
  return code === RPC_ERRORS.refused ? EXIT_CODES.refused : EXIT_CODES.failure;
}

function unreachable(error: unknown, path: string): Failure {
  const code = errorCode(error, 'no answer');
  const where = JSON.stringify(path);
  const message =
    code === 'EACCES' || code === 'EPERM'
      ? `This user may not use the admin socket ${where}. Run the command as the user of the server.`
      : `No server answers at the admin socket ${where} (${code}). Start it with "quietroom serve", or give its folder with --dir or its socket with --socket.`;
  return new Failure(EXIT_CODES.unreachable, message, { cause: error });
}
