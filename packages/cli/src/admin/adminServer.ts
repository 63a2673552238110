import { RpcServer } from '../rpc/rpcServer.js';
import { callMethod, type AdminTarget } from './adminMethods.js';

/** The longest text is 4000 bytes. */
const MAX_REQUEST_BYTES = 32 * 1024;
const CONNECTION_MS = 30_000;
const MAX_CLIENTS = 16;

export interface AdminServerOptions {
  /** All that a connection may take, whether it sends, reads or does nothing. Default 30 s. */
  readonly connectionMs?: number;
}

/**
 * Opens the admin socket.
 *
 * @throws SocketInUseError; and Node's own error, such as `EACCES`
 */
export function listenForAdmin(
  path: string,
  target: AdminTarget,
  { connectionMs = CONNECTION_MS }: AdminServerOptions = {},
): Promise<RpcServer> {
  return RpcServer.listen(path, {
    maxRequestBytes: MAX_REQUEST_BYTES,
    // Requests are answered at once.
    maxOpenRequests: 1,
    maxClients: MAX_CLIENTS,
    connectionMs,
    handler: (request) => callMethod(target, request),
  });
}
