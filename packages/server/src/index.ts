export type { CallbackOptions, PaddingShape } from '@quietroom/protocol';
export type { IdentityPems } from './identity/certificate.js';
export type { Clock } from './time/clock.js';
export { ServerError, type ServerErrorCode } from './errors.js';
export type { Ban } from './admin/bans.js';
export type { BanTarget } from './admin/banTarget.js';
export type { ServerAdmin } from './admin/serverAdmin.js';
export type { ClientView, RoomView, SlowedBy } from './admin/views.js';
export type { ServerFaults } from './faults/faults.js';
export type { LimitOptions } from './options/limits.js';
export { isSecurityEntry, type AdminAct, type AdminEntry, type Log, type LogEntry } from './observe/log.js';
export {
  checkOptions,
  RELOADABLE_DEFAULTS,
  type DecoyOptions,
  type ReloadableOptions,
  type ServerOptions,
} from './options/options.js';
export type {
  CloseReason,
  RejectionReason,
  /** @deprecated Use `RejectionReason`. */
  RejectionReason as RefusalReason,
  TransferEnd,
} from './observe/reasons.js';
export { QuietRoomServer } from './server.js';
export type {
  ChatMessage,
  FileTransfer,
  MessageCallback,
  PresenceCallback,
  TransferCallback,
} from './observe/events.js';
export type { ServerStats } from './stats.js';
