import type { ReadStream, WriteStream } from 'node:tty';
import type { ChatSession } from '../session/chatSession.js';
import {
  isSecret,
  completions,
  shownThread,
  placeTitle,
  type ChatState,
  type Search,
  type ThemeName,
} from '@quietroom/chat';
import { Painter } from '../view/canvas.js';
import { chatFrame, LIST_FROM, type ChatFrame, type Size } from '../view/chatFrame.js';
import { Composer } from '../view/composer.js';
import { ASK_BACKGROUND, backgroundIn } from './background.js';
import { ExitGuard, HINT_MS } from './exitGuard.js';
import { InputDecoder, type InputEvent } from './inputDecoder.js';
import { keyAction, type KeyAction } from './keys.js';
import { MessagePane } from '../view/messagePane.js';
import { pathCompletions } from '../session/filePaths.js';
import { windowTitle } from './notifier.js';
import { STOP_MS, TerminalMode } from './terminalMode.js';
import { EMPTY_FIELD, end, insert, MAX_LENGTH, right } from '../view/textField.js';
import type { Rgb } from '../view/contrast.js';
import { themeFor, type Theme } from '../view/theme.js';

/** Buttons as terminals number them. */
const LEFT_BUTTON = 0;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;
const WHEEL_PAGES = 0.2;

/** Limits the frame rate, however many messages arrive. */
const FRAME_MS = 30;

export interface FullScreenOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Colour depth of the terminal in bits; 1 without colours. */
  readonly colourDepth: number;
  /** Background of the terminal, until it tells its own. */
  readonly background: Rgb | undefined;
  /** Take clicks and the wheel; text is selected with Shift then. */
  readonly mouse: boolean;
  readonly quit: () => void;
}

/** The full-screen chat: keys in, frames out. */
export class FullScreen {
  readonly #session: ChatSession;
  readonly #options: FullScreenOptions;
  readonly #mode: TerminalMode;
  readonly #painter = new Painter();
  readonly #pane = new MessagePane();
  readonly #composer = new Composer();
  readonly #decoder = new InputDecoder();
  readonly #exit = new ExitGuard(() => performance.now());
  #background: Rgb | undefined;
  #themed: { name: ThemeName; background: Rgb | undefined; theme: Theme } | undefined;
  /** Shown in the status bar until the next key. */
  #hint = '';
  #placeAt: ChatFrame['placeAt'] = () => undefined;
  /** As the user chose; undefined: by the width. */
  #isListShown: boolean | undefined;
  #arePeopleShown = true;
  /** The title of the window. */
  #title = '';
  #inputTimer: NodeJS.Timeout | undefined;
  #hintTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #paintedAt = -Infinity;
  /** The terminal's write buffer is full. */
  #isBlocked = false;
  #isOn = false;

  constructor(session: ChatSession, options: FullScreenOptions) {
    this.#session = session;
    this.#options = options;
    this.#background = options.background;
    this.#mode = new TerminalMode(options.input, options.output, options.mouse);
  }

