import type { ChatAction } from '../state/chatAction.js';
import { addEntry, addNotice, changeFile, findFile } from '../state/chatEntries.js';
import type { Step } from '../state/chatEvent.js';
import {
  changeThread,
  findThread,
  show,
  shownThread,
  withoutThread,
  withThread,
  type ChatState,
} from '../state/chatState.js';
import { parseLine, type Command } from '../commands/commandLine.js';
import { isOpen, type Entry, type FileEntry } from '../entries/entry.js';
import { HELP, KEY_HELP } from '../commands/help.js';
import { LOBBY, placeId, type Place } from '../entries/place.js';
import { THEME_NAMES } from '../commands/themeNames.js';

type Act = (state: ChatState, at: Date) => Step;

/** Handles a typed line. */
export function typed(state: ChatState, line: string, at: Date): Step {
  return carryOut(parseLine(line))(state, at);
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
      return (state) => done(state, { type: 'quit' });
    case 'problem':
      return (state, at) => problem(state, command.text, at);
  }
}

function done(state: ChatState, ...actions: readonly ChatAction[]): Step {
  return { state, actions };
}

function problem(state: ChatState, text: string, at: Date): Step {
  return done(addNotice(state, 'problem', text, at));
}

function say(state: ChatState, place: Place, text: string, at: Date): Step {
  if (text.trim() === '') return done(state);
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

function leave(state: ChatState, room: string | undefined, at: Date): Step {
  const { place } = room === undefined ? shownThread(state) : { place: { kind: 'room', room } as const };
  switch (place.kind) {
    case 'lobby':
      return problem(state, 'The lobby cannot be left. /quit leaves the chat.', at);
    case 'room':
      return done(state, { type: 'leave', room: place.room });
    case 'dm':
      return done(withoutThread(state, placeId(place)));
  }
}

function go(state: ChatState, target: string, at: Date): Step {
  const place = placeNamed(target);
  const id = placeId(place);
  if (findThread(state, id)) return done(show(state, id));
  if (place.kind === 'room') return problem(state, `You are not in ${target}. Join it: /join ${target}`, at);
  return problem(state, `There is no thread with ${target}. Open it: /msg ${target}`, at);
}

function placeNamed(target: string): Place {
  if (target.toLowerCase() === 'lobby') return LOBBY;
  return target.startsWith('#') ? { kind: 'room', room: target } : { kind: 'dm', name: target };
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
      return problem(state, 'This is no room. Name one: /members #ROOM', at);
  }
}

function sendFile(state: ChatState, path: string, at: Date): Step {
  const { place, id } = shownThread(state);
  if (place.kind !== 'dm') {
    return problem(state, 'Files go to one person: open their thread by /msg NAME, then /send FILE.', at);
  }
  const number = state.nextFile;
  const entry: Entry = {
    type: 'file',
    id: state.nextEntry,
    at,
    number,
    direction: 'out',
    name: path.split('/').at(-1) || path,
    status: 'preparing',
    bytes: 0,
    totalBytes: undefined,
  };
  const after = addEntry({ ...state, nextFile: number + 1 }, id, entry);
  return done(after, { type: 'sendFile', number, recipient: place.name, path });
}

function answerFile(
  state: ChatState,
  what: 'accept' | 'decline' | 'cancel',
  number: number | undefined,
  at: Date,
): Step {
  const fits = (file: FileEntry): boolean =>
    isOpen(file) && (what === 'cancel' || (file.direction === 'in' && file.status === 'offered'));
  const found = findFile(state, (file) => fits(file) && (number === undefined || file.number === number));
  if (found === undefined) {
    const which = number === undefined ? 'There is no file' : `There is no file ${number}`;
    return problem(state, `${which} to ${what}.`, at);
  }
  const { file } = found;
  switch (what) {
    case 'accept':
      return done(changeFile(state, file.number, { status: 'waiting' }), {
        type: 'acceptFile',
        number: file.number,
      });
    case 'decline':
      return done(changeFile(state, file.number, { status: 'declined' }), {
        type: 'declineFile',
        number: file.number,
      });
    case 'cancel':
      return done(state, { type: 'cancelFile', number: file.number });
  }
}
