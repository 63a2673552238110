import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { FakeClock, ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import type { ConnectorConfig, QuietRoomConnector } from 'quietroom-connector';
import { logIn, quietConnector, until } from '../fixtures.js';

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The server's side of transfers, played step by step by a test. */
export class FileServer implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly connector: QuietRoomConnector;
  readonly #peer: ScriptedPeer;
  #marks = 0;

  private constructor(peer: ScriptedPeer, clock: FakeClock, connector: QuietRoomConnector) {
    this.#peer = peer;
    this.clock = clock;
    this.connector = connector;
  }

  /** A connector, named `tester`, that is logged in at a server that says nothing by itself. */
  static async start(config: ConnectorConfig = {}): Promise<FileServer> {
    const clock = new FakeClock();
    const peer = await ScriptedPeer.start(async (connection) => void (await logIn(connection)));
    const connector = quietConnector({ ...peer.config, clock, ...config });
    await connector.connect();
    return new FileServer(peer, clock, connector);
  }

  /** The connection that is used now. */
  get connection(): PeerConnection {
    const connection = this.#peer.connections.at(-1);
    assert.ok(connection);
    return connection;
  }

  async hears(text: string): Promise<void> {
    assert.equal(await this.connection.hear(), text);
  }

  async hearsFile(text: string): Promise<void> {
    assert.equal((await this.connection.hearFile()).toString('latin1'), text);
  }

  async says(...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.connection.say(text);
  }

  async saysFile(...packets: readonly (string | Uint8Array)[]): Promise<void> {
    for (const packet of packets) await this.connection.sayFile(packet);
  }

  /** Answers `/features`: that the server takes files fast, or that it does not know the command. */
  async tellsFeatures(
    text = 'Unknown command: /features. Type /help for available commands.',
  ): Promise<void> {
    await this.hears('/features');
    await this.says(text);
  }

  /** Takes an offer of ours, as the transfer `tester_USER_1`. */
  async takesOffer(user: string, name: string, content: string | Uint8Array): Promise<void> {
    let heard = await this.connection.hear();
    // A file that went fast before may still have asked.
    while (heard === '/features') {
      await this.says('Features: fast-files');
      heard = await this.connection.hear();
    }
    assert.equal(heard, `/file ${user} ${name} ${sha256(content)}`);
    await this.says(offered(user));
  }

  /** Lets the recipient accept, and the sender begin. */
  async accepts(user: string, name: string, content: string | Uint8Array): Promise<void> {
    await this.says(acceptedBy(user), `BEGIN_SEND|${name}|${sha256(content)}`);
  }

  /** Resolves when the connector has received all that was said. */
  async isHeard(): Promise<void> {
    const mark = `mark ${this.#marks++}`;
    const once = new AbortController();
    const heard = new Promise<void>((resolve) => {
      this.connector.onMessage((text) => text === mark && resolve(), { signal: once.signal });
    });
    await this.says(mark);
    await heard;
    once.abort();
  }

  /** Lets time pass, when it is being waited for. */
  async passes(ms: number): Promise<void> {
    await until(() => this.clock.pending > 0);
    this.clock.advance(ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer.close();
    await this.connector.disconnect();
  }
}

export function offered(user: string, id = `tester_${user}_1`): string {
  return `*** File transfer request sent to ${user} ***\nTransfer ID: ${id}\nWaiting for recipient to accept...`;
}

export function acceptedBy(user: string, id = `tester_${user}_1`): string {
  return `*** ${user} accepted your file transfer (ID: ${id}). ***`;
}

export function offer(
  sender: string,
  name: string,
  content: string | Uint8Array,
  id = `${sender}_tester_1`,
): string {
  return `*** FILE TRANSFER REQUEST ***\nSender: ${sender}\nFile: ${name}\nSHA-256: ${sha256(content)}\nTransfer ID: ${id}\n\nTo accept, type: /accept ${id}\nTo decline, type: /decline ${id}`;
}
