export { Channel, type ChannelEvents, type Defer, type Taken } from './session/channel.js';
export {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  unguardChat,
  type ClientRequest,
  type FormattableRequest,
} from './text/clientRequests.js';
export { COMMAND_ROWS, commandTypeOf, helpText, usageReasonOf, type CommandType } from './text/commands.js';
export { DEFAULT_PROTOCOL_VERSION, PROTOCOL_VERSIONS, type ProtocolVersion } from './text/dialects.js';
/** @deprecated Use `ProtocolVersion`. */
export type { ProtocolVersion as Generation } from './text/dialects.js';
export { CoverTraffic, type Clock, type CoverTrafficOptions } from './session/coverTraffic.js';
export { PacketDecoder, type DecoderCounters, type Open, type Packet } from './packets/decoder.js';
export { assertDhPublicKey, deriveSessionKey, generateDhKeyPair, type DhKeyPair } from './handshake/dh.js';
export { PacketEncoder, type Sealer, type Write } from './packets/encoder.js';
export { ProtocolError, type ProtocolErrorCode } from './errors.js';
export { Fifo } from './packets/fifo.js';
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
export { isNextPart, joinLists, listParts, type ListMessage, type RoomSummary } from './text/lists.js';
export {
  isRecipient,
  isRoomName,
  MAX_NAME_BYTES,
  MAX_PASSWORD_BYTES,
  normalizeUsername,
} from './text/names.js';
export { onAbort } from './callbacks/abort.js';
export { Callbacks, type CallbackOptions } from './callbacks/callbacks.js';
export {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  MAX_SECONDS,
  OptionError,
  withDefaults,
} from './options/optionChecks.js';
export {
  CELL_BYTES,
  FRAGMENT_BYTES,
  PADDING_SHAPE_NAMES,
  PADDING_SHAPES,
  type PaddingShape,
  type PickInteger,
} from './packets/padding.js';
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
export { decodeUtf8, encodeUtf8 } from './text/utf8.js';
export { isWhiteSpace, splitWords, trimWhiteSpace } from './text/whiteSpace.js';
export {
  MAX_CLIENT_DATA_BYTES,
  MAX_CLIENT_TEXT_BYTES,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PACKET_OVERHEAD_BYTES,
  PACKET_TYPE,
  type PacketType,
} from './packets/packetFormat.js';
