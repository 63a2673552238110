/** JSON-RPC 2.0, one message per line, without batches: docs/server.md. */
export const RPC_VERSION = '2.0';

/** Methods are named `v1.kick`; what is not compatible gets a new number. */
export const METHOD_PREFIX = 'v1.';

export const RPC_ERRORS = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  /** The server cannot do it, such as kick a user who is not online. `data.code` is that of the server's error. */
  refused: -32000,
} as const;

export type RpcId = string | number | null;

export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** An error whose message is for the caller. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: { readonly code: string } | undefined;

  constructor(code: number, message: string, data?: { readonly code: string }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** @throws RpcError when the line is not a request */
export function parseRequest(line: string): RpcRequest {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new RpcError(RPC_ERRORS.parse, 'The line is not JSON.');
  }
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

export function resultLine(id: RpcId, result: object): string {
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, id, result })}\n`;
}

export function errorLine(id: RpcId, { code, message, data }: RpcError): string {
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  return `${JSON.stringify({ jsonrpc: RPC_VERSION, id, error })}\n`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
