import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { isObject, METHOD_PREFIX, RPC_ERRORS, RPC_VERSION } from './jsonRpc.js';
import { pathLengthProblem } from './socketPath.js';

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
  params: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const problem = pathLengthProblem(path);
  if (problem !== undefined)
    throw new Failure(EXIT_CODES.failure, `${problem} Choose another with --socket.`);
  const socket = connect(path);
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('timeout')));
  try {
    await once(socket, 'connect');
    socket.write(
      `${JSON.stringify({ jsonrpc: RPC_VERSION, id: 1, method: METHOD_PREFIX + method, params })}\n`,
    );
    return resultOf(await firstLine(socket));
  } catch (error) {
    throw error instanceof Failure ? error : unreachable(error, path);
  } finally {
    socket.destroy();
  }
}

async function firstLine(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    // A socket without an encoding gives buffers.
    chunks.push(chunk as Buffer);
    if ((chunk as Buffer).includes(10)) break;
  }
  return Buffer.concat(chunks).toString();
}

function resultOf(line: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    throw new Failure(EXIT_CODES.connectionLost, 'The server closed the connection without an answer.');
  }
  if (isObject(answer) && isObject(answer['result'])) return answer['result'];
  const error = isObject(answer) ? answer['error'] : undefined;
  if (!isObject(error) || typeof error['message'] !== 'string') {
    throw new Failure(EXIT_CODES.failure, 'The answer is not one of a QuietRoom server. Check --socket.');
  }
  throw new Failure(exitCodeOf(error), error['message']);
}

function exitCodeOf({ code, data }: Record<string, unknown>): Failure['exitCode'] {
  if (isObject(data) && data['code'] === 'USER_UNKNOWN') return EXIT_CODES.offline;
  if (code === RPC_ERRORS.params) return EXIT_CODES.usage;
  return code === RPC_ERRORS.refused ? EXIT_CODES.refused : EXIT_CODES.failure;
}

function unreachable(error: unknown, path: string): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  const where = JSON.stringify(path);
  const message =
    code === 'EACCES' || code === 'EPERM'
      ? `This user may not use the admin socket ${where}. Run the command as the user of the server.`
      : `No server answers at the admin socket ${where} (${code}). Start it with "quietroom serve", or give its folder with --dir or its socket with --socket.`;
  return new Failure(EXIT_CODES.unreachable, message, { cause: error });
}
