// A thread that reads a file with its importer, and hands over what it yields.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@conntrail/store";
import { captureImporters, reportImporters } from "../importers/all-importers.js";
import type { Imported } from "../importers/importer.js";
import { fileContent } from "./file-chunks.js";
import { type BesideMessage, maxAhead, type ReadingTask } from "./reading-task.js";

const { file, packed, head, format, context, taken } = workerData as ReadingTask;
let bytes = 0;
let damage: string | null = null;
let posted = 0;

const hearing = {
  onBytes(read: number) {
    bytes += read;
  },
  onDamage(message: string) {
    damage = message;
  },
};

function items(): AsyncIterable<Imported> {
  const evidence = { name: file.path, head, content: () => fileContent({ file, packed }, hearing) };
  const isNew = { isStored: () => false, now: systemClock };
  if ("taken" in context) return named(reportImporters).read(evidence, { ...context, ...isNew });
  return named(captureImporters).read(evidence, { ...context, ...isNew });
}

function named<I extends { readonly format: string }>(importers: readonly I[]): I {
  return importers.find((importer) => importer.format === format)!;
}

function post(message: BesideMessage, memory: ArrayBuffer[]): void {
  for (let done = Atomics.load(taken, 0); posted - done >= maxAhead; done = Atomics.load(taken, 0)) {
    Atomics.wait(taken, 0, done);
  }
  posted++;
  parentPort!.postMessage(message, memory);
  bytes = 0;
}

/** Goes over to the other thread without being copied. */
function memoryOf(item: Imported): ArrayBuffer[] {
  if (item.kind !== "packets" && item.kind !== "flows") return [];
  const columns = [...Object.values(item.batch), ...Object.values(item.batch.flows)];
  return columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));
}

for await (const item of items()) post({ kind: "item", item, bytes }, memoryOf(item));
post({ kind: "end", damage, bytes }, []);
