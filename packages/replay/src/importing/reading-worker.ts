// A thread that reads a file with its importer, and hands over what it yields.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@conntrail/store";
import { allImporters, captureImporters } from "../importers/all-importers.js";
import type { Imported } from "../importers/importer.js";
import { fileChunks } from "./file-chunks.js";
import { type BesideMessage, maxAhead, type ReadingTask } from "./reading-task.js";

const { file, head, format, context, taken } = workerData as ReadingTask;
let bytes = 0;
let posted = 0;

async function* content() {
  for (const chunk of fileChunks(file)) {
    bytes += chunk.length;
    yield chunk;
  }
}

function items(): AsyncIterable<Imported> {
  const evidence = { name: file.path, head, content };
  const isNew = { isStored: () => false, now: systemClock };
  if ("sha256" in context) return named(allImporters).read(evidence, { ...context, ...isNew });
  return named(captureImporters).read(evidence, { ...context, ...isNew });
}

function named<I extends { readonly format: string }>(importers: readonly I[]): I {
  return importers.find((importer) => importer.format === format)!;
}

function post(item: Imported | null): void {
  for (let done = Atomics.load(taken, 0); posted - done >= maxAhead; done = Atomics.load(taken, 0)) {
    Atomics.wait(taken, 0, done);
  }
  posted++;
  parentPort!.postMessage({ item, bytes } satisfies BesideMessage, item === null ? [] : memoryOf(item));
  bytes = 0;
}

/** Goes over to the other thread without being copied. */
function memoryOf(item: Imported): ArrayBuffer[] {
  if (item.kind !== "packets" && item.kind !== "flows") return [];
  const columns = [...Object.values(item.batch), ...Object.values(item.batch.flows)];
  return columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));
}

for await (const item of items()) post(item);
post(null);
