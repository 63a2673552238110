import { firstIdentity } from '@quietroom/testing';
import { Folder, MAIN, Person, quietroom, Running } from '../harness/quietroom.js';

/** How `quietroom serve` is started. */
export interface ServingOptions {
  /** Behind `--dir`, which is always given. Default: as text on standard output, on any free port. */
  readonly args?: readonly string[];
  /** What `server_config.json` holds: an object, or a text that may be no JSON. Default: there is none. */
  readonly config?: object | string;
  /** The most file descriptors of the process. Default: those of the test. */
  readonly maxDescriptors?: number;
  /** Default: one with an identity. */
  readonly folder?: Folder;
}

/** `quietroom serve`, its folder, and those who talk there. */
export class Serving implements AsyncDisposable {
  readonly server: Running;
  readonly folder: Folder;
  readonly host: string;
  readonly port: string;
  readonly #people: Person[] = [];

  private constructor(server: Running, folder: Folder, host: string, port: string) {
    this.server = server;
    this.folder = folder;
    this.host = host;
    this.port = port;
  }

  static async start(options: ServingOptions = {}): Promise<Serving> {
    const folder = options.folder ?? (await Folder.withIdentity());
    if (options.config !== undefined) await configure(folder, options.config);
    const args = [
      'serve',
      '--dir',
      folder.path,
      '--port',
      '0',
      '--log-format',
      'text',
      ...(options.args ?? []),
    ];
    const { maxDescriptors } = options;
    const server = maxDescriptors === undefined ? quietroom(args) : limited(maxDescriptors, args);
    const [, host = '', port = ''] = await server.until(
      /^QuietRoom server \(1\.[12]\) on (\S+):(\d+)\. Ctrl-C ends it\.$/m,
    );
    await server.until(/^ {2}node .* echo .*$\n/m);
    return new Serving(server, folder, host, port);
  }

  async join(username: string): Promise<Person> {
    const person = await Person.connect({ username, ...client(this.port) });
    this.#people.push(person);
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Promise.all(this.#people.map((person) => person[Symbol.asyncDispose]()));
    await this.folder[Symbol.asyncDispose]();
  }
}

function limited(maxDescriptors: number, args: readonly string[]): Running {
  const command = `ulimit -n ${maxDescriptors}; exec "$0" "$@"`;
  return new Running('/bin/sh', ['-c', command, process.execPath, MAIN, ...args]);
}

export async function configure(folder: Folder, config: object | string): Promise<string> {
  return folder.write('server_config.json', typeof config === 'string' ? config : JSON.stringify(config));
}

/** What a client needs to reach a server with the first identity. */
export function client(port: string): { serverHost: string; serverPort: number; cert: string } {
  return { serverHost: '127.0.0.1', serverPort: Number(port), cert: firstIdentity.certPem };
}
