const NEWLINE = 10;
const FIRST_BYTES = 4096;

/** Cuts a stream of bytes into lines. The memory it takes is at most twice what it holds. */
export class LineBuffer {
  #buffer = Buffer.alloc(0);
  /** The bytes from `#start` to `#end` are in use; up to `#scanned` there is no line break. */
  #start = 0;
  #scanned = 0;
  #end = 0;

  add(bytes: Buffer): void {
    const held = this.#end - this.#start;
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(held + bytes.length);
    bytes.copy(this.#buffer, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole line, without its end; undefined when there is none yet. Valid until the next `add`. */
  take(): Buffer | undefined {
    const at = this.#buffer.subarray(this.#scanned, this.#end).indexOf(NEWLINE);
    if (at === -1) {
      this.#scanned = this.#end;
      return undefined;
    }
    const end = this.#scanned + at;
    const line = this.#buffer.subarray(this.#start, end);
    this.#start = end + 1;
    this.#scanned = this.#start;
    return line;
  }

  /** Bytes of lines that were not taken. */
  get heldBytes(): number {
    return this.#end - this.#start;
  }

  #makeRoom(neededBytes: number): void {
    const buffer = Buffer.allocUnsafe(Math.max(FIRST_BYTES, neededBytes + this.heldBytes));
    this.#buffer.copy(buffer, 0, this.#start, this.#end);
    this.#scanned -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = buffer;
  }
}
