import { z } from 'zod';

const seq = z.int().min(1).describe('number of the event; it grows by one with each event of a run');
const receivedAt = z.iso.datetime().describe('when it arrived, as 2026-01-31T12:34:56.789Z');
const sender = z.string().describe('the user');
const text = z.string().describe('the text; it can hold anything, line breaks and controls too');
const time = z.string().describe("HH:MM:SS by the server's clock");
const room = z.string().describe('the room; empty where a 1.1 server does not name it');

/** The parts of a receipt. */
export const RECEIPT = {
  status: z
    .enum(['accepted', 'refused', 'unconfirmed'])
    .describe('accepted: the server took all of it; unconfirmed: it was sent, and may have arrived'),
  reason: z
    .enum(['recipient-offline', 'not-a-member', 'no-answer', 'connection-lost'])
    .nullable()
    .describe('null when accepted'),
  parts: z.int().describe('messages that the text was sent as'),
  acceptedParts: z.int().describe('how many of them the server took'),
};

const PLACE_TYPE = z.enum(['dm', 'room', 'lobby']);

const FILE = {
  offer: z.string().describe('the id of the offer'),
  sender,
  name: z.string().describe('a safe file name, from the one that the sender gave'),
  sha256: z.string().describe('SHA-256 in hex, as the sender says'),
};

/** An error with a code of docs/errors.md or of the system. */
export const CAUSE = z.object({
  code: z.string().nullable(),
  message: z.string(),
  room: z.string().nullable().describe('the room that it is about'),
});

export type Cause = z.infer<typeof CAUSE>;

export const STATE = z
  .enum(['disconnected', 'connecting', 'connected', 'reconnecting', 'disconnecting'])
  .describe('the state of the connection to the server');

/** The events, by their types. */
export const EVENTS = {
  dm: z
    .object({
      type: z.literal('dm'),
      seq,
      receivedAt,
      sender,
      text,
      own: z.boolean().describe('true when the daemon sent it to its own name'),
    })
    .describe('a direct message'),
  room: z
    .object({ type: z.literal('room'), seq, receivedAt, room, sender, text, time })
    .describe('a message in a room'),
  lobby: z
    .object({ type: z.literal('lobby'), seq, receivedAt, sender, text, time })
    .describe('a message to everyone'),
  presence: z
    .object({
      type: z.literal('presence'),
      seq,
      receivedAt,
      sender,
      change: z.enum(['joined', 'left']),
      room: z.string().nullable().describe('null: the server itself'),
      text,
    })
    .describe('another user joined or left'),
  system: z
    .object({ type: z.literal('system'), seq, receivedAt, text })
    .describe('any other text of the server'),
  membership: z
    .object({
      type: z.literal('membership'),
      seq,
      receivedAt,
      room: z.string(),
      change: z.enum(['joined', 'left']),
    })
    .describe('the daemon has joined or left a room'),
  sent: z
    .object({
      type: z.literal('sent'),
      seq,
      receivedAt,
      kind: PLACE_TYPE,
      to: z.string().describe('the user or the room, or "lobby"'),
      text,
      client: z.int().describe('the client that sent it'),
      ...RECEIPT,
    })
    .describe('a client of the daemon has sent a message; only with `own`, and not to that client'),
  state: z
    .object({
      type: z.literal('state'),
      seq,
      receivedAt,
      state: STATE,
      username: z.string(),
      cause: CAUSE.nullable().describe('why there is no connection'),
      attempt: z.int().nullable().describe('the number of the next attempt to connect'),
      delay: z.number().nullable().describe('seconds until then'),
    })
    .describe('the connection to the server has changed'),
  fileOffer: z
    .object({ type: z.literal('fileOffer'), seq, receivedAt, ...FILE, expiresAt: z.iso.datetime() })
    .describe('a user offers a file; only with `files`'),
  fileEnd: z
    .object({
      type: z.literal('fileEnd'),
      seq,
      receivedAt,
      ...FILE,
      status: z.enum(['received', 'declined', 'failed']),
      bytes: z.int().nullable(),
      path: z.string().nullable().describe('where it is, when it was received'),
      error: z.string().nullable().describe('a code of docs/errors.md, when it failed'),
    })
    .describe('an offered file was received or declined, or failed'),
  error: z
    .object({ type: z.literal('error'), seq, receivedAt, cause: CAUSE })
    .describe('something failed that no request waits for, such as joining a room again'),
} as const;

export type EventType = keyof typeof EVENTS;

export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

export const EVENT = z.discriminatedUnion('type', [
  EVENTS.dm,
  EVENTS.room,
  EVENTS.lobby,
  EVENTS.presence,
  EVENTS.system,
  EVENTS.membership,
  EVENTS.sent,
  EVENTS.state,
  EVENTS.fileOffer,
  EVENTS.fileEnd,
  EVENTS.error,
]);

export type DaemonEvent = z.infer<typeof EVENT>;

/** An event of one type. */
export type EventOf<T extends EventType> = DaemonEvent & { readonly type: T };

/** An event before it has its number. */
export type NewEvent = DaemonEvent extends infer E ? (E extends DaemonEvent ? Omit<E, 'seq'> : never) : never;

/** The notifications: their names without the prefix. */
export const NOTIFICATIONS = {
  event: EVENT.describe('an event'),
  lost: z
    .object({
      count: z.int().describe('how many events were not sent'),
      from: z.int().describe('number of the first of them'),
      to: z.int().describe('number of the last of them'),
    })
    .describe('the client has read too slowly; `history` has the events, as long as it keeps them'),
  progress: z
    .object({
      request: z.union([z.string(), z.number()]).describe('the id of the request'),
      stage: z.enum(['hashing', 'waiting', 'offered', 'transferring', 'done']),
      bytes: z.int(),
      totalBytes: z.int().nullable(),
    })
    .describe('the progress of `sendFile` or `acceptFile`, to the client that asked'),
} as const;

export type NotificationOf<N extends keyof typeof NOTIFICATIONS> = z.infer<(typeof NOTIFICATIONS)[N]>;
