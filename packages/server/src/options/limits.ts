import {
  assertInteger,
  assertSeconds,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
} from '@quietroom/protocol';

/**
 * What a client may take of the server. Every limit is on by default, and all of them can be changed while
 * the server runs: see `QuietRoomServer.reload`. Durations are in seconds, sizes in bytes.
 */
export interface LimitOptions {
  /** Seconds from the TCP connection to the end of the key exchange; then it is closed. Default 10. */
  handshakeTimeout?: number;
  /** Seconds from the TCP connection to the login; then the client is told and closed. Default 60. */
  loginTimeout?: number;
  /**
   * Seconds without traffic after which a user is told and closed; checked every minute. What comes from the
   * client counts, and what the network has taken for it: messages, broadcasts, decoys. Default 180.
   */
  idleTimeout?: number;
  /**
   * Seconds after which a user from whom nothing at all has come is told and closed, whatever is sent there;
   * checked every minute. It frees the names of those whose cable was cut while decoys are sent to them. 0 for
   * never, the default: a client that neither sends decoys nor keep-alives would be closed while it listens.
   */
  silentTimeout?: number;
  /** Connections in all; more are closed before TLS. Default 4096. */
  maxConnections?: number;
  /**
   * Connections from one address; more are closed before TLS. The addresses of an IPv6 network of 64 bits
   * count as one. Default 64.
   */
  maxConnectionsPerAddress?: number;
  /** Connections that have not logged in; more are closed before TLS. Default 512. */
  maxHandshakes?: number;
  /**
   * The longest text that is relayed, in bytes of UTF-8 with the server's prefix; who sends more is told, and
   * nobody gets it. At most 32,740. Default 4068: on more, terminal clients of 1.x disconnect.
   */
  maxMessageBytes?: number;
  /**
   * Texts that a client may send in a second, for long; one counts once more for every ten users that it goes to.
   * Each 16 KiB of a file that is relayed pay for one. Who sends more is told once a minute and read more slowly;
   * nothing is lost. Default 500.
   */
  messagesPerSecond?: number;
  /** Texts that a client may send at once before `messagesPerSecond` holds. Default 20,000. */
  messageBurst?: number;
  /**
   * Rooms in all, empty ones too. The one that has been empty for longest makes way for a new one, open ones before
   * those with a password. Default 1000.
   */
  maxRooms?: number;
  /** The same for the rooms that were created from one address. Default 200. */
  maxRoomsPerAddress?: number;
  /** Rooms that a client may create in a minute, for long, and also at once. Default 60. */
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
   * Seconds for which a room without members keeps its password; checked every minute. Afterwards whoever
   * comes first creates it anew. Default 86,400: a day.
   */
  protectedRoomTimeout?: number;
  /**
   * Wrong passwords of one client for one room: each after the first is answered later than the one before
   * (1, 2, 4, 8 seconds and so on, at most 30), and after so many further tries are refused unchecked for
   * `passwordLockout`. Default 5.
   */
  passwordTries?: number;
  /** The same for all clients of one address together, without the delays. Default 20. */
  passwordTriesPerAddress?: number;
  /** Seconds for which tries count and refusals last, from the last wrong password on. Default 600. */
  passwordLockout?: number;
  /** Largest file that may be sent, in bytes, as its sender announces it; 0: none may. Default 4 GiB. */
  maxFileBytes?: number;
  /** Files that a client may have offered, accepted ones that are not over yet too. Default 16. */
  maxOffersPerSender?: number;
  /** Files that may be offered to a client, accepted ones that are not over yet too. Default 32. */
  maxOffersPerRecipient?: number;
  /** The same for all clients together. Default 4096. */
  maxOffers?: number;
  /** Files that a client may offer in a minute, for long, and also at once. Default 60. */
  offersPerMinute?: number;
  /**
   * Seconds after which a transfer ends when its sender sends nothing, or its recipient takes nothing; both are
   * told. Default 30.
   */
  transferStallTimeout?: number;
  /**
   * A client for which more bytes wait, because it does not read, is told and closed. What waits for it is
   * discarded. Files do not count: for a client that does not take a file, its sender is not read. At least
   * 1 MiB. Default 8 MiB.
   */
  maxQueuedBytes?: number;
}

export const LIMIT_DEFAULTS: Readonly<Required<LimitOptions>> = {
  handshakeTimeout: 10,
  loginTimeout: 60,
  idleTimeout: 180,
  silentTimeout: 0,
  maxConnections: 4096,
  maxConnectionsPerAddress: 64,
  maxHandshakes: 512,
  maxMessageBytes: MAX_CLIENT_TEXT_BYTES,
  messagesPerSecond: 500,
  messageBurst: 20_000,
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
  maxQueuedBytes: 8 * 1024 * 1024,
};

const SECONDS = [
  'handshakeTimeout',
  'loginTimeout',
  'idleTimeout',
  'emptyRoomTimeout',
  'protectedRoomTimeout',
  'passwordLockout',
  'transferStallTimeout',
] as const;

const COUNTS = [
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxHandshakes',
  'messagesPerSecond',
  'messageBurst',
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

/** Shorter ones could not even hold a word behind the longest name. */
const LEAST_MESSAGE_BYTES = 128;

/** Less could be sent to a good reader in one turn of the event loop. */
const LEAST_QUEUE_BYTES = 1_048_576;

/** @throws OptionError `OPTION_INVALID` */
export function checkLimits(limits: Readonly<Required<LimitOptions>>): void {
  for (const name of SECONDS) assertSeconds(name, limits[name]);
  if (limits.silentTimeout !== 0) assertSeconds('silentTimeout', limits.silentTimeout);
  for (const name of COUNTS) assertInteger(name, limits[name], 1, MAX_COUNT);
  assertInteger('maxMessageBytes', limits.maxMessageBytes, LEAST_MESSAGE_BYTES, MAX_PLAINTEXT_BYTES);
  assertInteger('maxRoomNameBytes', limits.maxRoomNameBytes, 2, 1024);
  assertInteger('maxFileBytes', limits.maxFileBytes, 0, Number.MAX_SAFE_INTEGER);
  assertInteger('maxQueuedBytes', limits.maxQueuedBytes, LEAST_QUEUE_BYTES, Number.MAX_SAFE_INTEGER);
}
