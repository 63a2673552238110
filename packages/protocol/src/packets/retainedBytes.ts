const FIRST_CAPACITY = 1024;

/** More than this is not kept for the next packet: most clients send few long ones. */
const IDLE_CAPACITY = 2048;

/** The tail of the stream that may still belong to a packet. Grows by doubling; when nothing is kept, its memory is small, too. */
export class RetainedBytes {
  #buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** The bytes kept; valid until the next change. */
  get view(): Buffer {
    return this.#buffer.subarray(this.#from, this.#to);
  }

  append(bytes: Uint8Array): void {
    if (this.#to + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Drops the oldest bytes, so that the newest `length` stay. */
  keepLast(length: number): void {
    this.#from = this.#to - length;
    if (length > 0) return;
    this.#from = this.#to = 0;
    if (this.#buffer.length > IDLE_CAPACITY) this.#buffer = Buffer.alloc(0);
  }

  #makeRoom(extra: number): void {
    const needed = this.length + extra;
    let capacity = Math.max(FIRST_CAPACITY, this.#buffer.length);
    while (capacity < needed) capacity *= 2;
    const target = capacity > this.#buffer.length ? Buffer.allocUnsafeSlow(capacity) : this.#buffer;
    this.#buffer.copy(target, 0, this.#from, this.#to);
    this.#to = this.length;
    this.#from = 0;
    this.#buffer = target;
  }
}
