/** Texts that servers send, word for word. */
export const PROMPT = 'Enter your username: ';
export const HINT = 'Type /help for available commands. Type /quit to exit.\n';
export const NAME_TAKEN = '*** Username already taken. Please reconnect with a different name. ***';
export const NO_ROOMS = 'No active rooms. Use /join #roomname to create one.';
export const ROOM_NOT_FOUND = 'Room not found or access denied.';
export const ROOM_NAME_INVALID = 'Room names must start with # (e.g., #general)';
export const NO_TRANSFER = 'Transfer ID not found or expired.';
export const NOT_YOURS = 'This transfer is not for you.';

export const USAGE = {
  msg: 'Usage: /msg <username> <message>',
  join: 'Usage: /join <#room> [password]',
  leave: 'Usage: /leave <#room>',
  members: 'Usage: /members <#roomname|lobby>',
  file: 'Usage: /file <username> <path/filename>',
  accept: 'Usage: /accept <transfer_id>',
  decline: 'Usage: /decline <transfer_id>',
} as const;

export const welcome = (name: string): string => `Welcome to the chat, ${name}!`;
export const joined = (name: string): string => `*** ${name} joined the chat ***`;
export const left = (name: string): string => `*** ${name} left the chat ***`;
export const roomJoined = (name: string, room: string): string => `*** ${name} joined ${room} ***`;
export const roomLeft = (name: string, room: string): string => `*** ${name} left ${room} ***`;
export const dmFrom = (name: string, text: string): string => `[DM from ${name}]: ${text}`;
export const dmTo = (name: string, text: string): string => `[DM to ${name}]: ${text}`;
export const offline = (name: string): string => `User '${name}' is not online.`;
export const notMember = (room: string): string => `*** You are not a member of ${room} ***`;
export const passwordNeeded = (room: string): string =>
  `This room is password-protected. Usage: /join ${room} <password>`;
export const passwordWrong = (room: string): string => `Incorrect password for room ${room}`;
export const unknownCommand = (command: string): string =>
  `Unknown command: ${command}. Type /help for available commands.`;
