// Finds the next record behind a broken one. What it takes for a record stands where one may stand, begins with the same
// key as the record before, and shares most keys with it: so that no piece of the broken record passes for a whole one.

import type { ByteWindow } from "./byte-window.js";
import type { ProblemKind } from "./importer.js";
import { beforeSpace, maxRecordBytes, scanValue, textOf, tooLarge, wrapperKeys } from "./json-value.js";

/** What is being read. `array`: of records; `wrapper`: the object around such an array, behind it. */
export type JsonContext = "top" | "array" | "wrapped-array" | "wrapper";

export type Lost = {
  readonly context: JsonContext;
  /** The object read last, if any. */
  readonly example: object | null;
  /** Null: the content ends inside the record. */
  readonly why: string | null;
};

/** What stands at `window.at` when the search is over. */
export type Found = { readonly kind: "record" } | { readonly kind: "document" } | { readonly kind: "nothing" };

const openBrace = 0x7b;
const newline = 0x0a;
/** `,` `[` `]` and `}`: what may stand before a record. */
const separators: ReadonlySet<number | undefined> = new Set([0x2c, 0x5b, 0x5d, 0x7d]);

/** Of a record's beginning: white space before it and its first key. */
const lookBehind = 1024;
const lookAhead = 1024;
const firstKey = /^\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*(\[?)/;
/** From then on a false beginning is stepped over with what was looked at of its line, so that hostile content takes no hours. */
const maxPatience = 64;

export class JsonSearch {
  readonly offset: number;
  readonly #key: string | null;
  #attempts = 0;

  constructor(
    private readonly window: ByteWindow,
    private readonly lost: Lost,
  ) {
    this.offset = window.offset;
    this.#key = lost.example === null ? (this.#headAt(window.at)?.[1] ?? null) : (Object.keys(lost.example)[0] ?? null);
    window.at++;
  }

  /** The search's end, or how many bytes it needs to go on. */
  advance(atEnd: boolean): Found | number {
    const { window } = this;
    for (;;) {
      const found = window.bytes.subarray(window.at, window.end).indexOf(openBrace);
      if (found < 0) return atEnd ? this.#giveUp() : this.#keepTail();
      window.at += found;
      if (!atEnd && window.available < lookAhead) return this.#more(lookAhead);
      const outcome = this.#tryHere(atEnd);
      if (outcome !== null) return outcome;
    }
  }

  problem(found: Found): ProblemKind {
    if (this.lost.why === tooLarge) return "over-limit";
    return found.kind === "nothing" && this.lost.why === null ? "cut-off" : "malformed";
  }

  message(found: Found): string {
    const { why } = this.lost;
    const place = `the record at byte ${this.offset}`;
    if (found.kind === "nothing") {
      return why === null
        ? `the JSON ends in the middle of ${place}: export the file again`
        : `${place} can't be read, and none was found behind it: ${why}`;
    }
    const reason = why ?? "it does not end";
    return `${place} can't be read: ${reason}; reading went on at byte ${this.window.offset}`;
  }

  #tryHere(atEnd: boolean): Found | number | null {
    const kind = this.#mayBegin();
    if (kind === null) return this.#stepOver(1);
    const { bytes, at, end, available } = this.window;
    const scanned = scanValue(bytes, { start: at, end, seeksWrapper: kind === "document" });
    if (scanned.kind === "wrapper") return { kind: "document" };
    if (scanned.kind === "unfinished" && !atEnd && available <= maxRecordBytes) return this.#more(available * 2);
    if (scanned.kind === "whole" && this.#isAlike(kind, scanned.length)) return { kind };
    return this.#stepOver(++this.#attempts > maxPatience ? this.#lineWithin(scanned.length) : 1);
  }

  /** A document begins on a line of its own at the top, and anywhere with a wrapper's key. */
  #mayBegin(): "record" | "document" | null {
    const { bytes, at } = this.window;
    const head = this.#headAt(at);
    if (head === null) return null;
    const [, key, bracket] = head;
    if (bracket === "[" && wrapperKeys.includes(key!)) return "document";
    const anyLine = this.lost.context === "top" || this.#key === null;
    if (anyLine && bytes[at - 1] === newline) return "document";
    return key === this.#key && separators.has(bytes[beforeSpace(bytes, at)]) ? "record" : null;
  }

  #headAt(at: number): RegExpExecArray | null {
    const { bytes, end } = this.window;
    return firstKey.exec(textOf(bytes, at, Math.min(end, at + lookAhead)));
  }

  #isAlike(kind: "record" | "document", length: number): boolean {
    const { bytes, at } = this.window;
    const value = parsedObject(textOf(bytes, at, at + length));
    if (value === null) return false;
    if (this.lost.example === null || kind === "document") return true;
    const wanted = Object.keys(this.lost.example);
    return wanted.filter((key) => key in value).length * 3 >= wanted.length * 2;
  }

  #lineWithin(length: number): number {
    const { bytes, at } = this.window;
    const found = bytes.subarray(at, at + length).indexOf(newline);
    return found < 0 ? length : found;
  }

  #stepOver(byteCount: number): null {
    this.window.at += byteCount;
    return null;
  }

  /** Enough stays for what stands before a record. */
  #keepTail(): number {
    const { window } = this;
    window.at = Math.max(window.at, window.end - lookBehind);
    return window.available + 1;
  }

  /** What stands before a record would go when the window moves: it is kept, and looked at again. */
  #more(byteCount: number): number {
    const { window } = this;
    const back = Math.min(lookBehind, window.at, window.offset - this.offset - 1);
    window.at -= back;
    return byteCount + back;
  }

  #giveUp(): Found {
    this.window.at = this.window.end;
    return { kind: "nothing" };
  }
}

function parsedObject(text: string): object | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
