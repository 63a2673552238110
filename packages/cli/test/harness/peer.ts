import { ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import { Folder, quietroom, type Running } from './quietroom.js';

/** A scripted peer, and the folder with its certificate. */
export class Peer implements AsyncDisposable {
  readonly #peer: ScriptedPeer;
  readonly #folder: Folder;

  private constructor(peer: ScriptedPeer, folder: Folder) {
    this.#peer = peer;
    this.#folder = folder;
  }

  static async start(script: (connection: PeerConnection) => Promise<void>): Promise<Peer> {
    return new Peer(await ScriptedPeer.start(script), await Folder.withIdentity());
  }

  /** A command, with the options that lead to this peer. */
  run(command: string, ...more: readonly string[]): Running {
    const args = [command, '--host', '127.0.0.1', '--port', `${this.#peer.port}`, ...more];
    return quietroom(args, { cwd: this.#folder.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}

export async function logIn(connection: PeerConnection): Promise<void> {
  await connection.secure();
  await connection.exchangeKeys();
  await connection.welcome();
}
