import type { Generation } from '@quietroom/protocol';

interface Command {
  readonly usage: string;
  readonly meaning: string;
  /** Absent: both generations have it. */
  readonly only?: Generation;
}

const COMMANDS: readonly Command[] = [
  { usage: '/msg <username> <message>', meaning: 'send a direct message' },
  { usage: '/users', meaning: 'list who is online', only: '1.2' },
  { usage: '/users', meaning: 'list who is in your current room, or in the lobby', only: '1.1' },
  { usage: '/rooms', meaning: 'list the rooms' },
  { usage: '/join <#room> [password]', meaning: 'join a room, or create it' },
  { usage: '/leave <#room>', meaning: 'leave a room' },
  { usage: '/members <#roomname|lobby>', meaning: 'list who is in a room, or in no room', only: '1.2' },
  { usage: '[#room] <message>', meaning: 'send a message to a room that you are in', only: '1.2' },
  { usage: '/file <username> <path/filename>', meaning: 'offer a file to somebody' },
  { usage: '/accept <transfer_id>', meaning: 'take a file that is offered' },
  { usage: '/decline <transfer_id>', meaning: 'refuse a file, or withdraw your own' },
  { usage: '/help', meaning: 'show this text' },
  { usage: '/quit', meaning: 'leave the chat' },
];

/** What follows the first line of the answer to `/help`. */
export function helpText(generation: Generation): string {
  const commands = COMMANDS.filter(({ only }) => only === undefined || only === generation);
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return commands.map(({ usage, meaning }) => `\n  ${usage.padEnd(width)}  ${meaning}`).join('') + '\n';
}
