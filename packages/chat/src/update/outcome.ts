import type { ChatAction } from '../state/chatAction.js';
import { addNotice } from '../state/chatEntries.js';
import type { Step } from '../state/chatEvent.js';
import type { ChatState } from '../state/chatState.js';

export function done(state: ChatState, ...actions: readonly ChatAction[]): Step {
  return { state, actions };
}

/** Tells the user something in the shown place. */
export function told(state: ChatState, text: string, at: Date): Step {
  return done(addNotice(state, 'info', text, at));
}

export function problem(state: ChatState, text: string, at: Date): Step {
  return done(addNotice(state, 'problem', text, at));
}
