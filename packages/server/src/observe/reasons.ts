/** Reasons why a connection ended. */
export const CLOSE_REASONS = [
  /** The client sent `/quit`. */
  'quit',
  /** The client closed the connection. */
  'ended',
  /** The connection broke; `code` is Node's. */
  'socketError',
  /** The TLS 1.3 handshake failed; `code` is Node's. */
  'tlsFailed',
  /** The client broke the protocol; `code` is that of the `ProtocolError`. */
  'protocolError',
  /** TLS and key exchange took longer than `handshakeTimeout`. */
  'handshakeTimeout',
  /** No login within `loginTimeout`. */
  'loginTimeout',
  'nameTaken',
  'nameInvalid',
  /** No traffic within `idleTimeout`. */
  'idle',
  /** The client sent nothing within `silentTimeout`. */
  'silent',
  /** The client read less than `minReadRate`, and much waited for it: see `maxQueuedBytes`, `maxMemoryBytes`. */
  'queueFull',
  /** `server.admin.kick`. */
  'kicked',
  /** The name or the address is banned. */
  'banned',
  /** A login while the server accepts none: `server.admin.drain`. */
  'draining',
  /** The client sent too much input without messages: see the rejection `junk`. */
  'junk',
  /** The server was closed. */
  'shutdown',
  /** Cut by `server.faults`. */
  'fault',
  /** An error in the server itself, which `error` holds. */
  'internalError',
] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Reasons of rejections; where an option sets the limit, its name. */
export const REJECTION_REASONS = [
  /** `maxConnections` */
  'connections',
  /** `maxConnectionsPerAddress` */
  'connectionsPerAddress',
  /** `maxHandshakes` */
  'handshakes',
  /** `penaltyThreshold` */
  'penalty',
  /** The file descriptors of the process run out, except for a reserve. */
  'descriptors',
  /** A banned address or name: `server.admin.ban`. */
  'banned',
  /** A login while the server accepts none: `server.admin.drain`. */
  'draining',
  /** A message of a muted user: `server.admin.mute`. */
  'muted',
  /** A room's password was wrong. */
  'passwordWrong',
  /** `passwordTries`, `passwordTriesPerAddress` */
  'passwordTries',
  /** `maxMessageBytes` */
  'messageBytes',
  /** `messagesPerSecond`: the client is read more slowly, and notified. */
  'messageRate',
  /** More input without messages than honest clients send: the client is read more slowly, later disconnected. */
  'junk',
  /** `maxRooms` */
  'rooms',
  /** `roomsPerMinute`, `roomsPerMinutePerAddress` */
  'roomRate',
  /** `maxRoomsPerAddress` */
  'roomsPerAddress',
  /** `maxRoomsPerClient` */
  'roomsPerClient',
  /** `maxRoomNameBytes` */
  'roomName',
  /** `maxFileBytes` is 0 */
  'files',
  /** `maxOffersPerSender` */
  'offersPerSender',
  /** `maxOffersPerRecipient` */
  'offersPerRecipient',
  /** `maxOffers` */
  'offers',
  /** `offersPerMinute` */
  'offerRate',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** The ways in which an offer, or the transfer of a file, ends. */
export const TRANSFER_ENDS = [
  /** The sender has sent `FILE_END`. The recipient checks the hash. */
  'completed',
  /** By the recipient, before it was accepted. */
  'declined',
  /** By the sender, before or after it was accepted. */
  'withdrawn',
  /** By the recipient, after it was accepted. */
  'stopped',
  /** Not accepted within 5 minutes. */
  'expired',
  /** The sender did not begin within 10 minutes after `BEGIN_SEND`. */
  'timedOut',
  'senderGone',
  'recipientGone',
  /** The sender sent nothing within `transferStallTimeout`. */
  'senderStalled',
  /** The recipient read nothing within `transferStallTimeout`. */
  'recipientStalled',
  /** The announced size is not a positive integer. */
  'sizeInvalid',
  /** The announced size is over `maxFileBytes`. */
  'tooLarge',
  /** The sender sent more than it announced. */
  'tooMuch',
] as const;

export type TransferEnd = (typeof TRANSFER_ENDS)[number];

/** The state of a transfer. */
export type TransferStep =
  | { readonly state: 'offered' | 'accepted' | 'running' }
  | { readonly state: 'over'; readonly end: TransferEnd };
