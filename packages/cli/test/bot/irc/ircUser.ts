import net from 'node:net';
import { eventually } from '../../harness/quietroom.js';

/** Somebody on an IRC server, by the bytes of the protocol. */
export class IrcUser implements AsyncDisposable {
  readonly nick: string;
  /** All lines of the server. */
  readonly lines: string[] = [];
  readonly #socket: net.Socket;
  #rest = '';
  #lastToken = 0;

  private constructor(nick: string, socket: net.Socket) {
    this.nick = nick;
    this.#socket = socket;
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (data: string) => this.#onData(data));
  }

  /** Connects, and joins channels. */
  static async join(port: number, nick: string, ...channels: readonly string[]): Promise<IrcUser> {
    const user = new IrcUser(nick, net.connect(port, '127.0.0.1'));
    user.write(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    await user.reads(/^\S+ (?:376|422) /);
    for (const channel of channels) user.write(`JOIN ${channel}`);
    for (const channel of channels) await user.reads(new RegExp(`^\\S+ 366 \\S+ ${channel} `));
    return user;
  }

  /** Sends lines as they are. */
  write(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  say(channel: string, ...texts: readonly string[]): void {
    this.write(...texts.map((text) => `PRIVMSG ${channel} :${text}`));
  }

  /** Resolves when the server has handled all that was written. */
  async settled(): Promise<void> {
    const token = `settled${++this.#lastToken}`;
    this.write(`PING ${token}`);
    await this.reads(new RegExp(` PONG .*${token}$`));
  }

  /** Resolves with the first line that matches. */
  async reads(pattern: RegExp): Promise<string> {
    let found: string | undefined;
    await eventually(`${this.nick} has read ${pattern}`, () => {
      found = this.lines.find((line) => pattern.test(line));
      return found !== undefined;
    });
    return found ?? '';
  }

  /** The lines of one nick in a channel. */
  saidBy(nick: string, channel: string): string[] {
    const start = new RegExp(`^:${nick}!\\S+ PRIVMSG ${channel} :?`, 'i');
    return this.lines.filter((line) => start.test(line)).map((line) => line.replace(start, ''));
  }

  /** Resolves when somebody has said this. */
  async hears(nick: string, channel: string, text: string): Promise<void> {
    await eventually(`${this.nick} has heard ${JSON.stringify(text)}`, () =>
      this.saidBy(nick, channel).includes(text),
    );
  }

  #onData(data: string): void {
    const lines = (this.#rest + data).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('PING ')) this.write(`PONG ${line.slice(5)}`);
      else this.lines.push(line);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await Promise.resolve();
  }
}
