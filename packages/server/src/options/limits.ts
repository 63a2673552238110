import { MAX_CLIENT_TEXT_BYTES, MAX_PLAINTEXT_BYTES } from '@quietroom/protocol';
import { assertInteger, assertSeconds, OptionError } from '@quietroom/protocol/internals';

/**
 * Limits on what clients can use. All are on by default and can be changed while
 * the server runs: see `QuietRoomServer.reload`. Durations are in seconds, sizes in bytes.
 */
export interface LimitOptions {
  /** Seconds from the TCP connection to the end of the key exchange; then it is closed. Default 10. */
  handshakeTimeout?: number;
  /** Seconds from the TCP connection to the login; then the client is notified and disconnected. Default 60. */
  loginTimeout?: number;
  /**
   * Seconds without traffic after which a user is notified and disconnected; checked every minute. Traffic from the
   * client counts, and data that its network connection has accepted: messages, broadcasts, decoys. Default 180.
   */
  idleTimeout?: number;
  /**
   * Seconds after which a user who has sent nothing is notified and disconnected, whatever was sent to them;
   * checked every minute. It frees the names of clients that were cut off while decoys are sent to them. 0 for
   * never, the default: a client that sends neither decoys nor keep-alives would be closed while it listens.
   */
  silentTimeout?: number;
  /** Connections in total; further ones are closed before TLS. Default 4096. */
  maxConnections?: number;
  /**
   * Connections from one address; further ones are closed before TLS. The addresses of a 64-bit IPv6 network
   * count as one. Default 64.
   */
  maxConnectionsPerAddress?: number;
  /** Connections without a login; further ones are closed before TLS. Default 512. */
  maxHandshakes?: number;
  /**
   * Failed handshakes, logins that do not come, junk, too many wrong passwords and the like add 5 to 120 seconds of
   * penalty to their address, which pass with time. While so many are left, connections from there are closed before
   * TLS. 0 switches that off. Default 60.
   */
  penaltyThreshold?: number;
  /** The most seconds of penalty that add up; more than `penaltyThreshold`. Default 600. */
  maxPenalty?: number;
  /**
   * The longest relayed text in bytes of UTF-8, with the server's prefix. The sender of a longer one is notified, and
   * it is not relayed. At most 32,740. Default 4068: 1.x terminal clients disconnect on more.
   */
  maxMessageBytes?: number;
  /**
   * Texts per second that a client may send in the long run; a text counts once more for every ten recipients.
   * So does one for every 16 TLS records and every 8 KiB. Each 16 KiB of a relayed file earn one. A client above the rate is notified once a minute and read more slowly;
   * nothing is lost. Default 500.
   */
  messagesPerSecond?: number;
  /** Texts that a client may send at once before `messagesPerSecond` applies. Default 50,000. */
  messageBurst?: number;
  /**
   * Messages per second that all clients together can send to the lobby or to one room in the long run. In a place of
   * more than 15 members fewer are allowed, in proportion, and each further 512 bytes of a message count once more.
   * Above it senders take turns; those below 10 messages a second never wait. Default 1000.
   */
  placeMessagesPerSecond?: number;
  /** The same at once, before `placeMessagesPerSecond` applies. Default 2000. */
  placeMessageBurst?: number;
  /**
   * Rooms in total, with empty ones. The room that has been empty longest makes way for a new one, open ones before
   * those with a password. Default 1000.
   */
  maxRooms?: number;
  /** The same for the rooms that were created from one address. Default 200. */
  maxRoomsPerAddress?: number;
  /** Rooms that a client may create per minute, and at once. Default 60. */
  roomsPerMinute?: number;
  /** The same for all clients of one address together. Default 240. */
  roomsPerMinutePerAddress?: number;
  /** Rooms that a client may be in at once. Default 50. */
  maxRoomsPerClient?: number;
  /** Longest name of a new room, in bytes of UTF-8 with the `#`. Default 64. */
  maxRoomNameBytes?: number;
  /** Seconds for which an open room without members is kept; checked every minute. Default 300. */
  emptyRoomTimeout?: number;
  /**
   * Seconds for which a room without members keeps its password; checked every minute. Then the next user
   * to join creates it again. Default 86,400: a day.
   */
  protectedRoomTimeout?: number;
  /**
   * Wrong passwords of one client for one room. Replies after the first are delayed more and more
   * (1, 2, 4, 8 seconds and so on, at most 30). After this many, further attempts are refused unchecked for
   * `passwordLockout`. Default 5.
   */
  passwordTries?: number;
  /** The same for all clients of one address together, without the delays. Default 20. */
  passwordTriesPerAddress?: number;
  /** Seconds for which attempts count and refusals last, from the last wrong password. Default 600. */
  passwordLockout?: number;
  /** Largest file in bytes, as announced by its sender; 0 allows none. Default 4 GiB. */
  maxFileBytes?: number;
  /** Open offers and running transfers from one client. Default 16. */
  maxOffersPerSender?: number;
  /** Open offers and running transfers to one client. Default 32. */
  maxOffersPerRecipient?: number;
  /** The same for all clients together. Default 4096. */
  maxOffers?: number;
  /** Files that a client may offer per minute, and at once. Default 60. */
  offersPerMinute?: number;
  /**
   * Seconds after which a stalled transfer ends, because its sender sends or its recipient accepts nothing; both are
   * notified. Default 30.
   */
  transferStallTimeout?: number;
  /**
   * The most bytes that wait for one client to read them. From an eighth of it on, clients that send more to it than
   * 20 messages a second wait until it has read; when it is full, all senders do. Files do not count: when a client
   * does not accept a file, reading from its sender stops. At least 1 MiB. Default 8 MiB.
   */
  maxQueuedBytes?: number;
  /**
   * Bytes per second that a client must read, measured over 2 seconds, while more than an eighth of `maxQueuedBytes`
   * waits for it; one that reads less is notified and disconnected, and what waits is discarded. Default 32,768.
   */
  minReadRate?: number;
  /**
   * The most bytes that are kept of what a client has sent while its requests wait: because it is above its rate, waits
   * for a slow reader, or for a password. Then the server does not read it until they are half. At least 64 KiB.
   * Default 16 MiB.
   */
  maxInputBytes?: number;
  /**
   * The most bytes that the server holds for all clients together, sent and received. From three quarters of it on,
   * 64 KiB count as much that waits for a client, no more than that is kept of what a client has sent, and clients that
   * read less than `minReadRate` are disconnected, the ones with most waiting first. At least 16 MiB. Default 256 MiB.
   */
  maxMemoryBytes?: number;
}

