import { parseLine, type Command } from '../commands/commandLine.js';
import { HELP, KEY_HELP } from '../commands/help.js';
import { THEME_NAMES } from '../commands/themeNames.js';
import { isOpen, type Entry } from '../entries/entry.js';
import { placeId, type Place } from '../entries/place.js';
import { addEntry, addNotice, findFile } from '../state/chatEntries.js';
import type { Step } from '../state/chatEvent.js';
import {
  changeThread,
  findThread,
  MAX_SCROLLBACK_BYTES,
  show,
  shownThread,
  withThread,
  type ChatState,
} from '../state/chatState.js';
import { done, problem, told } from './outcome.js';
import { search } from './search.js';
import { ignore, joins, listMentions, mute, unignore } from './typedCalls.js';
import { answerFile, sendFile } from './typedFiles.js';
import { clear, close, go, leave } from './typedPlaces.js';

type Act = (state: ChatState, at: Date) => Step;

/** Handles a typed line. */
export function typed(state: ChatState, line: string, at: Date): Step {
  return carryOut(parseLine(line, state.aliases))({ ...state, focus: undefined, search: undefined }, at);
}

function carryOut(command: Command): Act {
  switch (command.type) {
    case 'say':
      return (state, at) => say(state, shownThread(state).place, command.text, at);
    case 'message':
      return (state, at) => {
        const place: Place = { kind: 'dm', name: command.name };
        const opened = show(withThread(state, place), placeId(place));
        return say(opened, place, command.text, at);
      };
    case 'join':
      return (state) => {
        const { room, password } = command;
        if (findThread(state, `room:${room}`)) return done(show(state, `room:${room}`));
        return done(state, { type: 'join', room, password });
      };
    case 'leave':
      return (state, at) => leave(state, command.room, at);
    case 'go':
      return (state, at) => go(state, command.target, at);
    case 'users':
      return (state) => done(state, { type: 'listOnline', isAsked: true });
    case 'rooms':
      return (state) => done(state, { type: 'listRooms', isAsked: true });
    case 'members':
      return (state, at) => members(state, command.room, at);
    case 'send':
      return (state, at) => sendFile(state, command.path, at);
    case 'accept':
    case 'decline':
    case 'cancel':
      return (state, at) => answerFile(state, command.type, command.number, at);
    case 'theme':
      return (state, at) => {
        const next = THEME_NAMES[(THEME_NAMES.indexOf(state.theme) + 1) % THEME_NAMES.length];
        const theme = command.name ?? next ?? state.theme;
        return done(addNotice({ ...state, theme }, 'info', `The theme is ${theme}.`, at));
      };
    case 'bell':
      return (state, at) => {
        const bell = command.on ?? !state.bell;
        return done(addNotice({ ...state, bell }, 'info', `The bell is ${bell ? 'on' : 'off'}.`, at));
      };
    case 'help':
      return (state, at) => done(addNotice(state, 'info', HELP, at));
    case 'keys':
      return (state, at) => done(addNotice(state, 'info', KEY_HELP, at));
    case 'quit':
      return (state, at) => quit(state, command.isNow, at);
    case 'search':
      return (state) => done(search(state, command.text));
    case 'mentions':
      return listMentions;
    case 'ignore':
      return (state, at) => ignore(state, command.name, at);
    case 'unignore':
      return (state, at) => unignore(state, command.name, at);
    case 'mute':
      return (state, at) => mute(state, command.target, at);
    case 'joins':
      return (state, at) => joins(state, command.on, at);
    case 'close':
      return (state, at) => close(state, command.target, at);
    case 'clear':
      return clear;
    case 'pin':
      return (state) => done(state, { type: 'comparePin', answer: command.answer });
    case 'reconnect':
      return (state) => done(state, { type: 'reconnect' });
    case 'connect':
      return (state, at) => connectTo(state, command.profile, at);
    case 'status':
      return status;
    case 'problem':
      return (state, at) => problem(state, command.text, at);
  }
}

function say(state: ChatState, place: Place, text: string, at: Date): Step {
  if (text.trim() === '') return done(state);
  if (place.kind === 'visitors') {
    return problem(
      state,
      'Short-lived names are gone: they cannot be answered. /msg NAME writes to others.',
      at,
    );
  }
  const entry: Entry = {
    type: 'message',
    id: state.nextEntry,
    at,
    sender: state.self,
    text,
    own: true,
    delivery: 'sending',
  };
  const id = placeId(place);
  const read = changeThread(state, id, (thread) => ({ ...thread, newFrom: undefined }));
  return done(addEntry(read, id, entry), { type: 'say', place, entry: entry.id, text });
}

function members(state: ChatState, room: string | undefined, at: Date): Step {
  if (room !== undefined) return done(state, { type: 'listMembers', room, isAsked: true });
  const { place } = shownThread(state);
  switch (place.kind) {
    case 'lobby':
      return done(state, { type: 'listOnline', isAsked: true });
    case 'room':
      return done(state, { type: 'listMembers', room: place.room, isAsked: true });
    case 'dm':
    case 'visitors':
      return problem(state, 'This is no room. Name one: /members #ROOM', at);
  }
}

function quit(state: ChatState, isNow: boolean, at: Date): Step {
  const moving = findFile(state, (file) => isOpen(file) && file.status !== 'offered');
  if (isNow || moving === undefined) return done(state, { type: 'quit' });
  const { number, name } = moving.file;
  return problem(
    state,
    `File ${number}, ${name}, is on its way. /quit now stops it; /cancel ${number} does, too.`,
    at,
  );
}

function connectTo(state: ChatState, profile: string, at: Date): Step {
  if (state.profiles.includes(profile)) return done(state, { type: 'connectTo', profile });
  const known =
    state.profiles.length === 0 ? 'The configuration has none' : `There are ${state.profiles.join(', ')}`;
  return problem(state, `There is no profile ${profile}. ${known}.`, at);
}

function status(state: ChatState, at: Date): Step {
  const entries = state.threads.reduce((sum, thread) => sum + thread.entries.length, 0);
  const lines = [
    `You are ${state.self} on ${state.server}: ${state.connection.type}.`,
    `Scrollback: ${entries.toLocaleString('en')} entries, ${megabytes(state.scrollbackBytes)} MB of ${megabytes(MAX_SCROLLBACK_BYTES)} MB.`,
  ];
  return told(state, lines.join('\n'), at);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
