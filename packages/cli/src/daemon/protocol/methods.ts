import { z } from 'zod';
import { CAUSE, EVENT, EVENT_TYPES, RECEIPT, STATE } from './events.js';
import { DAEMON_LIMITS } from './limits.js';

const room = z.string().describe('the room, such as "#tea"');
const recipient = z.string().describe('the user or the room; not for the lobby');
const nothing = z.strictObject({});
const v = z.literal(1).describe('version of this result');
const path = z.string().min(1).describe('an absolute path');
const offer = z.string().describe('the id of the offer');
const since = z.int().min(0).describe('the number of the last event that is known');

const STATUS = z.object({
  v,
  protocol: z.literal(1).describe('version of the protocol'),
  version: z.string().describe('version of the program'),
  pid: z.int(),
  run: z
    .string()
    .describe('a random text for this run of the daemon; event numbers start anew with each run'),
  startedAt: z.iso.datetime(),
  client: z.int().describe('the number of this client'),
  clients: z.int().describe('how many clients there are'),
  host: z.string(),
  port: z.int(),
  cert: z.string().describe('path of the pinned certificate'),
  username: z.string().describe('the name on the server'),
  state: STATE,
  cause: CAUSE.nullable().describe('why there is no connection'),
  serverVersion: z.enum(['1.1', '1.2']).nullable().describe('null when it is not known yet'),
  rooms: z.array(z.string()).describe('the rooms that it is in'),
  seq: z.int().describe('number of the last event; 0 when there was none'),
});

const TEXT_OPTIONS = {
  text: z.string(),
  maxParts: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('refuse a text that needs more messages. Default 20'),
};

export interface Method {
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

/** The methods, without their prefix. */
export const METHODS = {
  hello: {
    params: z.strictObject({
      token: z.string().max(128).optional().describe('needed on Windows: see below'),
    }),
    result: STATUS.describe('the daemon and its connection'),
  },
  subscribe: {
    params: z.strictObject({
      since: since.optional().describe('send the events after this number first. Default: only new ones'),
      run: z
        .string()
        .optional()
        .describe('the run that `since` is from; of another run, all events are sent'),
      types: z.array(z.enum(EVENT_TYPES)).optional().describe('only these types. Default: all'),
      own: z.boolean().optional().describe('also what other clients send. Default false'),
      files: z
        .boolean()
        .optional()
        .describe(
          'this client answers offers of files; without such a client they are declined. Default false',
        ),
    }),
    result: z
      .object({
        v,
        run: z.string(),
        seq: z.int().describe('events after this number follow as notifications'),
        missed: z.int().describe('events after `since` that are not kept any more'),
        state: STATE,
        username: z.string(),
        rooms: z.array(z.string()),
      })
      .describe('from now on, events come as notifications'),
  },
  unsubscribe: { params: nothing, result: z.object({ v }) },
  history: {
    params: z.strictObject({
      since,
      run: z.string().optional().describe('as for `subscribe`'),
      limit: z.int().min(1).max(DAEMON_LIMITS.maxHistory).optional().describe('Default: as many as allowed'),
    }),
    result: z
      .object({
        v,
        run: z.string(),
        events: z.array(EVENT),
        missed: z.int().describe('events after `since` that are not kept any more'),
        seq: z.int().describe('`since` for the next call'),
        isComplete: z.boolean().describe('whether there are no further events'),
      })
      .describe('earlier events, oldest first'),
  },
  send: {
    params: z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('dm'),
        to: recipient,
        newlines: z
          .enum(['collapse', 'split'])
          .optional()
          .describe('join the lines with blanks, or send each as a message. Default "collapse"'),
        ...TEXT_OPTIONS,
      }),
      z.strictObject({ type: z.literal('room'), to: recipient, ...TEXT_OPTIONS }),
      z.strictObject({ type: z.literal('lobby'), ...TEXT_OPTIONS }),
    ]),
    result: z.object({ v, ...RECEIPT }).describe('the receipt, when the fate of the message is known'),
  },
  join: {
    params: z.strictObject({
      room,
      password: z.string().optional(),
      temporary: z
        .boolean()
        .optional()
        .describe('leave the room when this client ends, unless another one has joined it. Default false'),
    }),
    result: z.object({ v, room, created: z.boolean().describe('whether this created it') }),
  },
  leave: { params: z.strictObject({ room }), result: z.object({ v, room }) },
  users: { params: nothing, result: z.object({ v, users: z.array(z.string()) }) },
  rooms: {
    params: nothing,
    result: z.object({
      v,
      rooms: z.array(z.object({ name: z.string(), users: z.int(), protected: z.boolean() })),
    }),
  },
  members: {
    params: z.strictObject({ room: z.string().describe('the room, or "lobby"') }),
    result: z.object({ v, members: z.array(z.string()) }),
  },
  rtt: { params: nothing, result: z.object({ v, seconds: z.number() }) },
  sendFile: {
    params: z.strictObject({
      to: z.string(),
      path,
      name: z.string().min(1).optional().describe('the name to offer it under'),
    }),
    result: z
      .object({
        v,
        name: z.string(),
        originalName: z.string(),
        bytes: z.int(),
        sha256: z.string(),
        seconds: z.number(),
      })
      .describe('the file, when the recipient has it'),
  },
  acceptFile: {
    params: z.strictObject({
      offer,
      folder: path.describe('an absolute path; made if it ends with /'),
      name: z.string().min(1).optional().describe('the name in the folder'),
      maxBytes: z.int().min(1).optional().describe('refuse a larger file. Default 1 GiB'),
    }),
    result: z
      .object({
        v,
        name: z.string(),
        path: z.string(),
        bytes: z.int(),
        sha256: z.string(),
        seconds: z.number(),
      })
      .describe('the file, when it is received'),
  },
  declineFile: { params: z.strictObject({ offer }), result: z.object({ v }) },
  cancel: {
    params: z.strictObject({
      request: z.union([z.string(), z.number()]).describe('the id of an open request of this client'),
    }),
    result: z.object({ v, cancelled: z.boolean().describe('false when it is not open') }),
  },
  stop: { params: nothing, result: z.object({ v }).describe('the daemon ends') },
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof METHODS;

/** The parameters of a method. */
export type ParamsOf<M extends MethodName> = z.infer<(typeof METHODS)[M]['params']>;

/** The result of a method, without the version. */
export type ResultOf<M extends MethodName> = Omit<z.infer<(typeof METHODS)[M]['result']>, 'v'>;
