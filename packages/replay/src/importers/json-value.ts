// Finds where a JSON value ends, without reading it: brackets must match, and a text ends within its line. What stands
// between is `JSON.parse`'s to judge.

/** What was found from the beginning of a value; `length` in bytes. */
export type ScannedValue =
  | { readonly kind: "whole"; readonly length: number }
  /** An object that holds an array of records, which begins behind `length` bytes. */
  | { readonly kind: "wrapper"; readonly length: number }
  /** The bytes end before the value does. */
  | { readonly kind: "unfinished"; readonly length: number }
  /** No JSON value, as its byte at `length` shows. */
  | { readonly kind: "broken"; readonly length: number };

/**
 * Under these names exports keep their records: Azure's logs, CloudTrail, REST and `az`, CloudTrail's lookup, CloudWatch
 * Logs (`aws logs filter-log-events`, and its subscriptions).
 */
export const wrapperKeys: readonly string[] = ["records", "Records", "value", "Events", "events", "logEvents"];

/** One record above this is refused: what is made of its text takes six times as much. */
export const tooLarge = "it is larger than 32 MiB";
export const maxRecordBytes = 32 * 1024 * 1024;

/** Real records have a dozen levels; a file of opening brackets has any number. */
const maxDepth = 512;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const newline = 0x0a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const plain = 0;
/** What may stand outside of texts: the bytes of numbers and literals (Python's too), separators, white space. */
const isPlain = new Uint8Array(256).fill(1);
for (const byte of Buffer.from(" \t\r\n,:+-.0123456789eEtrufalsnTFNoIiyd")) isPlain[byte] = plain;

/** Scans the object or array that begins at `start`. `seeksWrapper`: an array of records in an object ends the scan. */
export function scanValue(
  bytes: Uint8Array,
  { start, end, seeksWrapper }: { readonly start: number; readonly end: number; readonly seeksWrapper: boolean },
): ScannedValue {
  const closers = new Uint8Array(maxDepth);
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (isPlain[byte] === plain) continue;
    if (byte === quote) {
      at = closingQuote(bytes, at + 1, end);
      if (at < 0) return { kind: "broken", length: -at - start };
      if (at >= end) break;
    } else if (byte === openBrace || byte === openBracket) {
      if (seeksWrapper && depth === 1 && byte === openBracket && isWrapperKey(bytes, start, at))
        return { kind: "wrapper", length: at + 1 - start };
      if (depth === maxDepth) return { kind: "broken", length: at - start };
      closers[depth++] = byte === openBrace ? closeBrace : closeBracket;
    } else if ((byte === closeBrace || byte === closeBracket) && closers[depth - 1] === byte) {
      if (--depth === 0) return { kind: "whole", length: at + 1 - start };
    } else return { kind: "broken", length: at - start };
  }
  return { kind: "unfinished", length: end - start };
}

/** From the first byte of a text: where its quote stands, `end` or more if not before, less than 0 for a broken place. */
export function closingQuote(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) return at;
    if (byte === backslash) at++;
    else if (byte === newline) return -at;
  }
  return end;
}

/** Whether `"records":` or another of them stands before this place. */
function isWrapperKey(bytes: Uint8Array, start: number, end: number): boolean {
  let at = beforeSpace(bytes, end);
  if (bytes[at] !== colon) return false;
  at = beforeSpace(bytes, at);
  return wrapperKeys.some((key) => at - key.length - 1 > start && isText(bytes, at - key.length - 1, key));
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes[at] !== quote || bytes[at + text.length + 1] !== quote) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + 1 + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** The last byte before this place that is no white space; -1: there is none. */
export function beforeSpace(bytes: Uint8Array, place: number): number {
  let at = place - 1;
  while (at >= 0 && isSpace(bytes[at]!)) at--;
  return at;
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
}

export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
}
