// One flow tuple of Azure as it is written: a text of fields between commas (DOMAIN 4.1, 4.2), read by number and without
// making anything of it.

import { type FieldBytes, readAddress } from "./address-field.js";

/** More fields than any version has. */
const maxFields = 16;
/** Three times the longest tuple of IPv6. */
const maxBytes = 512;

const comma = 0x2c;
const zero = 0x30;
const lastAscii = 0x7f;

/** The fields of one tuple after another, in the same memory. */
export class FlowTuple {
  fieldCount = 0;
  readonly #field: FieldBytes = { bytes: new Uint8Array(maxBytes), from: 0, to: 0 };
  /** Where each field begins, and behind the last of them where the next one would. */
  readonly #starts = new Uint16Array(maxFields + 1);

  /** False where the text is no tuple at all. */
  take(text: string): boolean {
    if (text.length > maxBytes) return false;
    const { bytes } = this.#field;
    let count = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > lastAscii) return false;
      bytes[at] = code;
      if (code !== comma) continue;
      if (++count === maxFields) return false;
      this.#starts[count] = at + 1;
    }
    this.fieldCount = count + 1;
    this.#starts[count + 1] = text.length + 1;
    return true;
  }

  isEmpty(index: number): boolean {
    return index >= this.fieldCount || this.#starts[index + 1]! - this.#starts[index]! === 1;
  }

  /** The code of a field that is a single letter, else 0. */
  letter(index: number): number {
    if (index >= this.fieldCount || this.#starts[index + 1]! - this.#starts[index]! !== 2) return 0;
    return this.#field.bytes[this.#starts[index]!]!;
  }

  beginsWithDigit(index: number): boolean {
    const digit = this.isEmpty(index) ? -1 : this.#field.bytes[this.#starts[index]!]! - zero;
    return digit >= 0 && digit <= 9;
  }

  /** A whole number; NaN where the field is none, or too large to be exact. */
  number(index: number): number {
    const { bytes, from, to } = this.#at(index);
    let value = from === to ? Number.NaN : 0;
    for (let at = from; at < to; at++) {
      const digit = bytes[at]! - zero;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
    }
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
  }

  /** See `readAddress`. */
  address(index: number, words: Uint32Array, place: number): boolean {
    return readAddress(this.#at(index), words, place);
  }

  text(index: number): string {
    const { bytes, from, to } = this.#at(index);
    return String.fromCharCode(...bytes.subarray(from, to));
  }

  isText(index: number, text: string): boolean {
    const { bytes, from, to } = this.#at(index);
    if (to - from !== text.length) return false;
    for (let at = from; at < to; at++) if (bytes[at] !== text.charCodeAt(at - from)) return false;
    return true;
  }

  #at(index: number): FieldBytes {
    this.#field.from = this.#starts[index]!;
    this.#field.to = index < this.fieldCount ? this.#starts[index + 1]! - 1 : this.#field.from;
    return this.#field;
  }
}
