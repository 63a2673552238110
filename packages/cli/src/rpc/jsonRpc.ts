import { isUtf8 } from 'node:buffer';

/** JSON-RPC 2.0, one message per line, without batches: docs/daemon.md, docs/server.md. */
const RPC_VERSION = '2.0';

/** Methods are named `v1.kick`; what is not compatible gets a new number. */
export const METHOD_PREFIX = 'v1.';

export const RPC_ERRORS = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  /** It cannot be done, such as kick a user who is not online. `data.code` says why. */
  refused: -32000,
  /** A limit of clients or of open requests is reached. */
  busy: -32001,
  /** The client cancelled the request. */
  cancelled: -32002,
} as const;

export type RpcId = string | number | null;

export type RpcParams = Readonly<Record<string, unknown>>;

export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params: RpcParams;
}

/** A message from a server: the answer to a request, or a notification. */
export type RpcMessage =
  | { readonly type: 'result'; readonly id: RpcId; readonly result: Record<string, unknown> }
  | { readonly type: 'error'; readonly id: RpcId; readonly error: RpcError }
  | { readonly type: 'notification'; readonly method: string; readonly params: RpcParams };

/** An error whose message is for the caller. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: RpcParams | undefined;

  constructor(code: number, message: string, data?: RpcParams) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** @throws RpcError when the line is not a request */
export function parseRequest(line: Buffer): RpcRequest {
  const message = parseLine(line);
  if (!isObject(message) || message['jsonrpc'] !== RPC_VERSION) {
    throw new RpcError(RPC_ERRORS.request, 'The line must be one JSON-RPC 2.0 request.');
  }
  const { id, method, params = {} } = message;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof method !== 'string' || !isObject(params)) {
    throw new RpcError(
      RPC_ERRORS.request,
      'A request needs an id (text or number) and a method (text); params must be an object.',
    );
  }
  return { id, method, params };
}

/** Parses a line of a server; undefined when it is not JSON-RPC 2.0. */
export function parseMessage(line: Buffer): RpcMessage | undefined {
  let message: unknown;
  try {
    message = parseLine(line);
  } catch {
    return undefined;
  }
  if (!isObject(message) || message['jsonrpc'] !== RPC_VERSION) return undefined;
  const { id, method, params, result, error } = message;
  if (typeof method === 'string' && isObject(params)) return { type: 'notification', method, params };
  if (typeof id !== 'string' && typeof id !== 'number' && id !== null) return undefined;
  if (isObject(result)) return { type: 'result', id, result };
  if (!isObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') {
    return undefined;
  }
  const data = isObject(error['data']) ? error['data'] : undefined;
  return { type: 'error', id, error: new RpcError(error['code'], error['message'], data) };
}

function parseLine(line: Buffer): unknown {
  if (!isUtf8(line)) throw new RpcError(RPC_ERRORS.parse, 'The line is not UTF-8.');
  try {
    return JSON.parse(line.toString());
  } catch {
    throw new RpcError(RPC_ERRORS.parse, 'The line is not JSON.');
  }
}

export function requestLine(id: RpcId, method: string, params: RpcParams): string {
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, id, method, params })}\n`;
}

export function resultLine(id: RpcId, result: object): string {
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, id, result })}\n`;
}

export function errorLine(id: RpcId, { code, message, data }: RpcError): string {
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, id, error })}\n`;
}

export function notificationLine(method: string, params: object): string {
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, method, params })}\n`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
