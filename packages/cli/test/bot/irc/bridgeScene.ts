import type { ServerOptions } from '@quietroom/server';
import { quietroom, type Running } from '../../harness/quietroom.js';
import { Room } from '../../harness/room.js';
import { IrcServer, type Ircd, type IrcServerOptions } from './ircServers.js';

/** Settings that let lines pass faster than any server with limits takes them, but not all at once. */
const FAST = 'burst = 21\nlines_per_second = 500\n';

export interface SceneOptions {
  /** Settings of `[irc]`, without host and port. */
  readonly irc?: string;
  /** Settings before the first table. */
  readonly top?: string;
  /** Pairs of place and channel. */
  readonly links?: readonly (readonly [place: string, channel: string])[];
  readonly ircd?: IrcServerOptions;
  readonly chat?: ServerOptions;
  /** By the TLS port; the certificate is pinned unless `unpinned`. */
  readonly tls?: boolean | 'unpinned';
}

/** A server of each side, and a bridge between them. */
export class BridgeScene implements AsyncDisposable {
  readonly room: Room;
  readonly irc: IrcServer;

  private constructor(room: Room, irc: IrcServer) {
    this.room = room;
    this.irc = irc;
  }

  static async open(ircd: Ircd, options: SceneOptions = {}): Promise<BridgeScene> {
    const irc = await IrcServer.start(ircd, options.ircd);
    const scene = new BridgeScene(await Room.open(options.chat), irc);
    const { tls = false, top = '', links = [['#ops', '#ops']] } = options;
    const port = tls
      ? `port = ${irc.tlsPort}\n${tls === true ? `tls_fingerprint = "${irc.fingerprint}"` : ''}`
      : `port = ${irc.port}\ntls = false`;
    await scene.room.folder.write(
      'irc.toml',
      `${top}
[irc]
host = "127.0.0.1"
${port}
${options.irc ?? FAST}
${links.map(([place, channel]) => `[[links]]\nplace = "${place}"\nchannel = "${channel}"\n`).join('')}`,
    );
    return scene;
  }

  get command(): string[] {
    return ['bot', ...this.room.args('irc')];
  }

  /** Starts the bridge; resolves when it is in the channels. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const bridge = quietroom(this.command, { cwd: this.room.folder.path, env });
    await bridge.until(/bridges to/);
    await bridge.untilError(/IRC: in #/);
    return bridge;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room[Symbol.asyncDispose]();
    await this.irc[Symbol.asyncDispose]();
  }
}
