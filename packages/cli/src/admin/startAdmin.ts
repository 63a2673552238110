import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import type { AdminTarget } from './adminMethods.js';
import { pathLengthProblem, SocketInUseError } from '../rpc/localSocket.js';
import type { RpcServer } from '../rpc/rpcServer.js';
import { listenForAdmin } from './adminServer.js';
import { defaultSocketPath } from './socketPath.js';

const REMEDY = 'Choose another path with --admin-socket, or admin_socket in server_config.json.';

/**
 * The path of the admin socket.
 *
 * @throws Failure when the system does not accept a path of this length
 */
export function adminSocketPath(dir: string, configured: string | undefined): string {
  const path = configured ?? defaultSocketPath(dir);
  const problem = pathLengthProblem(path, 'admin');
  if (problem !== undefined) throw new Failure(EXIT_CODES.failure, `${problem} ${REMEDY}`);
  return path;
}

/**
 * Opens the admin socket. Undefined when the folder takes no socket and no path is configured, as in a read-only
 * folder: the server then runs without.
 *
 * @param failed gets Node's code in that case
 * @throws Failure
 */
export async function startAdmin(
  path: string,
  isConfigured: boolean,
  target: AdminTarget,
  failed: (code: string) => void,
): Promise<RpcServer | undefined> {
  try {
    return await listenForAdmin(path, target);
  } catch (error) {
    const where = JSON.stringify(path);
    if (error instanceof SocketInUseError) {
      const problem = `The admin socket ${where} is in use by a running server, or is another kind of file.`;
      throw new Failure(
        EXIT_CODES.failure,
        `${problem} Stop that server, or choose another path with --admin-socket.`,
        {
          cause: error,
        },
      );
    }
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = String(error.code);
    if (isConfigured) {
      throw new Failure(EXIT_CODES.failure, `The admin socket ${where} cannot be made (${code}). ${REMEDY}`, {
        cause: error,
      });
    }
    failed(code);
    return undefined;
  }
}
