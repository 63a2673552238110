export type { CallbackOptions } from '@quietroom/protocol';
export { systemClock, type Clock } from './time/clock.js';
export type { ConnectorConfig } from './options/config.js';
export type { CoverOptions } from './options/coverOptions.js';
export type { CoverMode } from '@quietroom/protocol';
export { QuietRoomConnector, type CallOptions, type JoinResult, type SendOptions } from './connector.js';
export type { Dial, DialTarget } from './options/dialHook.js';
export {
  CONNECTOR_ERROR_CODES,
  ConnectionLostError,
  ConnectorError,
  FileTransferError,
  LoginError,
  RoomError,
  SecurityError,
  type ConnectorErrorCode,
} from './errors.js';
export type {
  AnswerEvent,
  DmEvent,
  FileOfferEvent,
  LobbyMessageEvent,
  MessageEvent,
  MessageEventOf,
  PresenceEvent,
  RoomMessageEvent,
  SystemEvent,
} from './events/events.js';
export type { AcceptFileOptions, FileOffer, ReceivedFile } from './files/transfer/fileOffer.js';
export type { SendFileOptions } from './files/transfer/fileOptions.js';
export type { FileSource } from './files/source/fileSource.js';
export type { FileTarget } from './files/target/fileTarget.js';
export type { SentFile } from './files/transfer/outgoingFiles.js';
export type { FileProgress, FileStage } from './files/transfer/progress.js';
export type { FileTransfer } from './files/transfer/progress.js';
export type { ConnectorState, StateChange } from './observe/state.js';
export type { Log, LogEntry } from './observe/log.js';
export type { Receipt, RefusedReason, UnconfirmedReason } from './requests/receipts.js';
export type { ReconnectContext, ReconnectOptions } from './options/backoff.js';
export type { ConnectorStats, SteadyStats } from './observe/stats.js';
export type { Newlines } from './messages/messageText.js';
export type { PaddingShape, ProtocolVersion, RoomSummary } from '@quietroom/protocol';
