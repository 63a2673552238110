import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** The answers of a scripted server to a line of the bridge; undefined: the usual ones. */
export type Script = (line: string) => readonly string[] | undefined;

/** An IRC server that does as a test says, also what no real one does. */
export class ScriptedIrcServer implements AsyncDisposable {
  /** All lines of the bridge. */
  readonly lines: string[] = [];
  readonly #server: net.Server;
  readonly #script: Script;
  #socket: net.Socket | undefined;

  private constructor(server: net.Server, script: Script) {
    this.#server = server;
    this.#script = script;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(script: Script = () => undefined): Promise<ScriptedIrcServer> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedIrcServer(server, script);
  }

  get port(): number {
    // A server that listens on a TCP port has such an address.
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends bytes as they are. */
  send(bytes: string | Uint8Array): void {
    this.#socket?.write(bytes);
  }

  #serve(socket: net.Socket): void {
    this.#socket = socket;
    let rest = '';
    let nick = '*';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (data: string) => {
      const lines = (rest + data).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.lines.push(line);
        const [, newNick] = /^NICK (\S+)/.exec(line) ?? [];
        nick = newNick ?? nick;
        const answers = this.#script(line) ?? usualAnswers(line, nick);
        socket.write(answers.map((answer) => `${answer}\r\n`).join(''));
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.destroy();
    await this.#server[Symbol.asyncDispose]();
  }
}

function usualAnswers(line: string, nick: string): string[] {
  const [command = '', first = ''] = line.split(' ');
  switch (command) {
    case 'USER':
      return [`:irc 001 ${nick} :Welcome`, `:irc 376 ${nick} :End of /MOTD command.`];
    case 'JOIN':
      return [
        `:${nick}!b@host JOIN ${first}`,
        `:irc 353 ${nick} = ${first} :${nick}`,
        `:irc 366 ${nick} ${first} :End`,
      ];
    case 'PING':
      return [`:irc PONG irc ${first}`];
    default:
      return [];
  }
}
