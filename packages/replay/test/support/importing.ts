// Runs one importer over content in memory.

import { newReportedFlow, parseInstant, type ReportedFlow, reportAt } from "@conntrail/engine";
import type { Draft, ImportContext, Imported, Importer, Problem } from "../../src/importers/importer.js";

export type Read = {
  /** As told last. */
  readonly records: number;
  readonly reports: readonly ReportedFlow[];
  readonly events: readonly Draft[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

export const takenAt = parseInstant("2026-03-18T12:00:00Z")!.time;

/** `chunkBytes`: the content comes in pieces of this size. */
export function readWith(importer: Importer, content: string, chunkBytes = 1 << 20): Promise<Read> {
  return readBytes(importer, { name: "test", bytes: Buffer.from(content), chunkBytes });
}

/** Content that its name says something of. */
export function readNamed(importer: Importer, name: string, content: string): Promise<Read> {
  return readBytes(importer, { name, bytes: Buffer.from(content), chunkBytes: 1 << 20 });
}

/** Of an import a year after the evidence. */
export function contextOf(more: Partial<ImportContext> = {}): ImportContext {
  const taken = { time: takenAt, instant: "stated" } as const;
  const now = () => parseInstant("2027-03-18T12:00:00Z")!.time;
  return { sha256: "ab", taken, place: null, isStored: () => false, now, fields: null, ...more };
}

/** Bytes that need be no text. */
export function readContent(importer: Importer, bytes: Buffer, chunkBytes = 1 << 20): Promise<Read> {
  return readBytes(importer, { name: "test", bytes, chunkBytes });
}

/** As `readWith`, with what the user says of the content. */
export function readAs(importer: Importer, content: string, context: Partial<ImportContext>): Promise<Read> {
  return readBytes(importer, { name: "test", bytes: Buffer.from(content), chunkBytes: 1 << 20 }, context);
}

type Content = { readonly name: string; readonly bytes: Buffer; readonly chunkBytes: number };

async function readBytes(
  importer: Importer,
  { name, bytes, chunkBytes }: Content,
  context: Partial<ImportContext> = {},
): Promise<Read> {
  const items: Imported[] = [];
  const evidence = { name, head: bytes.subarray(0, 65_536), content: () => chunksOf(bytes, chunkBytes) };
  for await (const item of importer.read(evidence, contextOf(context))) {
    items.push(item);
  }
  return {
    records: items.reduce((last, item) => (item.kind === "records" ? item.count : last), 0),
    reports: items.flatMap(reportsOf),
    events: items.flatMap((item) => (item.kind === "event" ? [item.event] : [])),
    problems: items.flatMap((item) => (item.kind === "problem" || item.kind === "cut" ? [item.problem] : [])),
    notes: items.flatMap((item) => (item.kind === "note" ? [item.message] : [])),
  };
}

function reportsOf(item: Imported): ReportedFlow[] {
  if (item.kind !== "flows") return [];
  return Array.from({ length: item.batch.count }, (_, index) => reportAt(item.batch, index, newReportedFlow()));
}

export async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
