import {
  COMMAND_ROWS,
  commandTypeOf,
  usageReasonOf,
  type ClientRequest,
  type CommandType,
  type ServerMessage,
} from '@quietroom/protocol';

/**
 * Replies of one lane come in the order of their requests. The echo of a text for the lobby, or for a room, takes a
 * way of its own through the server: replies to one client only may overtake it.
 */
export type Lane = 'direct' | 'lobby' | 'room';

/** The replies that a request can get. */
export interface ExpectedReply {
  readonly lane: Lane;
  /** Of the reply that names this very request. */
  readonly key: string;
  /** Of a reply that names only a part of it, such as the recipient: many requests can share it. */
  readonly group?: string;
  /** Sent twice in the same words, either reply is true of both. */
  readonly isRepeatable?: boolean;
}

/** The `key` or the `group` of the requests that a message can be the reply to. */
export type ReplyKeys = { readonly key: string } | { readonly group: string };

/** A reply, or all of one group: which field of a request it repeats by which field of its own. */
interface ReplyFields {
  /** `key`: it names one request; `group`: it names a part of it, or more than one command can get it. */
  readonly kind: 'key' | 'group';
  /** The first word of its key. */
  readonly name: string;
  readonly requestFields: readonly string[];
  readonly messageFields: readonly string[];
}

/** The arguments by which the replies to a command tell one request from another. */
const IDENTITIES = new Map<CommandType, ReplyFields>();

/** For each command, the replies that do not name the very request. */
const GROUPS = new Map<CommandType, ReplyFields>();

/** By the name of the reply. */
const REPLIES = new Map<string, ReplyFields>();

const OWNERS = new Map<string, CommandType[]>();
for (const [type, { replies }] of COMMAND_ROWS) {
  for (const reply of Object.keys(replies)) OWNERS.set(reply, [...(OWNERS.get(reply) ?? []), type]);
}

for (const [type, row] of COMMAND_ROWS) {
  const replies = Object.entries(row.replies);
  const own = replies.filter(([reply]) => OWNERS.get(reply)?.length === 1);
  const identity = Object.keys(row.arguments).filter((name) => own.some(([, fields]) => name in fields));
  if (replies.length > 0) IDENTITIES.set(type, replyFields('key', type, identity));
  for (const [reply, fields] of replies) {
    const named = Object.keys(fields);
    const owners = OWNERS.get(reply) ?? [];
    if (owners.length === 1 && named.length === identity.length) {
      REPLIES.set(reply, replyFields('key', type, identity, fields));
    } else {
      const group = replyFields('group', owners.join('|'), named, fields);
      REPLIES.set(reply, group);
      GROUPS.set(type, group);
    }
  }
}

/** Of the bare `/members`: 1.2 replies by its usage line, 1.1 does not know it. */
export const QUESTION_KEY = keyOf(usageReasonOf('members'), []);

/** The reply that a server gives to a request; undefined when it gives none, or none that is known. */
export function expectedReplyOf(request: ClientRequest): ExpectedReply | undefined {
  switch (request.type) {
    case 'empty':
      return undefined;
    case 'usage':
      return { ...expectedUsage(request.command), lane: 'direct', isRepeatable: true };
    case 'unknown':
      return { lane: 'direct', key: unknownKey(request.command), isRepeatable: true };
    default: {
      const identity = IDENTITIES.get(request.type);
      if (identity === undefined) return undefined;
      const lane = request.type === 'lobby' || request.type === 'room' ? request.type : 'direct';
      const key = keyOf(identity.name, identity.requestFields, request);
      const isRepeatable = COMMAND_ROWS.get(request.type)?.isIdempotent ?? false;
      const group = GROUPS.get(request.type);
      if (group === undefined) return { lane, key, isRepeatable };
      return { lane, key, isRepeatable, group: keyOf(group.name, group.requestFields, request) };
    }
  }
}

/** The requests that a message from the server replies to, if it can be a reply to `username`. */
export function replyKeysOf(message: ServerMessage, username: string): ReplyKeys | undefined {
  if ((message.type === 'lobby' || message.type === 'room') && message.name !== username) return undefined;
  if (message.type !== 'refusal') return keysBy(REPLIES.get(message.type), message);
  if (message.reason === 'unknownCommand') return { key: unknownKey(message.word) };
  const reply = REPLIES.get(message.reason);
  if (reply !== undefined) return keysBy(reply, message);
  return message.reason.endsWith('Usage') ? { key: keyOf(message.reason, []) } : undefined;
}

function keysBy(reply: ReplyFields | undefined, message: ServerMessage): ReplyKeys | undefined {
  if (reply === undefined) return undefined;
  const key = keyOf(reply.name, reply.messageFields, message);
  return reply.kind === 'key' ? { key } : { group: key };
}

/** A usage line is also the reply to complete requests where the table says so. */
function expectedUsage(command: Parameters<typeof usageReasonOf>[0]): { key: string; group?: string } {
  const reason = usageReasonOf(command);
  const reply = REPLIES.get(reason);
  const key = keyOf(reason, []);
  if (reply === undefined) return { key };
  const shared = keyOf(reply.name, []);
  return reply.kind === 'key' ? { key: shared } : { key, group: shared };
}

/** A server that does not have a command replies to it, with and without arguments, that it is unknown. */
function unknownKey(command: string): string {
  const type = commandTypeOf(command);
  const row = type && COMMAND_ROWS.get(type);
  if (type === undefined || row === undefined) return `unknown ${command}`;
  return Object.keys(row.arguments).length > 0 ? keyOf(`${type}Usage`, []) : keyOf(type, []);
}

function replyFields(
  kind: ReplyFields['kind'],
  name: string,
  requestFields: readonly string[],
  fields: Readonly<Record<string, string>> = {},
): ReplyFields {
  return { kind, name, requestFields, messageFields: requestFields.map((field) => fields[field] ?? field) };
}

/** Only the last field can hold a line break. */
function keyOf(name: string, fields: readonly string[], source: object = {}): string {
  // The table names no fields but those of the request or the reply.
  const values = source as Readonly<Record<string, string>>;
  let key = name;
  for (const field of fields) key += `\n${values[field]}`;
  return key;
}
