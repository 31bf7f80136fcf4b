// Files of records through their importers: problems are told and never thrown, where chunks end changes nothing, and what is
// read can be kept.

import { isDeepStrictEqual } from "node:util";
import { decodeReportedBatch, encodeReportedBatch, endOfTime, notCounted, type ReportedBatch } from "@conntrail/engine";
import type { Random } from "../../../engine/test/support/random.js";
import { allImporters } from "../../src/importers/all-importers.js";
import type { Imported, Importer } from "../../src/importers/importer.js";
import { foreignContent } from "../../src/importing/foreign-content.js";
import { chunksOf, contextOf } from "../support/importing.js";
import { contentOf, recordFiles } from "../support/record-files.js";
import { law, sizeOf, type Target } from "./target.js";

/** Records that one value of JSON may hold, and what is told besides. */
const itemsBesides = 64;

export function recordTarget(): Target {
  return { name: "records", seeds: recordFiles.map(seedOf), inputsPerRound: 4_000, read };
}

function seedOf(file: (typeof recordFiles)[number]): Uint8Array {
  return Buffer.from(contentOf(file, [1, 2, 3, 4].map(file.record)));
}

/** By the surest importer, or, as `--format` may say, by any other. */
async function read(input: Uint8Array, random: Random): Promise<string> {
  const rated = allImporters.map((importer) => ({ importer, confidence: importer.recognise(input) }));
  for (const { confidence } of rated) law(confidence >= 0 && confidence <= 1, "confidence is from 0 to 1");
  foreignContent(input);
  const sure = rated.toSorted((a, b) => b.confidence - a.confidence)[0]!;
  const { importer } = random.chance(0.8) && sure.confidence > 0 ? sure : random.pick(rated);
  const items = await itemsOf(importer, input, 1 << 20);
  if (random.chance(0.3)) {
    const again = await itemsOf(importer, input, 1 + random.below(200));
    law(isDeepStrictEqual(evidenceOf(again), evidenceOf(items)), "chunks change nothing");
  }
  return `${importer.format} ${checked(items)}`;
}

async function itemsOf(importer: Importer, input: Uint8Array, chunkBytes: number): Promise<Imported[]> {
  const bytes = Buffer.from(input);
  const evidence = { name: "fuzz", head: bytes, content: () => chunksOf(bytes, chunkBytes) };
  const items: Imported[] = [];
  for await (const item of importer.read(evidence, contextOf())) {
    law(items.push(item) <= input.length + itemsBesides, "the work is bounded by the bytes");
  }
  return items;
}

/** How far reading has come is told now and then, and that depends on the chunks. */
function evidenceOf(items: readonly Imported[]): Imported[] {
  return items.filter(({ kind }) => kind !== "records");
}

function checked(items: readonly Imported[]): string {
  const batches = items.flatMap((item) => (item.kind === "flows" ? [item.batch] : []));
  for (const batch of batches) checkBatch(batch);
  const events = items.flatMap((item) => (item.kind === "event" ? [item.event] : []));
  for (const event of events) law(Math.abs(event.time) <= endOfTime, "times are instants");
  const told = items.flatMap((item) => {
    if (item.kind === "note") return [item.message];
    return item.kind === "problem" || item.kind === "cut" ? [item.problem.message] : [];
  });
  for (const message of told) law(!/undefined|\[object|NaN/.test(message.replace(/`[^`]*`/g, "")), message);
  const words = [...new Set(told.map((message) => message.replace(/`[^`]*`|\d+/g, "#").slice(0, 40)))].sort();
  const reports = batches.reduce((sum, { count }) => sum + count, 0);
  return `${sizeOf(reports)} ${sizeOf(events.length)} ${words.join("; ")}`;
}

function checkBatch(batch: ReportedBatch): void {
  law(batch.count > 0, "no batch is empty");
  for (let index = 0; index < batch.count; index++) {
    const [time, lastTime] = [batch.time[index]!, batch.lastTime[index]!];
    law(Number.isInteger(time) && time <= lastTime && lastTime <= endOfTime, "times are instants in order");
    for (const column of [batch.packetsForward, batch.bytesForward, batch.packetsBackward, batch.bytesBackward]) {
      law(Number.isSafeInteger(column[index]!) && column[index]! >= notCounted, "counters are whole numbers");
    }
  }
  law(isDeepStrictEqual(decodeReportedBatch(encodeReportedBatch(batch)), batch), "a batch comes back from its bytes");
}
