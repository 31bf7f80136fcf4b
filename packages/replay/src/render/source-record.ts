// Where an event stands in the evidence, in words, and the record itself: JSON, a line, or a packet's bytes.

import { unreachable } from "@conntrail/engine";
import type { RawRecord } from "../importing/raw-record.js";
import type { SourceAnswer } from "../query/source-record.js";
import { formatCount } from "./amount.js";

const bytesInLine = 16;

/** `summary`: of a packet, what conntrail read of it. */
export function renderSource(answer: SourceAnswer, summary: object | null): string {
  if (answer.kind === "by-hand") return "entered by hand: no evidence shows it";
  const { names, sha256, format, record, offset } = answer;
  const facts: readonly (readonly [string, string])[] = [
    ...names.map((name) => ["file", name] as const),
    ["sha-256", sha256],
    ["format", format ?? "not known: the log holds no import of it"],
    ...(record === 0 ? [] : [["record", formatCount(record)] as const]),
    ...(record === 0 ? [] : [["offset", offset === null ? "not known" : `${formatCount(offset)} bytes`] as const]),
  ];
  const raw = answer.raw === null ? whyMissing(answer) : renderRaw(answer.raw);
  const packet = summary === null ? [] : ["", JSON.stringify(summary, null, 2)];
  return [...facts.map(([name, value]) => `${name.padEnd(8)} ${value}`), "", raw, ...packet].join("\n");
}

/** As JSON; the bytes of a packet as hex. */
export function sourceData(answer: SourceAnswer, summary: object | null): object {
  if (answer.kind === "by-hand") return { enteredByHand: true };
  const { kind: _, raw, ...rest } = answer;
  return { ...rest, raw: raw === null ? null : rawData(raw), ...(summary === null ? {} : { packet: summary }) };
}

function rawData(raw: RawRecord): unknown {
  switch (raw.kind) {
    case "json":
      return raw.value;
    case "line":
      return raw.text;
    case "packet":
      return Buffer.from(raw.bytes).toString("hex");
    default:
      return unreachable(raw);
  }
}

function renderRaw(raw: RawRecord): string {
  switch (raw.kind) {
    case "json":
      return JSON.stringify(raw.value, null, 2);
    case "line":
      return raw.text;
    case "packet":
      return hexLines(raw.bytes);
    default:
      return unreachable(raw);
  }
}

/** As `xxd` prints them, without the text. */
function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesInLine) {
    const line = [...bytes.subarray(at, at + bytesInLine)].map((byte) => byte.toString(16).padStart(2, "0"));
    lines.push(`${at.toString(16).padStart(4, "0")}  ${line.join(" ")}`);
  }
  return lines.join("\n");
}

function whyMissing({ missing, offset, record }: SourceAnswer & { readonly kind: "evidence" }): string {
  const place = offset === null ? `record ${record}` : `record ${record}, at byte ${offset} of its content, unpacked`;
  switch (missing) {
    case "whole-file":
      return "the event is of the file as a whole";
    case "changed":
      return `a file of that name is there with another content: find the one with this SHA-256, and in it ${place}`;
    case "not-found":
      return `the file is there, but ${place} was not found in it`;
    default:
      return `no such file is here now: find the one with this SHA-256, and in it ${place}`;
  }
}
