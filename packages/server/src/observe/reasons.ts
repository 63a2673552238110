/** Why a connection ended. */
export const CLOSE_REASONS = [
  /** The client sent `/quit`. */
  'quit',
  /** The client closed the connection. */
  'ended',
  /** The connection broke; `code` is Node's. */
  'socketError',
  /** No TLS 1.3 connection came about; `code` is Node's. */
  'tlsFailed',
  /** The client broke the protocol; `code` is that of the `ProtocolError`. */
  'protocolError',
  /** TLS and key exchange took longer than `handshakeTimeout`. */
  'handshakeTimeout',
  /** No login within `loginTimeout`. */
  'loginTimeout',
  'nameTaken',
  'nameInvalid',
  /** No traffic for `idleTimeout`. */
  'idle',
  /** Nothing came from the client for `silentTimeout`. */
  'silent',
  /** The client read less than `minReadRate`, and much waited for it: see `maxQueuedBytes`, `maxMemoryBytes`. */
  'queueFull',
  /** `server.admin.kick`. */
  'kicked',
  /** The name or the address is banned. */
  'banned',
  /** A login while the server accepts none: `server.admin.drain`. */
  'draining',
  /** The client sent too much that carries no message: see the rejection `junk`. */
  'junk',
  /** The server was closed. */
  'shutdown',
  /** Cut by `server.faults`. */
  'fault',
  /** A mistake in the server itself; `error` holds it. */
  'internalError',
] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

/** What is refused because of a limit, by the limit. */
export const REJECTION_REASONS = [
  /** `maxConnections` */
  'connections',
  /** `maxConnectionsPerAddress` */
  'connectionsPerAddress',
  /** `maxHandshakes` */
  'handshakes',
  /** The file descriptors of the process, of which some are kept for other things. */
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
  /** `messagesPerSecond`: read more slowly, and told so. */
  'messageRate',
  /** Input that carries no message, above what honest clients send: read more slowly, later disconnected. */
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

/** How the offer of a file, or its transfer, can end. */
export const TRANSFER_ENDS = [
  /** The sender has sent `FILE_END`. Whether the file is whole its hash tells the recipient. */
  'completed',
  /** By the recipient, before it was accepted. */
  'declined',
  /** By the sender, before or after it was accepted. */
  'withdrawn',
  /** By the recipient, after it was accepted. */
  'stopped',
  /** Not accepted within 5 minutes. */
  'expired',
  /** Not begun within 10 minutes after the sender was told to. */
  'timedOut',
  'senderGone',
  'recipientGone',
  /** Nothing came from the sender for `transferStallTimeout`. */
  'senderStalled',
  /** The recipient took nothing for `transferStallTimeout`. */
  'recipientStalled',
  /** The announced size is no whole number over 0. */
  'sizeInvalid',
  /** The announced size is over `maxFileBytes`. */
  'tooLarge',
  /** More came than was announced. */
  'tooMuch',
] as const;

export type TransferEnd = (typeof TRANSFER_ENDS)[number];

/** What is told of each transfer when it takes a step. */
export type TransferStep =
  | { readonly state: 'offered' | 'accepted' | 'running' }
  | { readonly state: 'over'; readonly end: TransferEnd };
