import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, Folder, MAIN } from './quietroom.js';

const TMUX = 'tmux';
const isMissing = spawnSync(TMUX, ['-V']).error !== undefined;

/** For tests that need a terminal. A developer may be without tmux; where CI runs, it must be there. */
export const terminalSkip =
  isMissing && process.env.CI === undefined ? `${TMUX} is not installed (apt-get install ${TMUX})` : false;

const run = promisify(execFile);

let count = 0;

/** After this many looks at the recorded output without a change, the screen is captured anyway. */
const LOOKS_WITHOUT_CHANGE = 20;

export interface TerminalOptions {
  /** Default 80. */
  readonly columns?: number;
  /** Default 24. */
  readonly rows?: number;
  /** The terminal tells programs 0 by 0. */
  readonly isSizeUnknown?: boolean;
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable out of it. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A program on a terminal of its own: tmux, with a server and a socket for this one only. */
export class Terminal implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #socket: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** What the program writes, recorded by tmux. */
  readonly #rawFile: string;

  private constructor(folder: Folder) {
    this.#folder = folder;
    this.#socket = `quietroom-test-${process.pid}-${count++}`;
    const { TMUX: _outer, TMUX_PANE: _pane, NO_COLOR: _noColor, ...environment } = process.env;
    this.#rawFile = join(folder.path, 'raw');
    this.#environment = { ...environment, LC_ALL: 'C.UTF-8', TMUX_TMPDIR: folder.path };
  }

  /** Starts `quietroom` with these arguments. */
  static quietroom(args: readonly string[], options?: TerminalOptions): Promise<Terminal> {
    return Terminal.start([process.execPath, MAIN, ...args], options);
  }

