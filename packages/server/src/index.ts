export type { IdentityPems } from './certificate.js';
export type { Clock } from './clock.js';
export { ServerError, type ServerErrorCode } from './errors.js';
export type { CloseReason, Log, LogEntry } from './log.js';
export type { ServerOptions } from './options.js';
export { QuietRoomServer } from './server.js';
