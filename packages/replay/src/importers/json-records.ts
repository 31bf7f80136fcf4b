// Cuts JSON into its records without holding the document: the elements of a top-level array, of an array under one of
// `wrapperKeys`, one value a line, or the one object that a document is; any number of documents one after another.
// Where something is broken, reading goes on with the next record (`json-search.ts`).

import { ByteWindow } from "./byte-window.js";
import type { ProblemKind } from "./importer.js";
import { type JsonContext, JsonSearch } from "./json-search.js";
import { closingQuote, isSpace, maxRecordBytes, scanValue, textOf, tooLarge, wrapperKeys } from "./json-value.js";

export type JsonRecord =
  /** From 1. `offset` in bytes from the beginning of the content. */
  | { readonly kind: "record"; readonly number: number; readonly offset: number; readonly value: unknown }
  | {
      readonly kind: "problem";
      readonly problem: ProblemKind;
      readonly number: number;
      readonly offset: number;
      readonly message: string;
    }
  /** All records that are there were read, and there are more, or there may be. */
  | { readonly kind: "incomplete"; readonly offset: number; readonly message: string };

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const newline = 0x0a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
/** After so many records of one line each a broken one ends with its line. */
const linesOfLines = 2;
/** Beside the records: where the next ones are to be had, of REST and of the AWS CLI. */
const pageKeys: readonly string[] = ["nextLink", "@odata.nextLink", "NextToken", "nextToken"];
const pageMark = new RegExp(`"(${pageKeys.join("|")})"\\s*:\\s*"[^"]`);
const byteOrderMark: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

export async function* readJsonRecords(content: AsyncIterable<Uint8Array>): AsyncIterable<JsonRecord> {
  const window = new ByteWindow(content);
  const cutter = new RecordCutter(window);
  try {
    for (let ended = false; ; ) {
      const needed = cutter.take(ended);
      for (const record of cutter.takeReady()) yield record;
      if (ended) break;
      ended = (await window.fill(needed)) === "ended";
    }
    yield* cutter.finish();
  } finally {
    await window.close();
  }
}

class RecordCutter {
  #number = 0;
  #context: JsonContext = "top";
  /** In a wrapper: the text before, which may be the key of another array of records. */
  #key = "";
  #search: JsonSearch | null = null;
  #endIsTold = false;
  #lastObject: object | null = null;
  /** Records at the top that each were one line, up to here. */
  #linesInTurn = 0;
  #ready: JsonRecord[] = [];

  constructor(private readonly window: ByteWindow) {}

  /** Takes all that is whole in the window, `atEnd` all that there is; answers how many bytes it needs to go on. */
  take(atEnd: boolean): number {
    for (;;) {
      const needed = this.#search === null ? this.#step(atEnd) : this.#searchOn(this.#search, atEnd);
      if (needed > 0) return needed;
    }
  }

