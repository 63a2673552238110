import { fileURLToPath } from 'node:url';
import { QuietRoomServer } from '@quietroom/server';
import type { ConnectorConfig } from 'quietroom-connector';
import { Folder, Person, Running, type RunOptions } from '../harness/quietroom.js';

/** A server with an identity in a folder, as examples find it; it can be started again on the same port. */
export class Scene implements AsyncDisposable {
  readonly folder: Folder;
  server: QuietRoomServer;

  private constructor(folder: Folder, server: QuietRoomServer) {
    this.folder = folder;
    this.server = server;
  }

  static async begin(): Promise<Scene> {
    const folder = await Folder.withIdentity();
    return new Scene(folder, await QuietRoomServer.start({ port: 0, identityFolder: folder.path }));
  }

  async restartServer(): Promise<void> {
    const { port } = this.server;
    await this.server.close();
    this.server = await QuietRoomServer.start({ port, identityFolder: this.folder.path });
  }

  run(example: string, args: readonly string[] = [], { cwd, env }: RunOptions = {}): Running {
    const path = fileURLToPath(new URL(`../../../../examples/dist/${example}.js`, import.meta.url));
    return new Running(process.execPath, [path, ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: {
        QUIETROOM_HOST: this.server.host,
        QUIETROOM_PORT: `${this.server.port}`,
        QUIETROOM_CERT: `${this.folder.path}/chat_public.pem`,
        ...env,
      },
    });
  }

  /** Somebody on the server, in a room if one is named. */
  async person(username: string, room?: string): Promise<Person> {
    const config: ConnectorConfig = {
      username,
      serverHost: this.server.host,
      serverPort: this.server.port,
      cert: this.server.certPem,
    };
    const person = await Person.connect(config);
    if (room !== undefined) await person.connector.joinRoom(room);
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.folder[Symbol.asyncDispose]();
  }
}
