import { QuietRoomServer, type ServerOptions } from '@quietroom/server';
import { firstIdentity, secondIdentity } from '@quietroom/testing';
import { LIST_FROM, MIN_FOR_LIST } from '#src/chat/view/chatFrame.js';
import { Folder, MAIN, Person, quietroom, type Running, type RunOptions } from '../harness/quietroom.js';
import { Terminal, type TerminalOptions } from '../harness/terminal.js';

/** A server, and alice's chat on it. */
export class ChatScene implements AsyncDisposable {
  readonly folder: Folder;
  #server: QuietRoomServer;

  private constructor(folder: Folder, server: QuietRoomServer) {
    this.folder = folder;
    this.#server = server;
  }

  static async begin(options: ServerOptions = {}): Promise<ChatScene> {
    const folder = await Folder.withIdentity();
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, ...options });
    return new ChatScene(folder, server);
  }

  get port(): number {
    return this.#server.port;
  }

  get server(): QuietRoomServer {
    return this.#server;
  }

  /** The chat of alice on a terminal, as soon as it is there; with its list, also where that is hidden at first. */
  async chat(args: readonly string[] = [], options: TerminalOptions = {}): Promise<Terminal> {
    const terminal = await Terminal.quietroom(this.#args(args), this.#surroundings(options));
    await terminal.until('● connected');
    const { columns = 80 } = options;
    if (columns < LIST_FROM && columns >= MIN_FOR_LIST) {
      await terminal.press('F2');
      await terminal.until('│');
    }
    return terminal;
  }

  /** The chat of alice without a terminal. */
  plain(args: readonly string[] = []): Running {
    return quietroom(this.#args(args), this.#surroundings({}));
  }

  person(username: string): Promise<Person> {
    const { host: serverHost, port: serverPort, certPem: cert } = this.#server;
    return Person.connect({ serverHost, serverPort, cert, username });
  }

  async stopServer(): Promise<void> {
    await this.#server.close();
  }

  /** Where it was, and who it was. */
  async restartServer(): Promise<void> {
    const { port } = this.#server;
    this.#server = await QuietRoomServer.start({ port, identity: firstIdentity });
  }

  /** In its place comes a server with another key. */
  async becomeAnother(): Promise<void> {
    const { port } = this.#server;
    await this.#server.close();
    this.#server = await QuietRoomServer.start({ port, identity: secondIdentity });
  }

  /** The command line of alice's chat. */
  command(args: readonly string[] = []): string[] {
    return [process.execPath, MAIN, ...this.#args(args)];
  }

  /** The chat of alice, started by a shell that knows of jobs. */
  async chatUnderShell(): Promise<Terminal> {
    const script = await this.folder.write('chat.sh', `exec ${this.command().join(' ')}\n`);
    const shell = ['bash', '--norc', '-i'];
    const terminal = await Terminal.start(shell, this.#surroundings({ env: { PS1: '$ ' } }));
    await terminal.until('$');
    await terminal.enter(`sh ${script}`);
    await terminal.until('● connected');
    return terminal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.folder[Symbol.asyncDispose]();
  }

  #args(args: readonly string[]): string[] {
    return ['chat', '--host', '127.0.0.1', '--port', String(this.port), '--username', 'alice', ...args];
  }

  /** Without what the user who runs the tests has set. */
  #surroundings<T extends RunOptions | TerminalOptions>(options: T): T {
    return { cwd: this.folder.path, ...options, env: { XDG_CONFIG_HOME: this.folder.path, ...options.env } };
  }
}

/** The screen without what differs each time. */
export function steady(rows: readonly string[]): string[] {
  return rows.map((row) =>
    row
      .replaceAll(/\b\d\d:\d\d\b/g, 'hh:mm')
      .replace(/ · \d+ ms · alice on \S+( +)\/help/, ' · status$1/help')
      .trimEnd(),
  );
}
