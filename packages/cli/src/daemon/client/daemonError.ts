import {
  ConnectionLostError,
  CONNECTOR_ERROR_CODES,
  ConnectorError,
  RoomError,
  type ConnectorErrorCode,
} from 'quietroom-connector';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { RpcError } from '../../rpc/jsonRpc.js';
import { RpcConnectionError } from '../../rpc/rpcClient.js';
import type { Cause } from '../protocol/events.js';

/** The error of a call, as a connector would throw it. */
export function callError(error: unknown): unknown {
  if (error instanceof RpcConnectionError) return daemonLost();
  if (!(error instanceof RpcError)) return error;
  const { code = null, room = null, ...details } = error.data ?? {};
  return errorOf({ code: textOrNull(code), message: error.message, room: textOrNull(room) }, details);
}

/** An error that a daemon has described. */
export function errorOf({ code, message, room }: Cause, details: object = {}): Error {
  if (!isConnectorCode(code)) return new Failure(EXIT_CODES.failure, message);
  if (room !== null) return new RoomError(code, room, message);
  return new ConnectorError(code, message, details);
}

/** The daemon has ended; `cause` is why it had no connection before. */
export function daemonLost(cause: Cause | null = null): ConnectionLostError {
  return new ConnectionLostError(
    'CONNECTION_LOST',
    cause === null ? 'The daemon has ended.' : `The daemon has ended: ${cause.message}`,
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isConnectorCode(code: string | null): code is ConnectorErrorCode {
  return CONNECTOR_ERROR_CODES.some((one) => one === code);
}
