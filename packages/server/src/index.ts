export type { CallbackOptions } from './callbacks.js';
export type { IdentityPems } from './certificate.js';
export type { Clock } from './clock.js';
export { ServerError, type ServerErrorCode } from './errors.js';
export type { ServerFaults } from './faults.js';
export type { LimitOptions } from './limits.js';
export { isSecurityEntry, type CloseReason, type Log, type LogEntry } from './log.js';
export {
  checkOptions,
  RELOADABLE_DEFAULTS,
  type DecoyOptions,
  type ReloadableOptions,
  type ServerOptions,
} from './options.js';
export type { RefusalReason } from './refusals.js';
export { QuietRoomServer } from './server.js';
export type {
  ChatMessage,
  FileTransfer,
  MessageCallback,
  PresenceCallback,
  TransferCallback,
} from './serverEvents.js';
export type { ServerStats } from './stats.js';
export type { TransferEnd } from './transferEnds.js';
