import { ServerError, type Ban, type QuietRoomServer } from '@quietroom/server';
import { METHOD_PREFIX, RPC_ERRORS, RpcError, type RpcRequest } from '../rpc/jsonRpc.js';
import { errorCode } from '../failures/errorCode.js';

/** The outcome of a reload. */
export interface ReloadResult {
  /** The reason why the file is invalid and nothing has changed; null when it was applied. */
  readonly problem: string | null;
  /** Changed keys that take effect at the next start. */
  readonly restartNeeded: readonly string[];
}

export interface AdminTarget {
  readonly admin: QuietRoomServer['admin'];
  /** As SIGHUP does. */
  reload(): ReloadResult;
}

interface Method {
  /** The parameters: all are optional texts or numbers but those in `required`. */
  readonly params: Readonly<Record<string, 'string' | 'number'>>;
  readonly required?: readonly string[];
  readonly run: (target: AdminTarget, params: Params) => object;
}

type Params = Readonly<Record<'name' | 'target' | 'text' | 'reason', string>> & {
  readonly seconds: number | undefined;
};

const TARGET = { params: { target: 'string' }, required: ['target'] } as const;
const NAME = { params: { name: 'string' }, required: ['name'] } as const;
const SECONDS = { seconds: 'number' } as const;

/** The methods, without their prefix. Each result also has `v`: 1. */
const METHODS: Readonly<Record<string, Method>> = {
  clients: {
    params: {},
    run: ({ admin }) => ({
      clients: admin.clients().map(({ name, since, messagesPerSecond, slowedBy, isMuted, ...client }) => ({
        ...client,
        name: name ?? null,
        since: since.toISOString(),
        messagesPerSecond: Math.round(messagesPerSecond * 100) / 100,
        slowedBy: slowedBy ?? null,
        muted: isMuted,
      })),
    }),
  },
  kick: {
    params: { name: 'string', reason: 'string' },
    required: ['name'],
    run: ({ admin }, { name, reason }) => {
      admin.kick(name, reason);
      return { name };
    },
  },
  ban: {
    ...TARGET,
    params: { target: 'string', ...SECONDS },
    run: ({ admin }, { target, seconds }) => {
      const { ban, disconnected } = admin.ban(target, { seconds });
      return { ban: banJson(ban), disconnected };
    },
  },
  unban: {
    ...TARGET,
    run: ({ admin }, { target }) => {
      admin.unban(target);
      return { target };
    },
  },
  bans: { params: {}, run: ({ admin }) => ({ bans: admin.bans().map(banJson) }) },
  mute: {
    ...NAME,
    params: { name: 'string', ...SECONDS },
    run: ({ admin }, { name, seconds }) => {
      admin.mute(name, { seconds });
      return { name, seconds: seconds ?? null };
    },
  },
  unmute: {
    ...NAME,
    run: ({ admin }, { name }) => {
      admin.unmute(name);
      return { name };
    },
  },
  announce: {
    params: { text: 'string' },
    required: ['text'],
    run: ({ admin }, { text }) => ({ users: admin.announce(text) }),
  },
  rooms: {
    params: {},
    run: ({ admin }) => ({
      rooms: admin
        .rooms()
        .map(({ name, isProtected, members }) => ({ name, protected: isProtected, members })),
    }),
  },
  closeRoom: { ...NAME, run: ({ admin }, { name }) => ({ name, members: admin.closeRoom(name) }) },
  drain: {
    params: SECONDS,
    run: ({ admin }, { seconds }) => ({ users: admin.drain({ seconds }), seconds: seconds ?? null }),
  },
  cancelDrain: { params: {}, run: ({ admin }) => ({ wasDraining: admin.cancelDrain() }) },
  reload: { params: {}, run: (target) => target.reload() },
};

/** Carries out a request. Throws RpcError when it cannot. */
export function callMethod(target: AdminTarget, { method, params }: RpcRequest): object {
  const name = method.startsWith(METHOD_PREFIX) ? method.slice(METHOD_PREFIX.length) : '';
  const known = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (known === undefined) {
    throw new RpcError(RPC_ERRORS.method, `There is no method ${JSON.stringify(method)}.`);
  }
  checkParams(known, params);
  try {
    // Checked above; a missing optional text is undefined, which only `reason` can be.
    return { v: 1, ...known.run(target, params as unknown as Params) };
  } catch (error) {
    throw asRpcError(error);
  }
}

function checkParams({ params: types, required = [] }: Method, params: RpcRequest['params']): void {
  const missing = required.find((name) => params[name] === undefined);
  if (missing !== undefined) throw new RpcError(RPC_ERRORS.params, `The parameter ${missing} is missing.`);
  for (const [name, value] of Object.entries(params)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) {
      throw new RpcError(RPC_ERRORS.params, `There is no parameter ${JSON.stringify(name)} here.`);
    }
    if (typeof value !== type)
      throw new RpcError(RPC_ERRORS.params, `The parameter ${name} must be a ${type}.`);
  }
}

function asRpcError(error: unknown): RpcError {
  if (error instanceof ServerError) {
    const code = error.code === 'OPTION_INVALID' ? RPC_ERRORS.params : RPC_ERRORS.refused;
    return new RpcError(code, error.message, { code: error.code });
  }
  const code = errorCode(error, 'UNKNOWN');
  // From the file system: the list of bans cannot be written.
  return new RpcError(RPC_ERRORS.internal, `The server failed to do this (${code}). Nothing has changed.`, {
    code,
  });
}

function banJson({ kind, target, until }: Ban): object {
  return { kind, target, until: until?.toISOString() ?? null };
}
