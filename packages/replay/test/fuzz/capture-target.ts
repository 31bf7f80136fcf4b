// Capture files through their importers: problems are told and never thrown, the work is bounded by the bytes, and where
// chunks of the file end changes nothing.

import { isDeepStrictEqual } from "node:util";
import { endOfTime, type PacketBatch } from "@conntrail/engine";
import type { Random } from "../../../engine/test/support/random.js";
import { importerFor } from "../../src/importers/all-importers.js";
import type { Imported } from "../../src/importers/importer.js";
import { chunksOf, contextOf } from "../support/importing.js";
import { expectRoundTrip } from "./batch-target.js";
import { captureSeeds } from "./capture-seeds.js";
import { law, sizeOf, type Target } from "./target.js";

/** The shortest record of either format, and what comes out besides records. */
const minRecordBytes = 12;
const itemsBesides = 16;

export function captureTarget(): Target {
  return { name: "capture", seeds: captureSeeds(), inputsPerRound: 1_500, read };
}

async function read(input: Uint8Array, random: Random): Promise<string> {
  const how = { place: random.chance(0.5) ? null : "interface:nic", storedUpTo: random.chance(0.8) ? 0 : 2 };
  const items = await itemsOf(input, { ...how, chunkBytes: 1 << 20 });
  if (items === null) return "not recognised";
  if (random.chance(0.2)) {
    const again = await itemsOf(input, { ...how, chunkBytes: 1 + random.below(300) });
    law(isDeepStrictEqual(evidenceOf(again ?? []), evidenceOf(items)), "chunks change nothing");
  }
  return checked(items, input.length);
}

type How = { readonly place: string | null; readonly storedUpTo: number; readonly chunkBytes: number };

async function itemsOf(input: Uint8Array, { place, storedUpTo, chunkBytes }: How): Promise<Imported[] | null> {
  const bytes = Buffer.from(input);
  const importer = importerFor(bytes);
  if (importer === null) return null;
  const evidence = { name: "fuzz", head: bytes, content: () => chunksOf(bytes, chunkBytes) };
  const isStored = (_: string, frame: number) => frame <= storedUpTo;
  const items: Imported[] = [];
  for await (const item of importer.read(evidence, contextOf({ sha256: "ab12", place, isStored }))) {
    law(items.push(item) <= input.length + itemsBesides, "the work is bounded by the bytes");
  }
  return items;
}

/** How far reading has come is told now and then, and that depends on the chunks. */
function evidenceOf(items: readonly Imported[]): Imported[] {
  return items.filter(({ kind }) => kind !== "records");
}

function checked(items: readonly Imported[], byteCount: number): string {
  const records = items.reduce((last, item) => (item.kind === "records" ? item.count : last), 0);
  const batches = items.flatMap((item) => (item.kind === "packets" ? [item.batch] : []));
  const packets = batches.reduce((sum, { count }) => sum + count, 0);
  law(
    packets <= records && records <= byteCount / minRecordBytes,
    "no more packets than records, nor than bytes allow",
  );
  for (const batch of batches) checkBatch(batch);
  const told = items.flatMap((item) => (item.kind === "problem" ? [item.problem.message] : []));
  const words = [...new Set(told.map((message) => message.replace(/\d+|`[^`]*`/g, "#")))].sort();
  return `${sizeOf(packets)} ${sizeOf(batches.length)} ${words.join("; ")}`;
}

function checkBatch(batch: PacketBatch): void {
  law(batch.count > 0, "no batch is empty");
  law(
    batch.time.every((time) => Number.isInteger(time) && Math.abs(time) <= endOfTime),
    "times are instants",
  );
  law(
    batch.frame.every((frame, index) => index === 0 || frame > batch.frame[index - 1]!),
    "frames ascend",
  );
  expectRoundTrip(batch);
}
