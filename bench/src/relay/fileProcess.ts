import { FILE_CHUNK_BYTES, FILE_END_PACKET, formatFileStart } from '@quietroom/protocol';
import { Client, connectTls } from '../server/client.js';
import { serve } from '../server/remote.js';
import { now, type Target } from '../server/target.js';

const SHA256 = 'ab'.repeat(32);

/** So many chunks wait at most: the sender goes by back-pressure. */
const CHUNKS_AT_ONCE = 64;

const CHUNK = Buffer.alloc(FILE_CHUNK_BYTES, 0x61);
const PIECE = Buffer.alloc(65_536, 0x61);

/** A process of one client at an end of a file, or of one that talks meanwhile. */
export class FileProcess {
  #client: Client | undefined;
  /** How long each `at` took to come, in milliseconds. */
  #delays: number[] = [];
  #bare: Promise<unknown> | undefined;

  async login(target: Target, name: string): Promise<void> {
    this.#client = await Client.login(target, name);
  }

  /** Offers a file and sends it; gives the seconds from its start to the notice that it is through. */
  async send(recipient: string, bytes: number): Promise<number> {
    const client = this.#loggedIn();
    const begun = this.#heard((text) => text.startsWith('BEGIN_SEND'));
    client.send(`/file ${recipient} a.bin ${SHA256}`);
    await begun;
    const sent = this.#heard((text) => text.includes('stream completed') || text.includes('cancelled'));
    const start = now();
    client.sendFile(formatFileStart({ name: 'a.bin', size: bytes, sha256: undefined }), () => {});
    let left = bytes;
    const sendNext = (): void => {
      if (left === 0) return;
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
      left -= chunk.length;
      client.sendFile(chunk, sendNext);
      if (left === 0) client.sendFile(FILE_END_PACKET, () => {});
    };
    for (let count = 0; count < CHUNKS_AT_ONCE; count++) sendNext();
    await sent;
    return (now() - start) / 1000;
  }

  /** Accepts the next file; gives how many bytes of it have come when its end has. */
  async receive(): Promise<number> {
    const client = this.#loggedIn();
    let bytes = 0;
    const ended = new Promise<void>((resolve) => {
      client.onFile((packet) => {
        if (packet.equals(FILE_END_PACKET)) resolve();
        else if (!packet.subarray(0, 11).equals(Buffer.from('FILE_START|'))) bytes += packet.length;
      });
    });
    await this.#heard((text) => {
      const id = /^Transfer ID: (\S+)$/m.exec(text)?.[1];
      if (id !== undefined) client.send(`/accept ${id}`);
      return id !== undefined;
    });
    client.onText((text) => this.#noteDelay(text));
    await ended;
    return bytes;
  }

  freeze(): void {
    this.#client?.socket.pause();
  }

  /** Sends so many direct messages that say when they were sent. */
  async talk(recipient: string, messages: number, everyMs: number): Promise<void> {
    for (let index = 0; index < messages; index++) {
      this.#loggedIn().send(`/msg ${recipient} at ${now().toFixed(3)}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  listen(): void {
    this.#loggedIn().onText((text) => this.#noteDelay(text));
  }

  /** Sorted; and forgets them. */
  delays(): number[] {
    const delays = this.#delays.sort((a, b) => a - b);
    this.#delays = [];
    return delays;
  }

  /** The recipient of a bare relay; it must come first. */
  async connectBare(target: Target, bytes: number): Promise<void> {
    const { socket } = await connectTls(target);
    let left = bytes;
    this.#bare = new Promise((resolve) => {
      socket.on('data', (record: Buffer) => {
        left -= record.length;
        if (left <= 0) resolve(left);
      });
    });
  }

  async receiveBare(): Promise<void> {
    await this.#bare;
  }

  async sendBare(target: Target, bytes: number, recordBytes: number): Promise<void> {
    const { socket } = await connectTls(target);
    socket.setMaxSendFragment(recordBytes);
    for (let left = bytes; left > 0; left -= PIECE.length) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
    }
  }

  #noteDelay(text: string): void {
    const at = /^\[DM from .*: at (\d+\.?\d*)$/.exec(text)?.[1];
    if (at !== undefined) this.#delays.push(now() - Number(at));
  }

  #heard(isIt: (text: string) => boolean): Promise<void> {
    return new Promise((resolve) => this.#loggedIn().onText((text) => isIt(text) && resolve()));
  }

  #loggedIn(): Client {
    if (this.#client === undefined) throw new Error('Not logged in.');
    return this.#client;
  }
}

serve(new FileProcess());
