// Texts made of bytes, each made once and found again by its bytes: records name the same few things over and over, and a
// string for each time would take longer than all the rest of reading them.

/** Keys are gathered with `begin` and `put`, then `text` finds or makes what belongs to them. */
export class ByteTexts {
  readonly #capacity: number;
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  /** Where each key begins among the kept bytes, and where the last one ends. */
  readonly #starts: Uint32Array;
  #kept = viewOf(65_536);
  #count = 0;
  #hash = 0;
  /** Where the key in the making ends; it begins behind the last that is kept. */
  #end = 0;
  readonly #texts: string[] = [];

  /** With so many texts all are forgotten, and those that come again are made again. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2))).fill(-1);
    this.#hashes = new Int32Array(capacity);
    this.#starts = new Uint32Array(capacity + 1);
  }

  begin(): void {
    this.#end = this.#starts[this.#count]!;
    this.#hash = 0;
  }

  /** Adds a part to the key, four bytes at a time; parts of other lengths make another key, even of the same bytes. */
  put(part: DataView, from: number, to: number): void {
    this.#reserve(to - from + 1);
    const kept = this.#kept;
    let [hash, end, at] = [this.#hash, this.#end, from];
    for (; at + 4 <= to; at += 4, end += 4) {
      const bytes = part.getInt32(at);
      kept.setInt32(end, bytes);
      hash = mixed(hash, bytes);
    }
    for (; at < to; at++, end++) {
      const byte = part.getUint8(at);
      kept.setUint8(end, byte);
      hash = mixed(hash, byte);
    }
    kept.setUint8(end, separator);
    this.#hash = mixed(hash, separator);
    this.#end = end + 1;
  }

  /** What belongs to the key; `make` says it the first time. */
  text(make: () => string): string {
    const hash = this.#hash ^ (this.#hash >>> 15);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]!;
      if (index < 0) return this.#keep(slot, hash, make());
      if (this.#hashes[index] === hash && this.#equals(index)) return this.#texts[index]!;
    }
  }

  #equals(index: number): boolean {
    const kept = this.#kept;
    const [own, from, end] = [this.#starts[index]!, this.#starts[this.#count]!, this.#starts[index + 1]!];
    if (end - own !== this.#end - from) return false;
    let [at, key] = [own, from];
    for (; at + 4 <= end; at += 4, key += 4) if (kept.getInt32(at) !== kept.getInt32(key)) return false;
    for (; at < end; at++, key++) if (kept.getUint8(at) !== kept.getUint8(key)) return false;
    return true;
  }

  #keep(slot: number, hash: number, text: string): string {
    if (this.#count === this.#capacity || this.#end > maxKeptBytes) {
      this.#forget();
      return text;
    }
    this.#slots[slot] = this.#count;
    this.#hashes[this.#count] = hash;
    this.#texts[this.#count] = text;
    this.#starts[++this.#count] = this.#end;
    return text;
  }

  #forget(): void {
    this.#slots.fill(-1);
    this.#count = 0;
    this.#texts.length = 0;
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#kept.byteLength) return;
    const grown = viewOf((this.#end + length) * 2);
    new Uint8Array(grown.buffer).set(new Uint8Array(this.#kept.buffer));
    this.#kept = grown;
  }
}

function viewOf(byteCount: number): DataView<ArrayBuffer> {
  return new DataView(new ArrayBuffer(byteCount));
}

function mixed(hash: number, bytes: number): number {
  const value = Math.imul(hash ^ bytes, 0x9e3779b1);
  return value ^ (value >>> 15);
}

/** Stands in no text field. */
const separator = 0;
const maxKeptBytes = 16_777_216;
