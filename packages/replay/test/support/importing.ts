// Runs one importer over content in memory.

import { type Micros, parseInstant } from "@conntrail/engine";
import type { Draft, Imported, Importer, Problem } from "../../src/importers/importer.js";

export type Read = {
  readonly events: readonly Draft[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

export const takenAt = parseInstant("2026-03-18T12:00:00Z")!.time;

/** `chunkBytes`: the content comes in pieces of this size. */
export async function readWith(importer: Importer, content: string, chunkBytes = 1 << 20): Promise<Read> {
  const bytes = Buffer.from(content);
  const items: Imported[] = [];
  const evidence = { name: "test", head: bytes.subarray(0, 65_536), content: () => chunksOf(bytes, chunkBytes) };
  const taken = { time: takenAt as Micros, instant: "stated" } as const;
  for await (const item of importer.read(evidence, { sha256: "ab", taken, place: null, isStored: () => false })) {
    items.push(item);
  }
  return {
    events: items.flatMap((item) => (item.kind === "event" ? [item.event] : [])),
    problems: items.flatMap((item) => (item.kind === "problem" ? [item.problem] : [])),
    notes: items.flatMap((item) => (item.kind === "note" ? [item.message] : [])),
  };
}

export async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
