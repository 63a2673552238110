export { LOBBY, VISITORS, placeId, placeTitle, type Place, type PlaceId } from './entries/place.js';
export {
  entryBytes,
  isOpen,
  type Delivery,
  type Entry,
  type FileEntry,
  type FileStatus,
  type MessageEntry,
  type NoticeEntry,
  type PresenceChange,
  type PresenceEntry,
} from './entries/entry.js';
export { isFolded, MAX_KEPT_NAMES, presenceText } from './entries/presenceFold.js';
export { MAX_ENTRIES, type Thread } from './entries/thread.js';
export { THEME_NAMES, type ThemeName } from './commands/themeNames.js';
export { isSecret, parseLine, type Command } from './commands/commandLine.js';
export { HELP, KEY_HELP } from './commands/help.js';
export { sorted, type RoomSummary } from './state/lists.js';
export {
  findThread,
  isOnline,
  MAX_DM_THREADS,
  MAX_SCROLLBACK_BYTES,
  peopleIn,
  shownThread,
  startState,
  type ChatStart,
  type ChatState,
  type ConnectionStatus,
  type Search,
  type Spot,
  withinLimit,
} from './state/chatState.js';
export type { ChatAction } from './state/chatAction.js';
export type { ChatEvent, FileChange, Step } from './state/chatEvent.js';
export { completions, type Completions } from './state/completion.js';
export { wordRanges } from './state/calls.js';
export { MAX_HITS } from './update/search.js';
export { update } from './update/update.js';
