import { emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ChatSession } from '../session/chatSession.js';
import { isSecret, completions, shownThread } from '@quietroom/chat';
import { Painter } from '../view/canvas.js';
import { chatFrame } from '../view/chatFrame.js';
import { Composer } from '../view/composer.js';
import { keyAction, type KeyAction } from './keys.js';
import { MessagePane } from '../view/messagePane.js';
import { pathCompletions } from '../session/filePaths.js';
import { TerminalMode } from './terminalMode.js';
import { insert } from '../view/textField.js';
import { themeFor } from '../view/theme.js';

/** Limits the frame rate, however many messages arrive. */
const FRAME_MS = 30;

/** A process that can be stopped has stopped within this time. */
const STOP_MS = 200;

export interface FullScreenOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Colour depth of the terminal in bits; 1 without colours. */
  readonly colourDepth: number;
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
  #hint = '';
  #pasted: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #paintedAt = -Infinity;
  /** The terminal's write buffer is full. */
  #isBlocked = false;
  #isOn = false;

  constructor(session: ChatSession, options: FullScreenOptions) {
    this.#session = session;
    this.#options = options;
    this.#mode = new TerminalMode(options.input, options.output);
  }

  start(): void {
    const { input, output, quit } = this.#options;
    this.#isOn = true;
    this.#mode.enter();
    this.#session.watch((state) => {
      this.#composer.goTo(state.shown);
      this.#schedule();
    });
    emitKeypressEvents(input);
    input.on('keypress', this.#onKey);
    // The terminal has been closed.
    input.once('end', quit).once('error', quit);
    output.on('resize', this.#redraw);
    process.on('SIGCONT', this.#resume);
    input.resume();
    this.#schedule();
  }

  stop(): void {
    const { input, output, quit } = this.#options;
    this.#isOn = false;
    clearTimeout(this.#timer);
    input.off('keypress', this.#onKey).off('end', quit).off('error', quit).pause();
    output.off('resize', this.#redraw);
    process.off('SIGCONT', this.#resume);
    this.#mode.leave();
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    const action = keyAction(text, key);
    if (this.#pasted !== undefined && action?.type !== 'pasteEnd') {
      // Pasted text is inserted as it is: a line break is not Enter.
      if (text !== undefined) this.#pasted += text;
      return;
    }
    if (action === undefined) return;
    if (action.type !== 'interrupt') this.#hint = '';
    this.#act(action);
    this.#schedule();
  };

  #act(action: KeyAction): void {
    const session = this.#session;
    const { state } = session;
    switch (action.type) {
      case 'edit':
        return this.#composer.edit(action.edit);
      case 'enter': {
        const line = this.#composer.take((text) => !isSecret(text));
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
        return this.#interrupt();
      case 'endOfInput':
        if (this.#composer.field.text === '') this.#options.quit();
        return;
      case 'pasteStart':
        this.#pasted = '';
        return;
      case 'pasteEnd': {
        const pasted = this.#pasted ?? '';
        this.#pasted = undefined;
        return this.#composer.edit(insert(pasted));
      }
    }
  }

  #interrupt(): void {
    if (this.#hint !== '') return this.#options.quit();
    this.#composer.edit(() => ({ text: '', cursor: 0 }));
    this.#hint = 'Ctrl-C again leaves the chat';
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

  #paint(): void {
    if (!this.#mode.isOn) return;
    const { output, colourDepth } = this.#options;
    this.#paintedAt = performance.now();
    const { state } = this.#session;
    const view = { pane: this.#pane, composer: this.#composer, hint: this.#hint };
    const size = { columns: output.columns, rows: output.rows };
    const frame = chatFrame(state, view, size, themeFor(state.theme, colourDepth));
    if (output.write(this.#painter.paint(frame))) return;
    this.#isBlocked = true;
    output.once('drain', () => {
      this.#isBlocked = false;
      this.#schedule();
    });
  }
}
