import { shownThread, type ChatState } from './chatState.js';
import { COMMANDS } from '../commands/commandLine.js';
import { sorted } from './lists.js';
import { THEME_NAMES } from '../commands/themeNames.js';

export interface Completions {
  /** Index where the completed word begins. */
  readonly start: number;
  /** Candidates with their trailing blank, most likely first. */
  readonly words: readonly string[];
  /** Leading characters that all words share; a list of the words leaves them out. Default 0. */
  readonly shared?: number;
}

/** Candidates for the word that ends at the cursor. */
export function completions(state: ChatState, text: string, cursor: number): Completions {
  const before = text.slice(0, cursor);
  const start = before.search(/\S*$/);
  const word = before.slice(start);
  const words = candidates(state, before.slice(0, start), word);
  return { start, words };
}

function candidates(state: ChatState, before: string, word: string): string[] {
  if (before === '' && word.startsWith('/')) {
    return matching(
      [...Object.keys(COMMANDS), ...state.aliases.keys()].map((name) => `/${name}`),
      word,
    );
  }
  const command = /^\/(\w+) +$/.exec(before)?.[1]?.toLowerCase();
  switch (command) {
    case 'theme':
      return matching(THEME_NAMES, word);
    case 'bell':
    case 'joins':
      return matching(['on', 'off'], word);
    case 'close':
      return matching(['dead', ...dmNames(state)], word);
    case 'connect':
      return matching(state.profiles, word);
    case 'unignore':
      return matching(sorted(state.ignored), word);
    case 'quit':
      return matching(['now'], word);
    case 'mute':
    case 'go':
      return matching(['lobby', ...rooms(state, true), ...dmNames(state)], word);
    case 'leave':
      return matching(rooms(state, true), word);
    case 'join':
    case 'members':
      return matching(rooms(state, false), word);
    case 'ignore':
    case 'msg':
      return matching(people(state), word);
    default:
  }
  if (word.startsWith('#')) return matching(rooms(state, false), word);
  if (word === '' || before.startsWith('/')) return [];
  // A name at the start of a message addresses that person.
  return matching(people(state), word, before === '' ? ': ' : ' ');
}

function matching(words: Iterable<string>, beginning: string, behind = ' '): string[] {
  const lower = beginning.toLowerCase();
  return [...new Set(words)]
    .filter((word) => word.toLowerCase().startsWith(lower))
    .map((word) => word + behind);
}

function rooms(state: ChatState, joinedOnly: boolean): string[] {
  const joined = state.threads.flatMap(({ place }) => (place.kind === 'room' ? [place.room] : []));
  return joinedOnly ? joined : [...joined, ...sorted(state.knownRooms)];
}

function dmNames(state: ChatState): string[] {
  return state.threads.flatMap(({ place }) => (place.kind === 'dm' ? [place.name] : []));
}

/** Recent speakers of this place first, then all others, without the user. */
function people(state: ChatState): string[] {
  const thread = shownThread(state);
  const speakers = thread.entries.flatMap((entry) => (entry.type === 'message' ? [entry.sender] : []));
  const names = [...speakers.toReversed(), ...dmNames(state), ...sorted(state.online)];
  return names.filter((name) => name !== state.self && !/\s/.test(name));
}
