// The JSON at the beginning of a file, for recognition: as much as the first bytes hold, what they cut off closed where it
// ends. Byte order mark, white space, comments and stray commas don't matter.

import { asObject, field, type JsonObject, objectsOf } from "./json-field.js";
import { wrapperKeys } from "./json-value.js";
import { unwrapped } from "./wrapped-records.js";

/** Enough to tell a format that mixes records. */
const maxValues = 50;
/** Deeper is nothing that conntrail reads, and must not use up the stack. */
const maxDepth = 64;

const readHeads = new WeakMap<Uint8Array, readonly unknown[]>();

/** The values at the top, of JSON lines several; empty where the content is no JSON object or array. */
export function jsonHead(head: Uint8Array): readonly unknown[] {
  const known = readHeads.get(head);
  if (known !== undefined) return known;
  const values = [...new HeadReader(new TextDecoder().decode(head)).values()];
  readHeads.set(head, values);
  return values;
}

/** The objects at the top of JSON lines, in a top-level array, or under one of `wrapperKeys`, also in an array of such. */
export function headRecords(head: Uint8Array): readonly JsonObject[] {
  return jsonHead(head).flatMap((value) => {
    const listed = Array.isArray(value) ? value : field(asObject(value), ...wrapperKeys);
    return objectsOf((Array.isArray(listed) ? listed : [value]).flatMap(unwrapped));
  });
}

/** The texts in a top-level array, as queries of the AWS CLI print them. */
export function headTexts(head: Uint8Array): readonly string[] {
  return jsonHead(head).flatMap((value) =>
    Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [],
  );
}

const skipped = /(?:[\s\uFEFF,]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const scalar = /[^\s,\]}:]+/y;
const stringText = /"(?:[^"\\]|\\.)*"?/sy;

class HeadReader {
  #at = 0;

  constructor(private readonly text: string) {}

  *values(): Iterable<unknown> {
    for (let count = 0; count < maxValues; count++) {
      this.#match(skipped);
      const opening = this.text[this.#at];
      if (opening !== "{" && opening !== "[") return;
      yield this.#value(0);
    }
  }

  #value(depth: number): unknown {
    this.#match(skipped);
    const opening = this.text[this.#at];
    if (depth > maxDepth) this.#at = this.text.length;
    if (opening === "{") return this.#object(depth);
    if (opening === "[") return this.#array(depth);
    return opening === '"' ? this.#string() : scalarOf(this.#match(scalar));
  }

  #object(depth: number): JsonObject {
    const entries: [string, unknown][] = [];
    for (this.#at++; !this.#ends("}"); ) {
      const key = this.#string();
      this.#match(skipped);
      if (this.text[this.#at] !== ":") break;
      this.#at++;
      entries.push([key, this.#value(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #array(depth: number): unknown[] {
    const entries: unknown[] = [];
    for (this.#at++; !this.#ends("]"); ) {
      const before = this.#at;
      entries.push(this.#value(depth + 1));
      if (this.#at === before) break;
    }
    return entries;
  }

  #ends(closing: string): boolean {
    this.#match(skipped);
    if (this.#at >= this.text.length) return true;
    const ended = this.text[this.#at] === closing;
    if (ended) this.#at++;
    return ended;
  }

  /** Empty where none begins here. */
  #string(): string {
    const written = this.#match(stringText);
    try {
      return String(JSON.parse(written));
    } catch {
      return written.slice(1);
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

function scalarOf(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}
