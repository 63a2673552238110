import type { ClientRequest, ServerMessage } from '@quietroom/protocol';

/**
 * Answers of one lane come in the order of their requests. What goes to everyone, or to a room, takes a way
 * of its own through the server: its echo may be overtaken by answers that go to one client only.
 */
export type Lane = 'direct' | 'lobby' | 'room';

/** By which words of the server a request is answered. */
export interface Expectation {
  readonly lane: Lane;
  /** Of the answer that names this very request. */
  readonly key: string;
  /** Of an answer that names no more than a part of it, such as the recipient: many requests can share it. */
  readonly group?: string;
  /** A question or a wish, not a message: asked twice in the same words, either answer is true of both. */
  readonly isRepeatable?: boolean;
}

/** What the words of a server answer: `key` or `group` of a request. */
export type AnswerKeys = { readonly key: string } | { readonly group: string };

/** Of the bare `/members`: 1.2 answers it by its usage, 1.1 does not know it. */
export const QUESTION_KEY = 'members?';

/** The answer that a server gives to a request; undefined when it gives none, or none that is known. */
export function expectationOf(request: ClientRequest): Expectation | undefined {
  switch (request.type) {
    case 'empty':
    case 'quit':
      return undefined;
    case 'lobby':
      return { lane: 'lobby', key: lobbyKey(request.text) };
    case 'room':
      return {
        lane: 'room',
        key: roomKey(request.room, request.text),
        group: `not a member ${request.room}`,
      };
    case 'dm':
      return {
        lane: 'direct',
        key: dmKey(request.user, request.text),
        group: `offline ${request.user}`,
      };
    case 'join':
      return { lane: 'direct', isRepeatable: true, key: `join ${request.room}`, group: 'join' };
    case 'leave':
      return { lane: 'direct', isRepeatable: true, key: `leave ${request.room}` };
    case 'members':
      return { lane: 'direct', isRepeatable: true, key: `members ${request.place}`, group: 'members' };
    case 'users':
    case 'rooms':
    case 'help':
      return { lane: 'direct', isRepeatable: true, key: request.type };
    case 'usage':
      return usageExpectation(request.command);
    case 'unknown':
      return SILENT_COMMANDS.has(request.command)
        ? undefined
        : { lane: 'direct', isRepeatable: true, key: unknownKey(request.command) };
  }
}

function usageExpectation(command: 'msg' | 'join' | 'leave' | 'members'): Expectation {
  const lane = 'direct';
  if (command === 'members') return { lane, isRepeatable: true, key: QUESTION_KEY };
  // Servers of ours refuse joins by this line, too.
  if (command === 'join') return { lane, isRepeatable: true, key: 'usage join', group: 'join' };
  return { lane, isRepeatable: true, key: `usage ${command}` };
}

/** What a message from the server answers, if it can answer anything that `username` asked. */
export function answerKeysOf(message: ServerMessage, username: string): AnswerKeys | undefined {
  switch (message.type) {
    case 'dmEcho':
      return { key: dmKey(message.name, message.text) };
    case 'lobby':
      return message.name === username ? { key: lobbyKey(message.text) } : undefined;
    case 'room':
      return message.name === username ? { key: roomKey(message.room, message.text) } : undefined;
    case 'createdRoom':
    case 'joinedRoom':
      return { key: `join ${message.room}` };
    case 'leftRoom':
      return { key: `leave ${message.room}` };
    case 'members':
      return { key: `members ${message.place}` };
    case 'users':
    case 'rooms':
    case 'help':
      return { key: message.type };
    case 'refusal':
      return refusalKeys(message);
    default:
      return undefined;
  }
}

function refusalKeys(refusal: ServerMessage & { type: 'refusal' }): AnswerKeys | undefined {
  switch (refusal.reason) {
    case 'recipientOffline':
      return { group: `offline ${refusal.word}` };
    case 'notAMember':
      return { group: `not a member ${refusal.room}` };
    case 'passwordRequired':
    case 'passwordWrong':
      return { key: `join ${refusal.room}` };
    case 'passwordTooLong':
    case 'roomNameInvalid':
    case 'joinUsage':
      return { group: 'join' };
    case 'notInRoom':
      return { key: `leave ${refusal.room}` };
    case 'roomNotFound':
      return { group: 'members' };
    case 'membersUsage':
      return { key: QUESTION_KEY };
    case 'dmUsage':
      return { key: 'usage msg' };
    case 'leaveUsage':
      return { key: 'usage leave' };
    case 'unknownCommand':
      return { key: unknownKey(refusal.word) };
    case 'nameTaken':
      return undefined;
  }
}

/** They are answered in other words than the ones read here, or by another user. */
const SILENT_COMMANDS: ReadonlySet<string> = new Set(['/file', '/accept', '/decline']);

function unknownKey(command: string): string {
  return command === '/members' ? QUESTION_KEY : `unknown ${command}`;
}

function lobbyKey(text: string): string {
  return `lobby ${text}`;
}

/** Room names and recipients hold no line break. */
function roomKey(room: string, text: string): string {
  return `room ${room}\n${text}`;
}

function dmKey(user: string, text: string): string {
  return `dm ${user}\n${text}`;
}
