import { trimWhiteSpace, WHITE_SPACE_CLASS } from './whiteSpace.js';

/** The characters of usernames, as the inside of a regular expression's character class. */
export const NAME_CLASS = 'A-Za-z0-9 _.\\-';

/** The longest username that servers accept. */
export const MAX_NAME_BYTES = 32;

/** Servers ignore the bytes of a room's password after these. */
export const MAX_PASSWORD_BYTES = 72;

const USERNAME = new RegExp(`^[${NAME_CLASS}]{1,${MAX_NAME_BYTES}}$`);
const ROOM = new RegExp(`^#[^${WHITE_SPACE_CLASS}]*$`);

/** The username that a server would use, or undefined when it would refuse it. */
export function normalizeUsername(name: string): string | undefined {
  const trimmed = trimWhiteSpace(name);
  return USERNAME.test(trimmed) ? trimmed : undefined;
}

/** True for names that can receive direct messages: a blank would end the name. */
export function isRecipient(name: string): boolean {
  return USERNAME.test(name) && !name.includes(' ');
}

/** True for `#` and any characters but white space. */
export function isRoomName(name: string): boolean {
  return ROOM.test(name);
}
