// The lines of a text, read where they lie in its bytes: nothing is made for a line, and memory is bounded by the longest.

import { ByteWindow } from "./byte-window.js";

/** No sensor writes longer ones; a file without line breaks must not be gathered whole. */
export const maxLineBytes = 65_536;

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * After `next`, bytes `from` to `to` of `bytes` are a line without its break. `next` steps on while whole lines are there;
 * then `fill` brings more, and answers false at the end of the content.
 */
export class LineBytes {
  /** Of the line, from 1, blank ones counted. */
  number = 0;
  from = 0;
  to = 0;
  /** Of the line, in bytes of the content. */
  offset = 0;
  /** Whether the content ends behind this line without a line break. */
  isUnbroken = false;
  /** Whether this is the beginning of a line that is longer than `maxLineBytes`; its rest is passed over. */
  isTooLong = false;
  readonly #window: ByteWindow;
  #nextOffset = 0;
  #passingOver = false;
  #ended = false;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#window = new ByteWindow(content);
  }

  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  next(): boolean {
    for (let next = this.#step(); next !== "more"; next = this.#step()) if (next === "line") return true;
    return false;
  }

  async fill(): Promise<boolean> {
    const window = this.#window;
    if (this.#ended) return false;
    const filled = await window.fill(window.available + 1);
    if (filled === "ended") this.#ended = true;
    if (this.number === 0) await this.#passOverMark();
    return !this.#ended || window.available > 0;
  }

  /** Lets go of the content, also before its end. */
  async close(): Promise<void> {
    await this.#window.close();
  }

  #step(): "line" | "passed" | "more" {
    const { bytes, at, end } = this.#window;
    const found = bytes.indexOf(newline, at);
    const isWhole = found >= 0 && found < end;
    const length = (isWhole ? found : end) - at;
    if (isWhole || (this.#ended && length > 0)) return this.#take(length, isWhole);
    if (length <= maxLineBytes) return "more";
    return this.#take(length, false);
  }

  #take(length: number, isWhole: boolean): "line" | "passed" {
    const isRest = this.#passingOver;
    this.isUnbroken = !isWhole && this.#ended;
    this.isTooLong = length > maxLineBytes;
    this.#passingOver = !isWhole && !this.#ended;
    this.offset = this.#nextOffset;
    this.from = this.#window.at;
    this.to = this.from + Math.min(length, maxLineBytes);
    if (this.bytes[this.to - 1] === carriageReturn && this.to > this.from) this.to--;
    this.#pass(length + (isWhole ? 1 : 0));
    if (isRest) return "passed";
    this.number++;
    return "line";
  }

  #pass(length: number): void {
    this.#window.at += length;
    this.#nextOffset += length;
  }

  async #passOverMark(): Promise<void> {
    const window = this.#window;
    if ((await window.fill(byteOrderMark.length)) === "ended") this.#ended = true;
    if (byteOrderMark.every((byte, index) => index < window.available && window.bytes[window.at + index] === byte))
      this.#pass(byteOrderMark.length);
  }
}
