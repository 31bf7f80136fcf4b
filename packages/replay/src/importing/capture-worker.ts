// A thread that reads a capture with its importer, and hands over what it yields.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@conntrail/store";
import { captureImporters } from "../importers/all-importers.js";
import type { Imported } from "../importers/importer.js";
import { type BesideMessage, type CaptureTask, maxAhead } from "./capture-task.js";
import { fileChunks } from "./file-chunks.js";

const { file, format, place, taken } = workerData as CaptureTask;
let bytes = 0;
let posted = 0;

async function* content() {
  for (const chunk of fileChunks(file)) {
    bytes += chunk.length;
    yield chunk;
  }
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
  if (item.kind !== "packets") return [];
  const columns = [...Object.values(item.batch), ...Object.values(item.batch.flows)];
  return columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));
}

const importer = captureImporters.find((one) => one.format === format)!;
const evidence = { name: file.path, head: new Uint8Array(0), content };
for await (const item of importer.read(evidence, { place, isStored: () => false, now: systemClock })) post(item);
post(null);
