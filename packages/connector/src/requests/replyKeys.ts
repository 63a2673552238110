import type { ClientRequest, ServerMessage } from '@quietroom/protocol';

/**
 * Answers of one lane come in the order of their requests. What goes to everyone, or to a room, takes a way
 * of its own through the server: its echo may be overtaken by answers that go to one client only.
 */
export type Lane = 'direct' | 'lobby' | 'room';

/** By which words of the server a request is answered. */
export interface ExpectedReply {
  readonly lane: Lane;
  /** Of the answer that names this very request. */
  readonly key: string;
  /** Of an answer that names no more than a part of it, such as the recipient: many requests can share it. */
  readonly group?: string;
  /** A question or a wish, not a message: asked twice in the same words, either answer is true of both. */
  readonly isRepeatable?: boolean;
}

/** What the words of a server answer: `key` or `group` of a request. */
export type ReplyKeys = { readonly key: string } | { readonly group: string };

/** Of the bare `/members`: 1.2 answers it by its usage, 1.1 does not know it. */
export const QUESTION_KEY = 'members?';

/** Existing servers do not know the command, and answer so. */
const FEATURES_KEY = 'features?';

/** There is never more than one offer on its way to the server. */
const FILE_KEY = 'file';

/** What is accepted or declined and is not there, or not for us. */
const TRANSFER_GROUP = 'transfer';

/** The answer that a server gives to a request; undefined when it gives none, or none that is known. */
export function expectedReplyOf(request: ClientRequest): ExpectedReply | undefined {
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
    case 'features':
      return { lane: 'direct', isRepeatable: true, key: FEATURES_KEY };
    case 'file':
      return { lane: 'direct', key: FILE_KEY, group: `offline ${request.user}` };
    case 'accept':
    case 'decline':
      return { lane: 'direct', key: request.type, group: TRANSFER_GROUP };
    case 'unknown':
      return { lane: 'direct', isRepeatable: true, key: unknownKey(request.command) };
  }
}

function usageExpectation(command: (ClientRequest & { type: 'usage' })['command']): ExpectedReply {
  const lane = 'direct';
  if (command === 'members') return { lane, isRepeatable: true, key: QUESTION_KEY };
  // Servers of ours refuse joins by this line, too.
  if (command === 'join') return { lane, isRepeatable: true, key: 'usage join', group: 'join' };
  if (command === 'file') return { lane, isRepeatable: true, key: FILE_KEY };
  return { lane, isRepeatable: true, key: `usage ${command}` };
}

/** What a message from the server answers, if it can answer anything that `username` asked. */
export function replyKeysOf(message: ServerMessage, username: string): ReplyKeys | undefined {
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
    case 'features':
      return { key: FEATURES_KEY };
    case 'fileOffered':
      return { key: FILE_KEY };
    case 'fileAccepted':
      return { key: 'accept' };
    case 'fileDeclined':
      return { key: 'decline' };
    case 'refusal':
      return refusalKeys(message);
    default:
      return undefined;
  }
}

function refusalKeys(refusal: ServerMessage & { type: 'refusal' }): ReplyKeys | undefined {
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
    case 'acceptUsage':
      return { key: 'usage accept' };
    case 'declineUsage':
      return { key: 'usage decline' };
    case 'fileToSelf':
    case 'fileHashLength':
    case 'fileHashDigits':
    case 'fileUsage':
      return { key: FILE_KEY };
    case 'transferNotFound':
    case 'transferNotYours':
      return { group: TRANSFER_GROUP };
    case 'unknownCommand':
      return { key: unknownKey(refusal.word) };
    case 'nameTaken':
      return undefined;
  }
}

function unknownKey(command: string): string {
  if (command === '/members') return QUESTION_KEY;
  return command === '/features' ? FEATURES_KEY : `unknown ${command}`;
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
