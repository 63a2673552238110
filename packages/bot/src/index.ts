export { requirePassphrase } from './auth/requirePassphrase.js';
export type { AuthorisationOptions } from './auth/requireSecret.js';
export { requireTotp } from './auth/requireTotp.js';
export { Bot, type BotStats, type ErrorHandler } from './bot.js';
export {
  arg,
  type Argument,
  type ArgumentDefinitions,
  type ArgumentOptions,
  type ArgumentValues,
} from './commands/argument.js';
export type { Handler, Next } from './composer/chain.js';
export type { CommandOptions } from './composer/command.js';
export {
  Composer,
  type CommandContext,
  type InstalledPlugin,
  type MatchContext,
  type Plugin,
} from './composer/composer.js';
export type { CommandCall } from './context/addressing.js';
export type {
  AskOptions,
  ChatEvent,
  Context,
  DmContext,
  LobbyContext,
  RoomContext,
} from './context/context.js';
export { from, inDm, inLobby, inRoom, mentioned } from './context/filters.js';
export { BotError, NoAnswerError, ReplyError, type BotErrorCode } from './errors.js';
export type { BotOptions, SessionOptions } from './options.js';
export { FileSessionStorage } from './presence/fileSessionStorage.js';
export type { Presence } from './presence/presence.js';
export type { SessionStorage, StoredSession } from './presence/sessionStorage.js';
export type { Duration } from './time/duration.js';
