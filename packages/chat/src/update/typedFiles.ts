import { isOpen, type Entry, type FileEntry } from '../entries/entry.js';
import { addEntry, changeFile, findFile } from '../state/chatEntries.js';
import type { Step } from '../state/chatEvent.js';
import { shownThread, type ChatState } from '../state/chatState.js';
import { done, problem } from './outcome.js';

/** Offers a file to the user whose thread is shown. */
export function sendFile(state: ChatState, path: string, at: Date): Step {
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

/** Accepts, declines or cancels a file; without a number the newest that fits. */
export function answerFile(
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
