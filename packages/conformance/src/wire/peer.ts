import { Unmet, type Step } from '../engine/conformanceCase.js';
import { FILE, DECOY, rawPacket, seal, TEXT } from './packets.js';
import { PacketReader, type ReadPacket } from './packetReader.js';
import { NothingCame, type Wire } from './wire.js';

/** A text that is waited for: exactly this one, or one that passes a test. */
export type Expected = string | { readonly shown: string; readonly test: (text: string) => boolean };

function matches(expected: Expected, text: string): boolean {
  return typeof expected === 'string' ? expected === text : expected.test(text);
}

function shown(expected: Expected): string {
  return typeof expected === 'string' ? JSON.stringify(expected) : expected.shown;
}

/** The other side of a connection after the key exchange: what is sent to it, and what comes from it. */
export class Peer {
  readonly wire: Wire;
  readonly key: Buffer;
  /** All texts that came. */
  readonly texts: string[] = [];
  /** The same as bytes. */
  readonly textBytes: Buffer[] = [];
  /** The plaintexts of all file packets that came. */
  readonly files: Buffer[] = [];
  /** All packets that came, with their layout. */
  readonly packets: ReadPacket[] = [];
  /** Is called for each text that comes. */
  onText: ((text: string) => void) | undefined;
  readonly #steps: Step[];
  /** The texts before it have been waited for or passed over. */
  #next = 0;
  #nextFile = 0;

  constructor(wire: Wire, key: Buffer, steps: Step[]) {
    this.wire = wire;
    this.key = key;
    this.#steps = steps;
    const reader = new PacketReader(key);
    wire.onRecord((record) => {
      for (const packet of reader.receive(record)) this.#receive(packet);
    });
  }

  /** Sends a text in a record of its own. */
  async say(text: string | Uint8Array, paddingBytes?: number): Promise<void> {
    await this.send(TEXT, text, paddingBytes);
  }

  async sayFile(bytes: string | Uint8Array): Promise<void> {
    await this.send(FILE, bytes);
  }

  /** Sends a sealed packet of any type in a record of its own. */
  async send(type: number, plaintext: string | Uint8Array, paddingBytes?: number): Promise<void> {
    await this.wire.write(this.packet(plaintext, type, paddingBytes));
  }

  packet(plaintext: string | Uint8Array, type = TEXT, paddingBytes?: number): Buffer {
    return rawPacket(type, seal(this.key, Buffer.from(plaintext)), paddingBytes);
  }

  /**
   * Waits for a text, passes over those before it, and returns it. With several, any of them will do.
   *
   * @throws Unmet
   */
  async hears(...expected: readonly [Expected, ...Expected[]]): Promise<string> {
    const from = this.#next;
    const found = await this.#await(expected.map(shown).join(' or '), () => {
      const index = this.texts.findIndex(
        (text, at) => at >= from && expected.some((one) => matches(one, text)),
      );
      return index < 0 ? undefined : index;
    });
    this.#next = found + 1;
    return this.#saw(expected.map(shown).join(' or '), this.texts[found] ?? '');
  }

  /** Waits for the next packet of a file, whatever it is. @throws Unmet */
  async hearsFile(expected: string): Promise<Buffer> {
    const at = this.#nextFile++;
    const bytes = await this.#await(expected, () => this.files[at]);
    this.#steps.push({ expected, seen: describe(bytes) });
    return bytes;
  }

  /** Waits until the other side closes. @throws Unmet */
  async closes(): Promise<void> {
    await this.#await('the connection is closed', () => (this.wire.isOver ? true : undefined));
    this.#steps.push({ expected: 'the connection is closed', seen: 'the connection was closed' });
  }

  /** Makes sure that no text so far is one of these. Call it when an answer has shown that nothing will come. */
  neverHeard(...unexpected: readonly Expected[]): void {
    for (const one of unexpected) {
      const text = this.texts.find((heard) => matches(one, heard));
      const expected = `no text ${shown(one)}`;
      this.#steps.push({ expected, seen: text === undefined ? 'none' : JSON.stringify(text) });
      if (text !== undefined) throw new Unmet('A text came that must not come.');
    }
  }

  /** How often a text has come. */
  countOf(expected: Expected): number {
    return this.texts.filter((text) => matches(expected, text)).length;
  }

  async #await<T>(expected: string, find: () => T | undefined): Promise<T> {
    try {
      return await this.wire.until(find);
    } catch (error) {
      if (!(error instanceof NothingCame)) throw error;
      const last = this.texts
        .slice(this.#next)
        .slice(-5)
        .map((text) => JSON.stringify(text));
      const seen = last.length === 0 ? error.message : `${last.join(', ')}; then ${error.message}`;
      this.#steps.push({ expected, seen });
      throw new Unmet(`Not seen: ${expected}.`);
    }
  }

  #saw(expected: string, text: string): string {
    this.#steps.push({ expected, seen: JSON.stringify(text) });
    return text;
  }

  #receive(packet: ReadPacket): void {
    this.packets.push(packet);
    if (packet.type === DECOY) return;
    if (packet.type === FILE) {
      this.files.push(packet.plaintext);
    } else {
      this.texts.push(packet.plaintext.toString());
      this.textBytes.push(packet.plaintext);
      this.onText?.(packet.plaintext.toString());
    }
  }
}

function describe(bytes: Buffer): string {
  return bytes.length <= 200 ? JSON.stringify(bytes.toString('latin1')) : `${bytes.length} bytes`;
}
