/** Text that is not a command: for a room, or for where its sender is. */
type Chat =
  | { readonly type: 'lobby'; readonly text: string }
  | { readonly type: 'room'; readonly room: string; readonly text: string };

/** How a version reads what clients send, beyond the commands that it has. */
interface Dialect {
  /** How a text begins that may be read as a message for a room; absent where none is. */
  readonly roomPrefix?: RegExp;
  /** Of a text that is trimmed, not empty, and not a command. */
  parseChat(text: string): Chat;
}

const ROOM_MESSAGE = /^\[(#[^]*?)\] ([^]+)$/;

/** The protocol versions that servers in use speak, oldest first. */
export const DIALECTS = {
  '1.1': {
    parseChat: (text) => ({ type: 'lobby', text }),
  },
  '1.2': {
    roomPrefix: /\[#/,
    parseChat(text) {
      const [, room, roomText] = ROOM_MESSAGE.exec(text) ?? [];
      return room !== undefined && roomText !== undefined
        ? { type: 'room', room, text: roomText }
        : { type: 'lobby', text };
    },
  },
} as const satisfies Readonly<Record<string, Dialect>>;

/** How a text begins that a server of some version may read as a message for a room. */
export const ROOM_PREFIXES: readonly RegExp[] = Object.values<Dialect>(DIALECTS).flatMap(
  ({ roomPrefix }) => roomPrefix ?? [],
);

/** A version of the protocol, as servers speak it. */
export type ProtocolVersion = keyof typeof DIALECTS;

/** All versions, oldest first. */
// Object.keys knows no keys but strings.
export const PROTOCOL_VERSIONS = Object.keys(DIALECTS) as readonly ProtocolVersion[];

/** The version that is assumed when none is given. */
export const DEFAULT_PROTOCOL_VERSION: ProtocolVersion = '1.2';

/** True when `version` is `since` or newer. */
export function isAtLeast(version: ProtocolVersion, since: ProtocolVersion): boolean {
  return PROTOCOL_VERSIONS.indexOf(version) >= PROTOCOL_VERSIONS.indexOf(since);
}
