import { spawn } from 'node:child_process';
import { placeTitle } from '@quietroom/chat';
import { terminalText } from '../../output/terminalText.js';
import type { Call } from '../session/chatSession.js';

/** Calls closer together than this ring once. */
const BELL_INTERVAL_MS = 1000;
/** Commands for calls that may run at once; further calls start none. */
const MAX_COMMANDS = 4;
/** The most characters of a message in a notification. */
const MAX_BODY = 200;

export interface NotifierOptions {
  /** Writes to the terminal; undefined when there is none. */
  readonly write: ((text: string) => void) | undefined;
  /** The escape sequence that the terminal understands. */
  readonly sequence: 'none' | 'osc9' | 'osc777' | 'osc99';
  /** A program that is run for each call, without a shell: its arguments are title and text. */
  readonly command: string | undefined;
  /** A monotonic time in milliseconds. */
  readonly now: () => number;
}

/** Calls the user: bell, notification of the terminal, command. */
export class Notifier {
  readonly #options: NotifierOptions;
  #rungAt = -Infinity;
  #running = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  notify(call: Call, isBellOn: boolean): void {
    const { write, sequence, command, now } = this.#options;
    const { title, body } = textOf(call);
    if (write && isBellOn && now() - this.#rungAt >= BELL_INTERVAL_MS) {
      this.#rungAt = now();
      write('\x07');
    }
    if (write && sequence !== 'none') write(notification(sequence, title, body));
    if (command !== undefined) this.#run(command, title, body);
  }

  #run(command: string, title: string, body: string): void {
    if (this.#running >= MAX_COMMANDS) return;
    this.#running++;
    const ended = (): void => void this.#running--;
    // Its output would destroy the screen.
    const child = spawn(command, [asText(title), asText(body)], { stdio: 'ignore', shell: false });
    child.once('exit', ended);
    child.once('error', ended);
  }
}

/** A text of others must not be taken for an option. */
function asText(text: string): string {
  return text.startsWith('-') ? ` ${text}` : text;
}

/** The escape sequence of a notification, without control characters of others. */
export function notification(sequence: 'osc9' | 'osc777' | 'osc99', title: string, body: string): string {
  switch (sequence) {
    case 'osc9':
      return `\x1b]9;${title}: ${body}\x1b\\`;
    case 'osc777':
      // A semicolon would end the title.
      return `\x1b]777;notify;${title.replaceAll(';', ',')};${body}\x1b\\`;
    case 'osc99':
      return `\x1b]99;i=quietroom:d=0;${title}\x1b\\\x1b]99;i=quietroom:p=body;${body}\x1b\\`;
  }
}

/** Sets the title of the window: the unread messages and where they are. */
export function windowTitle(unread: number, place: string): string {
  return `\x1b]2;${unread > 0 ? `(${unread}) ` : ''}${terminalText(place)} - QuietRoom\x1b\\`;
}

function textOf({ place, sender, text }: Call): { title: string; body: string } {
  const where = place.kind === 'dm' ? '' : ` in ${placeTitle(place)}`;
  return { title: terminalText(sender + where), body: terminalText(text.slice(0, MAX_BODY)) };
}
