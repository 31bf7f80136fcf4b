// Texts as bytes: their number, then each one's length in UTF-16 code units, then the units.

import { CorruptBatch } from "../traffic/corrupt-batch.js";
import {
  type ByteSink,
  type ByteSource,
  maxVarintBytes,
  putVarint,
  readCount,
  readVarint,
  reserve,
  writeVarint,
} from "../traffic/varint.js";

export function writeTexts(sink: ByteSink, texts: readonly string[]): void {
  writeVarint(sink, texts.length);
  for (const text of texts) {
    writeVarint(sink, text.length);
    reserve(sink, text.length * maxVarintBytes);
    putLetters(sink, text);
  }
}

/** Letters of ASCII are most of all, and a byte each. */
function putLetters(sink: ByteSink, text: string): void {
  const { bytes } = sink;
  let { at } = sink;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes[at++] = unit;
    else at = putVarint(bytes, at, unit);
  }
  sink.at = at;
}

export function readTexts(source: ByteSource): string[] {
  const count = readCount(source, source.end - source.at, "texts");
  return Array.from({ length: count }, () => readText(source));
}

function readText(source: ByteSource): string {
  const length = readCount(source, source.end - source.at, "letters");
  const units = new Uint16Array(length);
  for (let at = 0; at < length; at++) {
    const unit = readVarint(source);
    if (unit > 0xffff) throw new CorruptBatch(source.at, "a text holds what is no letter");
    units[at] = unit;
  }
  return textOf(units);
}

/** More arguments than this at once may overflow the stack. */
const unitsAtOnce = 8192;

function textOf(units: Uint16Array): string {
  let text = "";
  for (let from = 0; from < units.length; from += unitsAtOnce) {
    text += String.fromCharCode(...units.subarray(from, from + unitsAtOnce));
  }
  return text;
}
