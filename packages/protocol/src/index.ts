export { Channel, type ChannelEvents, type Defer, type Taken } from './channel.js';
export {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  unguardChat,
  type ClientRequest,
  type FormattableRequest,
  type Generation,
} from './clientRequests.js';
export { CoverTraffic, type Clock, type CoverTrafficOptions } from './coverTraffic.js';
export { PacketDecoder, type DecoderCounters, type Open, type Packet } from './decoder.js';
export { assertDhPublicKey, deriveSessionKey, generateDhKeyPair, type DhKeyPair } from './dh.js';
export { PacketEncoder, type Sealer, type Write } from './encoder.js';
export { ProtocolError, type ProtocolErrorCode } from './errors.js';
export { Fifo } from './fifo.js';
export {
  chunkLength,
  FILE_CHUNK_BYTES,
  FILE_END_PACKET,
  formatFileStart,
  isFileEnd,
  parseFileStart,
  type FileStart,
} from './filePackets.js';
export { makeSignedOffer, type SignedOffer } from './keyExchange.js';
export { isRecipient, isRoomName, normalizeUsername } from './names.js';
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
  OptionError,
  withDefaults,
} from './options.js';
export { FRAGMENT_BYTES, type PaddingShape, type PickInteger } from './padding.js';
export {
  formatServerMessage,
  parseServerMessage,
  type RefusalReason,
  type RoomSummary,
  type ServerMessage,
} from './serverMessages.js';
export {
  Session,
  type ClientSessionOptions,
  type ServerSessionOptions,
  type SessionCounters,
  type SessionEvent,
  type SessionOptions,
} from './session.js';
export { SocketTransport, type RecordSocket, type RecordSource } from './socketTransport.js';
export { type Transport, type TransportEvents } from './transport.js';
export { isWhiteSpace, splitWords, trimWhiteSpace } from './whiteSpace.js';
export {
  MAX_CLIENT_TEXT_BYTES,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PACKET_TYPE,
  type PacketType,
} from './wire.js';
