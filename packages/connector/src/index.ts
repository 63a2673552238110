export type { CallbackOptions } from './callbacks.js';
export type { Clock } from './clock.js';
export type { ConnectorConfig } from './config.js';
export { QuietRoomConnector, type CallOptions, type JoinResult, type SendOptions } from './connector.js';
export type { Dial, DialTarget } from './dialStream.js';
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
  PresenceEvent,
  RoomMessageEvent,
  SystemEvent,
} from './events.js';
export type { AcceptFileOptions, FileOffer, ReceivedFile } from './files/fileOffer.js';
export type { SendFileOptions } from './files/fileOptions.js';
export type { FileSource } from './files/fileSource.js';
export type { FileTarget } from './files/fileTarget.js';
export type { SentFile } from './files/outgoingFiles.js';
export type { FileProgress, FileStage } from './files/progress.js';
export type { FileTransfer } from './files/transferPromise.js';
export type { ConnectorState, StateChange } from './lifecycle.js';
export type { Log, LogEntry } from './log.js';
export type { Receipt, RefusedReason, UnconfirmedReason } from './receipts.js';
export type { ReconnectContext, ReconnectOptions } from './reconnectPolicy.js';
export type { ConnectorStats } from './stats.js';
export type { Newlines } from './texts.js';
export type { RoomSummary } from '@quietroom/protocol';