export const LIMIT_DEFAULTS: Readonly<Required<LimitOptions>> = {
  handshakeTimeout: 10,
  loginTimeout: 60,
  idleTimeout: 180,
  silentTimeout: 0,
  maxConnections: 4096,
  maxConnectionsPerAddress: 64,
  maxHandshakes: 512,
  penaltyThreshold: 60,
  maxPenalty: 600,
  maxMessageBytes: MAX_CLIENT_TEXT_BYTES,
  messagesPerSecond: 500,
  messageBurst: 50_000,
  placeMessagesPerSecond: 1000,
  placeMessageBurst: 2000,
  maxRooms: 1000,
  maxRoomsPerAddress: 200,
  roomsPerMinute: 60,
  roomsPerMinutePerAddress: 240,
  maxRoomsPerClient: 50,
  maxRoomNameBytes: 64,
  emptyRoomTimeout: 300,
  protectedRoomTimeout: 86_400,
  passwordTries: 5,
  passwordTriesPerAddress: 20,
  passwordLockout: 600,
  maxFileBytes: 4 * 1024 ** 3,
  maxOffersPerSender: 16,
  maxOffersPerRecipient: 32,
  maxOffers: 4096,
  offersPerMinute: 60,
  transferStallTimeout: 30,
  maxQueuedBytes: 8 * 1024 ** 2,
  minReadRate: 32_768,
  maxInputBytes: 16 * 1024 ** 2,
  maxMemoryBytes: 256 * 1024 ** 2,
};

const SECONDS = [
  'handshakeTimeout',
  'loginTimeout',
  'idleTimeout',
  'emptyRoomTimeout',
  'protectedRoomTimeout',
  'passwordLockout',
  'maxPenalty',
  'transferStallTimeout',
] as const;

const COUNTS = [
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxHandshakes',
  'messagesPerSecond',
  'messageBurst',
  'placeMessagesPerSecond',
  'placeMessageBurst',
  'maxRooms',
  'maxRoomsPerAddress',
  'roomsPerMinute',
  'roomsPerMinutePerAddress',
  'maxRoomsPerClient',
  'passwordTries',
  'passwordTriesPerAddress',
  'maxOffersPerSender',
  'maxOffersPerRecipient',
  'maxOffers',
  'offersPerMinute',
] as const;

const MAX_COUNT = 1_000_000;

/** Less could not hold a word after the longest name. */
const LEAST_MESSAGE_BYTES = 128;

/** A client that reads can be sent this much in one turn of the event loop. */
const LEAST_QUEUE_BYTES = 1_048_576;

/** Several records fit. */
const LEAST_INPUT_BYTES = 65_536;

/** A full queue, and room for the other clients. */
const LEAST_MEMORY_BYTES = 16 * 1024 ** 2;

/** @throws OptionError `OPTION_INVALID` */
export function checkLimits(limits: Readonly<Required<LimitOptions>>): void {
  for (const name of SECONDS) assertSeconds(name, limits[name]);
  for (const name of ['silentTimeout', 'penaltyThreshold'] as const) {
    if (limits[name] !== 0) assertSeconds(name, limits[name]);
  }
  if (limits.penaltyThreshold !== 0 && limits.maxPenalty <= limits.penaltyThreshold) {
    throw new OptionError(
      'OPTION_INVALID',
      'The option maxPenalty must be greater than penaltyThreshold: otherwise no address is ever refused.',
      'maxPenalty',
    );
  }
  for (const name of COUNTS) assertInteger(name, limits[name], 1, MAX_COUNT);
  assertInteger('maxMessageBytes', limits.maxMessageBytes, LEAST_MESSAGE_BYTES, MAX_PLAINTEXT_BYTES);
  assertInteger('maxRoomNameBytes', limits.maxRoomNameBytes, 2, 1024);
  assertInteger('maxFileBytes', limits.maxFileBytes, 0, Number.MAX_SAFE_INTEGER);
  assertInteger('maxQueuedBytes', limits.maxQueuedBytes, LEAST_QUEUE_BYTES, Number.MAX_SAFE_INTEGER);
  assertInteger('minReadRate', limits.minReadRate, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('maxInputBytes', limits.maxInputBytes, LEAST_INPUT_BYTES, Number.MAX_SAFE_INTEGER);
  assertInteger('maxMemoryBytes', limits.maxMemoryBytes, LEAST_MEMORY_BYTES, Number.MAX_SAFE_INTEGER);
}
