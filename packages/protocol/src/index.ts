export { Channel, type ChannelEvents, type Defer, type Taken } from './session/channel.js';
export {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  unguardChat,
  type ClientRequest,
  type FormattableRequest,
} from './text/clientRequests.js';
export { DEFAULT_PROTOCOL_VERSION, PROTOCOL_VERSIONS, type ProtocolVersion } from './text/dialects.js';
/** @deprecated Use `ProtocolVersion`. */
export type { ProtocolVersion as Generation } from './text/dialects.js';
export { type Clock, type Cover } from './session/cover.js';
export { type CoverMode, type CoverOption } from './options/coverOption.js';
export { DecoyCover, type DecoyCoverOptions } from './session/decoyCover.js';
/** @deprecated Use `DecoyCover`. */
export {
  DecoyCover as CoverTraffic,
  type DecoyCoverOptions as CoverTrafficOptions,
} from './session/decoyCover.js';
export { PacketDecoder, type DecoderCounters, type Open, type Packet } from './packets/decoder.js';
export { assertDhPublicKey, deriveSessionKey, generateDhKeyPair, type DhKeyPair } from './handshake/dh.js';
export { PacketEncoder, type Sealer, type Write } from './packets/encoder.js';
export { ProtocolError, type ProtocolErrorCode } from './errors.js';
export {
  chunkLength,
  FILE_CHUNK_BYTES,
  FILE_END_PACKET,
  formatFileStart,
  isFileEnd,
  parseFileStart,
  type FileStart,
} from './packets/filePackets.js';
export { makeSignedOffer, type SignedOffer } from './handshake/keyExchange.js';
export { type RoomSummary } from './text/lists.js';
export { isRecipient, isRoomName, normalizeUsername } from './text/names.js';
export { type CallbackOptions } from './callbacks/callbacks.js';
export { FRAGMENT_BYTES, type PaddingShape, type PickInteger } from './packets/padding.js';
export {
  formatServerMessage,
  parseServerMessage,
  type RefusalReason,
  type ServerMessage,
} from './text/serverMessages.js';
export {
  Session,
  type ClientSessionOptions,
  type ServerSessionOptions,
  type SessionCounters,
  type SessionEvent,
  type SessionOptions,
} from './session/session.js';
export { SocketTransport, type RecordSocket, type RecordSource } from './session/socketTransport.js';
export { type Transport, type TransportEvents } from './session/transport.js';
export {
  MAX_CLIENT_TEXT_BYTES,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PACKET_TYPE,
  type PacketType,
} from './packets/packetFormat.js';
export {
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  onAbort,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  Callbacks,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertBoolean,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertFunction,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertInteger,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertMethods,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertObject,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertOneOf,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertRange,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertSeconds,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  assertText,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  OptionError,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  withDefaults,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  Fifo,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  COMMAND_ROWS,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  commandTypeOf,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  helpText,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  usageReasonOf,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  type CommandType,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  isNextPart,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  joinLists,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  listParts,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  type ListMessage,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  encodeUtf8,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  decodeUtf8,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  isWhiteSpace,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  splitWords,
  /** @deprecated Import it from `@quietroom/protocol/internals`. */
  trimWhiteSpace,
} from './internals.js';