  start(): void {
    const { input, output, colourDepth, quit } = this.#options;
    this.#isOn = true;
    this.#mode.enter();
    this.#session.watch((state, _event, before) => {
      this.#composer.goTo(state.shown);
      const { focus } = state;
      if (focus && focus !== before.focus) this.#pane.lookAt(shownThread(state), focus.entry);
      this.#schedule();
    });
    input.setEncoding('utf8');
    input.on('data', this.#onData);
    // The terminal has been closed.
    input.once('end', quit).once('error', quit);
    output.on('resize', this.#redraw);
    process.on('SIGCONT', this.#resume);
    if (colourDepth >= 8) output.write(ASK_BACKGROUND);
    input.resume();
    this.#schedule();
  }

  stop(): void {
    const { input, output, quit } = this.#options;
    this.#isOn = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#inputTimer);
    clearTimeout(this.#hintTimer);
    input.off('data', this.#onData).off('end', quit).off('error', quit).pause();
    output.off('resize', this.#redraw);
    process.off('SIGCONT', this.#resume);
    this.#mode.leave();
  }

  readonly #onData = (chunk: string): void => {
    clearTimeout(this.#inputTimer);
    this.#receive(this.#decoder.decode(chunk));
    const { waitMs } = this.#decoder;
    if (waitMs === undefined) return;
    this.#inputTimer = setTimeout(() => this.#receive(this.#decoder.flush()), waitMs);
  };

  #receive(events: readonly InputEvent[]): void {
    for (const event of events) this.#onInput(event);
    if (events.length > 0) this.#schedule();
  }

  #onInput(event: InputEvent): void {
    switch (event.type) {
      case 'text':
        this.#touched();
        return this.#insert(event.text);
      case 'pasting':
        this.#hint = `pasting ${event.length.toLocaleString('en')} characters; Ctrl-C ends it`;
        return;
      case 'paste':
        this.#touched();
        return this.#paste(event.text, event.length);
      case 'key': {
        const action = keyAction(event.key);
        if (action === undefined) return;
        if (action.type !== 'interrupt' && action.type !== 'endOfInput') this.#touched();
        return this.#act(action);
      }
      case 'answer': {
        const background = backgroundIn(event.text);
        if (background) this.#background = background;
        return;
      }
      case 'mouse':
        return this.#onMouse(event);
    }
  }

  #onMouse({ button, column, row }: InputEvent & { type: 'mouse' }): void {
    const { state } = this.#session;
    if (button === WHEEL_UP) this.#pane.scroll(shownThread(state), WHEEL_PAGES);
    else if (button === WHEEL_DOWN) this.#pane.scroll(shownThread(state), -WHEEL_PAGES);
    else if (button === LEFT_BUTTON) {
      const place = this.#placeAt(column, row);
      if (place !== undefined) this.#session.dispatch({ type: 'show', place });
    }
  }

  #touched(): void {
    this.#hint = '';
    this.#exit.reset();
  }

  #insert(text: string): void {
    const { search } = this.#session.state;
    if (search) this.#session.dispatch({ type: 'search', text: search.text + text.replaceAll(/\s+/g, ' ') });
    else this.#composer.edit(insert(text));
  }

  /** While searching, keys go through the hits. Returns true for those that do. */
  #actInSearch(action: KeyAction, { text }: Search): boolean {
    const session = this.#session;
    switch (action.type) {
      case 'delete':
        session.dispatch({ type: 'search', text: Array.from(text).slice(0, -1).join('') });
        return true;
      case 'recall':
        session.dispatch({ type: 'searchStep', by: action.by });
        return true;
      case 'search':
        session.dispatch({ type: 'searchStep', by: 1 });
        return true;
      case 'enter':
      case 'escape':
      case 'interrupt':
        session.dispatch({ type: 'searchEnd' });
        return true;
      default:
        return false;
    }
  }

  /** Text that does not fit is not taken in part, so that nothing is sent incomplete. */
  #paste(text: string, length: number): void {
    const room = MAX_LENGTH - this.#composer.field.text.length;
    if (length <= room) return this.#insert(text);
    this.#hint = `too long to paste: ${length.toLocaleString('en')} characters of ${room.toLocaleString('en')}; /send FILE`;
  }

  #act(action: KeyAction): void {
    const session = this.#session;
    const { state } = session;
    if (state.search && this.#actInSearch(action, state.search)) return;
    switch (action.type) {
      case 'edit':
        return this.#composer.edit(action.edit);
      case 'delete':
        return this.#composer.delete(action.move, action.isKept);
      case 'yank':
        return this.#composer.yank();
      case 'undo':
        return this.#composer.undo();
      case 'unfold':
        return this.#pane.toggleFolds();
      case 'end': {
        const { text, cursor } = this.#composer.field;
        if (end({ text, cursor }).cursor === cursor) return this.#pane.follow(state.shown);
        return this.#composer.edit(end);
      }
      case 'toggleList':
        this.#isListShown = !(this.#isListShown ?? sizeOf(this.#options.output).columns >= LIST_FROM);
        return;
      case 'togglePeople':
        this.#arePeopleShown = !this.#arePeopleShown;
        return;
      case 'search':
        return session.dispatch({ type: 'search', text: '' });
      case 'mention':
        return session.dispatch({ type: 'mention' });
      case 'escape':
        return;
      case 'newest':
        return this.#pane.follow(state.shown);
      case 'oldest':
        return this.#pane.scroll(shownThread(state), Infinity);
      case 'enter': {
        const line = this.#composer.take((text) => !isSecret(text, state.aliases));
        if (line.trim() === '') return;
        session.enter(line);
        return this.#pane.follow(session.state.shown);
      }
      case 'complete':
        return this.#composer.complete(
          action.by,
          ({ text, cursor }) => pathCompletions(text, cursor) ?? completions(state, text, cursor),
        );
      case 'recall':
        return this.#composer.recall(action.by);
      case 'step':
        return session.dispatch({ type: 'step', by: action.by, unreadOnly: action.unreadOnly });
      case 'jump': {
        const place = state.threads[action.index]?.id;
        if (place !== undefined) session.dispatch({ type: 'show', place });
        return;
      }
      case 'scroll':
        return this.#pane.scroll(shownThread(state), action.pages);
      case 'redraw':
        return this.#redraw();
      case 'pause':
        this.#mode.leave();
        process.kill(process.pid, 'SIGTSTP');
        // The kernel stops no process whose shell cannot continue it.
        setTimeout(this.#resume, STOP_MS);
        return;
      case 'interrupt':
        if (this.#exit.interrupt()) return this.#options.quit();
        this.#hint = '';
        this.#composer.edit(() => EMPTY_FIELD);
        return this.#age();
      case 'endOfInput':
        if (this.#composer.field.text !== '') return this.#composer.delete(right, false);
        if (this.#exit.endOfInput(session.transfers)) return this.#options.quit();
        return this.#age();
    }
  }

  /** Draws again when the hint has to go. */
  #age(): void {
    clearTimeout(this.#hintTimer);
    this.#hintTimer = setTimeout(() => this.#schedule(), HINT_MS);
  }

  readonly #resume = (): void => {
    if (!this.#isOn || this.#mode.isOn) return;
    this.#mode.enter();
    // The window may have changed its size, which a stopped process is not told.
    process.kill(process.pid, 'SIGWINCH');
    this.#redraw();
  };

  readonly #redraw = (): void => {
    this.#painter.reset();
    this.#options.output.write('\x1b[2J');
    this.#schedule();
  };

  #schedule(): void {
    if (this.#timer !== undefined || this.#isBlocked || !this.#isOn) return;
    const wait = Math.max(0, this.#paintedAt + FRAME_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#paint();
    }, wait);
  }

  #showTitle(state: ChatState): void {
    const unread = state.threads.reduce((sum, thread) => sum + thread.unread, 0);
    const title = windowTitle(unread, placeTitle(shownThread(state).place));
    if (title === this.#title) return;
    this.#title = title;
    this.#options.output.write(title);
  }

  /** The same object while nothing changes, so that rows stay cached. */
  #theme(name: ThemeName, colourDepth: number): Theme {
    const background = this.#background;
    if (this.#themed?.name !== name || this.#themed.background !== background) {
      this.#themed = { name, background, theme: themeFor(name, colourDepth, background) };
    }
    return this.#themed.theme;
  }

  #paint(): void {
    if (!this.#mode.isOn) return;
    const { output, colourDepth } = this.#options;
    this.#paintedAt = performance.now();
    const { state } = this.#session;
    const view = {
      pane: this.#pane,
      composer: this.#composer,
      isListShown: this.#isListShown,
      arePeopleShown: this.#arePeopleShown,
      hint: this.#hint || this.#exit.hint,
    };
    const size = sizeOf(output);
    const theme = this.#theme(state.theme, colourDepth);
    const frame = chatFrame(state, view, size, theme);
    this.#placeAt = frame.placeAt;
    this.#showTitle(state);
    if (output.write(this.#painter.paint(frame))) return;
    this.#isBlocked = true;
    output.once('drain', () => {
      this.#isBlocked = false;
      this.#schedule();
    });
  }
}

/** A terminal that does not know its size, as some serial lines, has 80 by 24. */
export function sizeOf({ columns, rows }: Pick<WriteStream, 'columns' | 'rows'>): Size {
  return { columns: columns || 80, rows: rows || 24 };
}
