// Cuts JSON into its records without holding the document: the elements of a top-level array, of an array under
// `records`, `Records`, `Events` or `value`, one value a line, or the one object that the file is. What stands before a
// cut or a broken place is kept.

import type { ProblemKind } from "./importer.js";

export type JsonRecord =
  /** From 1. `offset` in bytes from the beginning of the content. */
  | { readonly kind: "record"; readonly number: number; readonly offset: number; readonly value: unknown }
  | {
      readonly kind: "problem";
      readonly problem: ProblemKind;
      readonly number: number;
      readonly message: string;
    };

const wrapperKeys: ReadonlySet<string> = new Set(["records", "Records", "value", "Events"]);
/** One record above this is refused, so that memory stays bounded. */
const maxRecordBytes = 64 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const newline = 0x0a;
const opens = new Set([0x5b, 0x7b]);
const closes = new Set([0x5d, 0x7d]);
const openBracket = 0x5b;
/** White space, commas, and the byte order mark. */
const between = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, 0xef, 0xbb, 0xbf]);

export async function* readJsonRecords(content: AsyncIterable<Uint8Array>): AsyncIterable<JsonRecord> {
  const cutter = new RecordCutter();
  for await (const chunk of content) {
    yield* cutter.take(chunk);
    if (cutter.failed) return;
  }
  yield* cutter.finish();
}

class RecordCutter {
  failed = false;
  #number = 0;
  #offset = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Depth at which a record begins: 0 at the top, 1 in a top-level array, 2 in a wrapper's array. */
  #recordDepth = 0;
  #recordStart = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #inRecord = false;
  #inScalar = false;
  /** One record a line, as the first one showed: then a broken line ends with its line. */
  #lines = false;
  #spansLines = false;
  /** The last string at depth 1 of a top-level object, while it may still turn out to be a wrapper's key. */
  #key: number[] | null = null;
  #keyEnded = false;
  #sawColon = false;
  /** Behind a wrapper's array: the rest of the wrapper is of no interest. */
  #afterWrapper = false;

  *take(chunk: Uint8Array): Iterable<JsonRecord> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const begins = this.#step(chunk[at]!);
      if (begins === "wrapper") {
        this.#drop();
        from = at + 1;
      } else if (begins === "begin") {
        from = at;
        this.#recordStart = this.#offset + at;
      } else if (begins === "end") {
        yield this.#cut(chunk.subarray(from, at + 1));
        if (this.failed) return;
        from = at + 1;
      } else if (begins === "scalar-end") {
        yield this.#cut(chunk.subarray(from, at));
        if (this.failed) return;
        from = at + 1;
      }
    }
    if (this.#inRecord) this.#keep(chunk.subarray(from));
    this.#offset += chunk.length;
    if (this.#pendingBytes > maxRecordBytes) yield this.#fail("over-limit", "a single record is larger than 64 MiB");
  }

  *finish(): Iterable<JsonRecord> {
    if (this.#inScalar) yield this.#cut(new Uint8Array(0));
    else if (this.#inRecord || this.#depth > 0) {
      yield this.#fail("cut-off", "the JSON ends in the middle: export the file again");
    }
  }

  #step(byte: number): "begin" | "end" | "scalar-end" | "wrapper" | null {
    if (byte === newline && this.#recordDepth === 0 && this.#inRecord) {
      if (this.#lines || this.#inString || this.#inScalar) return this.#endLine();
      this.#spansLines = true;
    }
    if (this.#inScalar && this.#recordDepth === 0 && !this.#inString) return null;
    if (this.#inString) return this.#stepString(byte);
    if (byte === quote) return this.#beginString();
    if (opens.has(byte)) return this.#open(byte);
    if (closes.has(byte)) return this.#close();
    if (byte === colon && this.#depth === 1 && this.#keyEnded) this.#sawColon = true;
    if (between.has(byte)) return this.#inScalar ? this.#endScalar() : null;
    if (this.#inRecord || this.#depth !== this.#recordDepth || this.#afterWrapper) return null;
    this.#inRecord = true;
    this.#inScalar = true;
    return "begin";
  }

  #stepString(byte: number): null {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) {
      this.#inString = false;
      this.#keyEnded = this.#key !== null;
    }
    if (this.#inString && this.#key !== null && this.#key.length < 16) this.#key.push(byte);
    return null;
  }

  #beginString(): "begin" | null {
    this.#inString = true;
    this.#keyEnded = false;
    this.#sawColon = false;
    this.#key = this.#depth === 1 && this.#recordDepth === 0 ? [] : null;
    if (this.#inRecord || this.#depth !== this.#recordDepth || this.#afterWrapper) return null;
    this.#inRecord = true;
    this.#inScalar = true;
    return "begin";
  }

  #open(byte: number): "begin" | "wrapper" | null {
    const depth = this.#depth++;
    if (byte === openBracket && depth === 0 && !this.#inRecord) {
      this.#recordDepth = 1;
      return null;
    }
    if (byte === openBracket && depth === 1 && this.#sawColon && this.#isWrapperKey()) {
      this.#recordDepth = 2;
      return "wrapper";
    }
    if (this.#inRecord || depth !== this.#recordDepth || this.#afterWrapper) return null;
    this.#inRecord = true;
    return "begin";
  }

  #isWrapperKey(): boolean {
    return this.#key !== null && wrapperKeys.has(String.fromCharCode(...this.#key));
  }

  #close(): "end" | "scalar-end" | null {
    this.#depth--;
    if (this.#inScalar) return this.#endScalar();
    if (this.#inRecord && this.#depth === this.#recordDepth) {
      this.#inRecord = false;
      this.#lines ||= this.#recordDepth === 0 && !this.#spansLines;
      this.#spansLines = false;
      return "end";
    }
    if (this.#depth < this.#recordDepth) this.#leaveContainer();
    return null;
  }

  #leaveContainer(): void {
    this.#afterWrapper = this.#recordDepth === 2 && this.#depth === 1;
    if (this.#depth <= 0) {
      this.#recordDepth = 0;
      this.#depth = 0;
      this.#afterWrapper = false;
    }
  }

  /** Forgets what the line left open. */
  #endLine(): "scalar-end" {
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#key = null;
    return this.#endScalar();
  }

  #endScalar(): "scalar-end" {
    this.#inScalar = false;
    this.#inRecord = false;
    if (this.#depth < this.#recordDepth) this.#leaveContainer();
    return "scalar-end";
  }

  #keep(bytes: Uint8Array): void {
    this.#pending.push(bytes.slice());
    this.#pendingBytes += bytes.length;
  }

  #drop(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#inRecord = false;
    this.#key = null;
  }

  #cut(last: Uint8Array): JsonRecord {
    const number = ++this.#number;
    const text = Buffer.concat([...this.#pending, last]).toString("utf8");
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#inScalar = false;
    try {
      return { kind: "record", number, offset: this.#recordStart, value: JSON.parse(text) };
    } catch (error) {
      return { kind: "problem", problem: "malformed", number, message: `not JSON: ${reasonOf(error)}` };
    }
  }

  #fail(problem: ProblemKind, message: string): JsonRecord {
    this.failed = true;
    return { kind: "problem", problem, number: this.#number + 1, message };
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 160);
}