  takeReady(): readonly JsonRecord[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  *finish(): Iterable<JsonRecord> {
    if (this.#context === "top" || this.#endIsTold) return;
    const message = "the JSON ends in the middle, its last bracket is missing: export the file again";
    yield { kind: "incomplete", offset: this.window.offset, message };
  }

  /** 0 when it got on, else how many bytes it needs. */
  #step(atEnd: boolean): number {
    this.#skipBetween();
    const { window } = this;
    if (window.available === 0) return 1;
    const byte = window.bytes[window.at]!;
    if (this.#context === "wrapper") return this.#stepWrapper(byte, atEnd);
    if (byte === openBracket && this.#context === "top") return this.#enter("array", 1);
    if (byte === openBrace || byte === openBracket) return this.#takeValue(atEnd);
    if (byte === closeBracket && this.#context === "array") return this.#enter("top", 1);
    if (byte === closeBracket && this.#context === "wrapped-array") return this.#enter("wrapper", 1);
    if (byte === closeBracket || byte === closeBrace) return this.#refuse(1, "it is a bracket that closes nothing");
    return this.#context === "top" ? this.#takeLine(atEnd) : this.#takeScalar(byte, atEnd);
  }

  #skipBetween(): void {
    const { window } = this;
    const { bytes, end } = window;
    while (window.at < end && isBetween(bytes[window.at]!)) window.at++;
  }

  #enter(context: JsonContext, byteCount: number): 0 {
    this.#context = context;
    this.#key = "";
    this.window.at += byteCount;
    return 0;
  }

  #takeValue(atEnd: boolean): number {
    const { bytes, at, end } = this.window;
    const scanned = scanValue(bytes, { start: at, end, seeksWrapper: this.#context === "top" });
    switch (scanned.kind) {
      case "whole":
        return scanned.length > maxRecordBytes ? this.#refuse(scanned.length, tooLarge) : this.#cut(scanned.length);
      case "wrapper":
        this.#tellOfPages(pageMark.exec(textOf(bytes, at, at + scanned.length))?.[1] ?? null);
        return this.#enter("wrapped-array", scanned.length);
      case "unfinished":
        return this.#needMore(atEnd);
      case "broken":
        return this.#lose(`its brackets or quotes don't match at byte ${this.window.offset + scanned.length}`, atEnd);
    }
  }

  /** The rest of a line that is no object and no array. */
  #takeLine(atEnd: boolean): number {
    const { bytes, at, end } = this.window;
    const found = bytes.subarray(at, end).indexOf(newline);
    if (found < 0 && !(atEnd && end - at <= maxRecordBytes)) return this.#needMore(atEnd);
    const length = found < 0 ? end - at : found;
    const parsed = this.#parse(length);
    return typeof parsed === "string" ? this.#lose(parsed, atEnd) : this.#add(parsed.value, length);
  }

  /** A text, number or literal in an array. */
  #takeScalar(byte: number, atEnd: boolean): number {
    const { bytes, at, end } = this.window;
    const last = byte === quote ? closingQuote(bytes, at + 1, end) : endOfWord(bytes, at, end) - 1;
    if (last < 0) return this.#lose("a text goes on into the next line", atEnd);
    if (last >= end - (byte === quote ? 0 : 1)) return this.#needMore(atEnd);
    return this.#cut(last + 1 - at);
  }

  /** Behind the array of records: the rest of the wrapper is of no interest, unless it holds another. */
  #stepWrapper(byte: number, atEnd: boolean): number {
    if (byte === closeBrace) return this.#enter("top", 1);
    if (byte === openBracket && wrapperKeys.includes(this.#key)) return this.#enter("wrapped-array", 1);
    const { bytes, at, end } = this.window;
    if (byte === openBrace || byte === openBracket) {
      const scanned = scanValue(bytes, { start: at, end, seeksWrapper: false });
      if (scanned.kind === "unfinished") return this.#needMore(atEnd);
      if (scanned.kind === "whole") return this.#enter("wrapper", scanned.length);
      return this.#lose("what stands behind its records is broken", atEnd);
    }
    if (byte === quote) return this.#takeText(closingQuote(bytes, at + 1, end), atEnd);
    if (byte !== colon) this.#key = "";
    this.window.at++;
    return 0;
  }

  /** A key, or the text that belongs to the key before. */
  #takeText(closing: number, atEnd: boolean): number {
    const { bytes, at, end } = this.window;
    if (closing < 0) return this.#lose("a text goes on into the next line", atEnd);
    if (closing >= end) return this.#needMore(atEnd);
    const text = textOf(bytes, at + 1, closing);
    if (pageKeys.includes(this.#key) && text !== "") this.#tellOfPages(this.#key);
    this.#key = text;
    this.window.at = closing + 1;
    return 0;
  }

  #tellOfPages(key: string | null): void {
    if (key === null) return;
    const message = `it is one page of several (\`${key}\`): export the others too, or all at once`;
    this.#ready.push({ kind: "incomplete", offset: this.window.offset, message });
  }

  #needMore(atEnd: boolean): number {
    const { available } = this.window;
    if (available > maxRecordBytes) return this.#lose(tooLarge, atEnd);
    return atEnd ? this.#lose(null, atEnd) : Math.min(available * 2, maxRecordBytes + 1);
  }

  /** A record that is balanced: where it is no JSON, the one after it still begins where it ends. */
  #cut(length: number): 0 {
    const parsed = this.#parse(length);
    return typeof parsed === "string" ? this.#refuse(length, `not JSON: ${parsed}`) : this.#add(parsed.value, length);
  }

  #add(value: unknown, length: number): 0 {
    this.#ready.push({ kind: "record", number: ++this.#number, offset: this.window.offset, value });
    if (typeof value === "object" && value !== null) this.#lastObject = value;
    if (this.#context === "top") this.#linesInTurn = this.#newlineWithin(length) < 0 ? this.#linesInTurn + 1 : 0;
    this.window.at += length;
    return 0;
  }

  /** From the record's beginning; -1: there is none. */
  #newlineWithin(length: number): number {
    const { bytes, at, end } = this.window;
    return bytes.subarray(at, Math.min(end, at + length)).indexOf(newline);
  }

  #refuse(length: number, why: string): 0 {
    const { offset } = this.window;
    this.#tell(
      why === tooLarge ? "over-limit" : "malformed",
      offset,
      `the record at byte ${offset} is left out: ${why}`,
    );
    this.window.at += length;
    return 0;
  }

  #tell(problem: ProblemKind, offset: number, message: string): void {
    this.#ready.push({ kind: "problem", problem, number: ++this.#number, offset, message });
  }

  #parse(length: number): { readonly value: unknown } | string {
    const { bytes, at } = this.window;
    try {
      return { value: JSON.parse(textOf(bytes, at, at + length)) };
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The record that begins here can't be cut; null: the content ends inside it. */
  #lose(why: string | null, atEnd: boolean): number {
    if (this.#context === "top" && this.#linesInTurn >= linesOfLines) {
      const line = this.#newlineWithin(maxRecordBytes);
      if (line > 0) return this.#refuse(line, why ?? "it does not end with its line");
      // Where chunks end must not show: the line's end may come with the next one.
      const { available } = this.window;
      if (!atEnd && available <= maxRecordBytes) return Math.min(available * 2, maxRecordBytes + 1);
    }
    this.#search = new JsonSearch(this.window, { context: this.#context, example: this.#lastObject, why });
    return 0;
  }

  #searchOn(search: JsonSearch, atEnd: boolean): number {
    const found = search.advance(atEnd);
    if (typeof found === "number") return found;
    this.#search = null;
    this.#endIsTold ||= found.kind === "nothing";
    this.#tell(search.problem(found), search.offset, search.message(found));
    if (found.kind === "document") this.#context = "top";
    else if (this.#context === "wrapper") this.#context = "wrapped-array";
    return 0;
  }
}

function isBetween(byte: number): boolean {
  return isSpace(byte) || byte === comma || byteOrderMark.has(byte);
}

function endOfWord(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (isBetween(byte) || byte === closeBracket || byte === closeBrace) return at;
  }
  return end;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 160);
}
