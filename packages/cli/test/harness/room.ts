import { QuietRoomServer, type LogEntry, type ServerOptions } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { eventually, Folder, Person } from './quietroom.js';

/** A server in this process, and the folder with its certificate. */
export class Room implements AsyncDisposable {
  server: QuietRoomServer;
  readonly folder: Folder;
  readonly #log: LogEntry[];
  readonly #options: ServerOptions;
  readonly #people: Person[] = [];

  private constructor(server: QuietRoomServer, folder: Folder, log: LogEntry[], options: ServerOptions) {
    this.server = server;
    this.folder = folder;
    this.#log = log;
    this.#options = options;
  }

  static async open(more: ServerOptions = {}): Promise<Room> {
    const log: LogEntry[] = [];
    const options: ServerOptions = {
      identity: firstIdentity,
      log: (entry) => log.push(entry),
      ...more,
    };
    const server = await QuietRoomServer.start({ port: 0, ...options });
    return new Room(server, await Folder.withIdentity(), log, options);
  }

  /** A command, with the options that lead to this server. */
  args(command: string, ...more: readonly string[]): string[] {
    const { host, port } = this.server;
    return [
      command,
      '--host',
      host,
      '--port',
      `${port}`,
      '--cert',
      `${this.folder.path}/chat_public.pem`,
      ...more,
    ];
  }

  /** Somebody on the server, until the end at the latest. */
  async join(username: string): Promise<Person> {
    const { host, port, certPem } = this.server;
    const person = await Person.connect({ username, serverHost: host, serverPort: port, cert: certPem });
    this.#people.push(person);
    return person;
  }

  /** Somebody in a room. */
  async joinRoom(username: string, room: string, password?: string): Promise<Person> {
    const person = await this.join(username);
    await person.connector.joinRoom(room, password);
    return person;
  }

  /** The names of all who have logged in, in that order. */
  get names(): string[] {
    return this.#log.flatMap((entry) => (entry.event === 'joined' ? [entry.name] : []));
  }

  /** Why the connection of this user ended. */
  async farewell(name: string): Promise<string> {
    let reason: string | undefined;
    await eventually(`${name} has left`, () => {
      const left = this.#log.find((entry) => entry.event === 'closed' && entry.name === name);
      if (left?.event === 'closed') reason = left.reason;
      return reason !== undefined;
    });
    return reason ?? '';
  }

  /** Ends the server, and starts another on the same port. */
  async restart(more: ServerOptions = {}): Promise<void> {
    const { port } = this.server;
    await this.server.close();
    this.server = await QuietRoomServer.start({ ...this.#options, port, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#people.map((person) => person[Symbol.asyncDispose]()));
    await this.server.close();
    await this.folder[Symbol.asyncDispose]();
  }
}
