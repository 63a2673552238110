import type { ClientRequest, ServerMessage } from '@quietroom/protocol';
import { COMMAND_ROWS, commandTypeOf, usageReasonOf, type CommandType } from '@quietroom/protocol/internals';

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
  readonly group: string | undefined;
  /** Sent twice in the same words, either reply is true of both. */
  readonly isRepeatable: boolean;
}

/** Keys of groups begin with this, and no others do. */
const GROUP_MARK = '?';

/** Whether a key is that of a group: of a reply that can mean several requests. */
export function isGroupKey(key: string): boolean {
  return key.startsWith(GROUP_MARK);
}

/** A reply, or all of one group: which field of a request it repeats by which field of its own. */
interface ReplyFields {
  /** The first word of its key; with a mark where it names only a part of a request, or more than one command can get it. */
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
  if (replies.length > 0) IDENTITIES.set(type, replyFields(type, identity));
  for (const [reply, fields] of replies) {
    const named = Object.keys(fields);
    const owners = OWNERS.get(reply) ?? [];
    if (owners.length === 1 && named.length === identity.length) {
      REPLIES.set(reply, replyFields(type, identity, fields));
    } else {
      const group = replyFields(GROUP_MARK + owners.join('|'), named, fields);
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
      return expectedUsage(request.command);
    case 'unknown':
      return { lane: 'direct', key: unknownKey(request.command), group: undefined, isRepeatable: true };
    default: {
      const { type } = request;
      const identity = IDENTITIES.get(type);
      if (identity === undefined) return undefined;
      const group = GROUPS.get(type);
      return {
        lane: type === 'lobby' || type === 'room' ? type : 'direct',
        key: keyOf(identity.name, identity.requestFields, request),
        group: group && keyOf(group.name, group.requestFields, request),
        isRepeatable: COMMAND_ROWS.get(type)?.isIdempotent ?? false,
      };
    }
  }
}

/** The lane of the reply that a server gives to a request; undefined when it gives none, or none that is known. */
export function laneOf({ type }: ClientRequest): Lane | undefined {
  switch (type) {
    case 'lobby':
    case 'room':
      return type;
    case 'usage':
    case 'unknown':
      return 'direct';
    default:
      return type !== 'empty' && IDENTITIES.has(type) ? 'direct' : undefined;
  }
}

/** Whether a message to `username` is the reply to requests in these very words; false where only keys can decide. */
export function namesRequest(message: ServerMessage, request: ClientRequest, username: string): boolean {
  if ((message.type === 'lobby' || message.type === 'room') && message.name !== username) return false;
  const reply = REPLIES.get(message.type);
  if (reply === undefined || reply.name !== request.type) return false;
  // The table names no fields but those of the request or the reply.
  const replied = message as Readonly<Record<string, unknown>>;
  const requested = request as Readonly<Record<string, unknown>>;
  let index = 0;
  for (const field of reply.messageFields) {
    const requestField = reply.requestFields[index++];
    if (requestField === undefined || replied[field] !== requested[requestField]) return false;
  }
  return true;
}

/** The key of the requests that a message from the server can be the reply to, if it can be a reply to `username`. */
export function replyKeyOf(message: ServerMessage, username: string): string | undefined {
  if ((message.type === 'lobby' || message.type === 'room') && message.name !== username) return undefined;
  if (message.type !== 'refusal') return keyBy(REPLIES.get(message.type), message);
  if (message.reason === 'unknownCommand') return unknownKey(message.word);
  const reply = REPLIES.get(message.reason);
  if (reply !== undefined) return keyBy(reply, message);
  return message.reason.endsWith('Usage') ? keyOf(message.reason, []) : undefined;
}

function keyBy(reply: ReplyFields | undefined, message: ServerMessage): string | undefined {
  return reply && keyOf(reply.name, reply.messageFields, message);
}

/** A usage line is also the reply to complete requests where the table says so. */
function expectedUsage(command: Parameters<typeof usageReasonOf>[0]): ExpectedReply {
  const reason = usageReasonOf(command);
  const reply = REPLIES.get(reason);
  const shared = reply && keyOf(reply.name, []);
  const isShared = shared !== undefined && isGroupKey(shared);
  return {
    lane: 'direct',
    key: shared === undefined || isShared ? keyOf(reason, []) : shared,
    group: isShared ? shared : undefined,
    isRepeatable: true,
  };
}

/** A server that does not have a command replies to it, with and without arguments, that it is unknown. */
function unknownKey(command: string): string {
  const type = commandTypeOf(command);
  const row = type && COMMAND_ROWS.get(type);
  if (type === undefined || row === undefined) return `unknown ${command}`;
  return Object.keys(row.arguments).length > 0 ? keyOf(`${type}Usage`, []) : keyOf(type, []);
}

function replyFields(
  name: string,
  requestFields: readonly string[],
  fields: Readonly<Record<string, string>> = {},
): ReplyFields {
  return { name, requestFields, messageFields: requestFields.map((field) => fields[field] ?? field) };
}

/** Only the last field can hold a line break. */
function keyOf(name: string, fields: readonly string[], source: object = {}): string {
  // The table names no fields but those of the request or the reply.
  const values = source as Readonly<Record<string, string>>;
  let key = name;
  for (const field of fields) key += '\n' + values[field];
  return key;
}