  /** Starts a program. */
  static async start(
    command: readonly string[],
    { columns = 80, rows = 24, isSizeUnknown = false, cwd = process.cwd(), env = {} }: TerminalOptions = {},
  ): Promise<Terminal> {
    assert.ok(!isMissing, `${TMUX} is not installed, and CI must not go without it.`);
    const terminal = new Terminal(await Folder.make());
    const config = await terminal.#folder.write(
      'tmux.conf',
      'set -g status off\nset -g remain-on-exit on\nset -g default-terminal tmux-256color\nset -s escape-time 0\n',
    );
    await writeFile(terminal.#rawFile, '');
    const unset = Object.keys(env).filter((name) => env[name] === undefined);
    const set = Object.entries(env).filter(([, value]) => value !== undefined);
    const program = [
      'env',
      // Node takes a machine for tests to have no colours.
      ...['TMUX', 'TMUX_PANE', 'CI', 'NO_COLOR', 'FORCE_COLOR', ...unset].flatMap((name) => ['-u', name]),
      ...set.map(([name, value]) => `${name}=${value}`),
      ...command,
    ];
    // It begins when what it writes is recorded.
    const size = isSizeUnknown ? 'stty rows 0 columns 0; ' : '';
    const script = `${TMUX} wait-for begin; ${size}exec ${program.map(quoted).join(' ')}`;
    try {
      await run(
        TMUX,
        `-L ${terminal.#socket} -f ${config} -u new-session -d -x ${columns} -y ${rows}`
          .split(' ')
          .concat('-c', cwd, script),
        { env: terminal.#environment },
      );
      await terminal.#tmux('pipe-pane', `cat >> ${quoted(terminal.#rawFile)}`);
      await terminal.#tmux('wait-for', '-S', 'begin');
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
    return terminal;
  }

  /** Types text as it is, without Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses keys, by tmux's names: `Enter`, `Tab`, `BTab`, `Up`, `PageUp`, `C-c`, `M-1`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '--', ...keys);
  }

  /** Sends bytes as they are, as a terminal does that answers a question. */
  async answer(text: string): Promise<void> {
    await this.#tmux('send-keys', '-H', ...Array.from(Buffer.from(text), (byte) => byte.toString(16)));
  }

  /** Types a line, and Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** Pastes text as a terminal does: bracketed, where the program has asked for that. */
  async paste(text: string): Promise<void> {
    // A command line would be too short for a long text.
    const file = await this.#folder.write('paste', text);
    await this.#tmux('load-buffer', '-b', 'test', file);
    await this.#tmux('paste-buffer', '-d', '-p', '-r', '-b', 'test');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen: a text for each row, without blanks at its end. */
  async capture(): Promise<string[]> {
    const screen = await this.#tmux('capture-pane', '-p');
    return screen.replace(/\n$/, '').split('\n');
  }

  /** The screen with the escape sequences of its colours, and with all its blanks. */
  async captureStyled(): Promise<string[]> {
    const screen = await this.#tmux('capture-pane', '-p', '-e', '-N');
    return screen.replace(/\n$/, '').split('\n');
  }

  /** Resolves with the screen when a row has the text, or all of it matches the pattern. */
  until(wanted: string | RegExp): Promise<string[]> {
    return this.untilScreen(
      `the screen shows ${typeof wanted === 'string' ? JSON.stringify(wanted) : wanted}`,
      (rows) =>
        typeof wanted === 'string' ? rows.some((row) => row.includes(wanted)) : wanted.test(rows.join('\n')),
    );
  }

  /** Resolves with the screen when it is as wanted. */
  async untilScreen(what: string, isWanted: (rows: readonly string[]) => boolean): Promise<string[]> {
    let rows: string[] = [];
    try {
      let seenBytes = -1;
      let looks = 0;
      await eventually(what, async () => {
        // Far cheaper than to ask tmux. The screen can change without it, as by resizing.
        const { size } = await stat(this.#rawFile);
        if (size === seenBytes && ++looks < LOOKS_WITHOUT_CHANGE) return false;
        seenBytes = size;
        looks = 0;
        rows = await this.capture();
        return isWanted(rows);
      });
    } catch (error) {
      throw new Error(`Waited in vain until ${what}. The screen:\n${rows.join('\n')}`, { cause: error });
    }
    return rows;
  }

  /** Column and row of the cursor, counted from 0. */
  async cursor(): Promise<{ column: number; row: number }> {
    const [column, row] = (await this.#show('#{cursor_x} #{cursor_y}')).split(' ');
    return { column: Number(column), row: Number(row) };
  }

  /** True while the program shows the alternate screen. */
  async isFullScreen(): Promise<boolean> {
    return (await this.#show('#{alternate_on}')) === '1';
  }

  /** All bytes that the program has written so far, as text. */
  raw(): Promise<string> {
    return readFile(this.#rawFile, 'utf8');
  }

  async pid(): Promise<number> {
    return Number(await this.#show('#{pane_pid}'));
  }

  /** Resolves with the exit code, or with the number of the signal, when the program has ended. */
  async ended(): Promise<{ code: number | undefined; signal: number | undefined }> {
    let code, signal: string | undefined;
    await eventually('the program on the terminal ends', async () => {
      const ended = await this.#show('#{pane_dead},#{pane_dead_status},#{pane_dead_signal}');
      let isDead;
      [isDead, code, signal] = ended.split(',');
      if (code || signal) return true;
      // It can miss the end of a child; that of another makes it look, unless it is missed, too.
      if (isDead === '1') await this.#tmux('run-shell', '-b', 'true');
      return false;
    });
    return { code: code ? Number(code) : undefined, signal: signal ? Number(signal) : undefined };
  }

  /** Takes the terminal away, as closing its window does. */
  async close(): Promise<void> {
    await this.#tmux('kill-server');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
    await this.#folder[Symbol.asyncDispose]();
  }

  async #show(format: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', format)).trimEnd();
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(TMUX, ['-L', this.#socket, ...args], { env: this.#environment });
    return stdout;
  }
}

/** As one word for sh. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
