// Texts made of bytes, each made once and found again by its bytes: records name the same few things over and over, and a
// string for each time would take longer than all the rest of reading them.

/** Keys are gathered with `begin` and `put`, then `text` finds or makes what belongs to them. */
export class ByteTexts {
  readonly #capacity: number;
  #slots = new Int32Array(2 * initialTexts).fill(-1);
  #hashes = new Int32Array(initialTexts);
  /** Where each key begins among the kept bytes, and where the last one ends. */
  #starts = new Uint32Array(initialTexts + 1);
  #kept = viewOf(initialBytes);
  #count = 0;
  #hash = 0;
  /** Where the key in the making ends; it begins behind the last that is kept. */
  #end = 0;
  readonly #texts: string[] = [];

  /** With so many texts all are forgotten, and those that come again are made again. */
  constructor(capacity: number) {
    this.#capacity = capacity;
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
    if (this.#count === this.#hashes.length) this.#grow();
    return text;
  }

  #grow(): void {
    const size = this.#hashes.length * 2;
    const [hashes, starts] = [this.#hashes, this.#starts];
    this.#hashes = new Int32Array(size);
    this.#hashes.set(hashes);
    this.#starts = new Uint32Array(size + 1);
    this.#starts.set(starts);
    this.#slots = new Int32Array(2 * size).fill(-1);
    for (let index = 0; index < this.#count; index++) this.#putInSlot(index);
  }

  #putInSlot(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[index]! & mask;
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index;
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

/** Little: many files are small, and each is read with texts of its own. */
const initialTexts = 256;
const initialBytes = 4096;
/** Stands in no text field. */
const separator = 0;
const maxKeptBytes = 16_777_216;
