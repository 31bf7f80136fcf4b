// A large capture is read in one thread and hashed in another, while this one encodes and appends. What comes of it is what
// one thread alone would yield, in the same order.

import { on, once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CaptureImporter, Imported } from "../importers/importer.js";
import type { BesideMessage, CaptureTask } from "./capture-task.js";
import type { FileContent } from "./content.js";
import type { ImportOptions } from "./import-file.js";
import { placeNamed, type Reading } from "./import-run.js";

export function readBeside(
  file: FileContent,
  { importer, interface: named, onBytes }: ImportOptions & { readonly importer: CaptureImporter },
): Pick<Reading, "sha256" | "whole" | "items"> {
  const sha256 = hashBeside(file);
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const task = { file, format: importer.format, place: placeNamed(named), taken };
  return { sha256, whole: () => sha256, items: itemsBeside(task, onBytes) };
}

async function hashBeside(file: FileContent): Promise<string> {
  const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { workerData: file });
  const [sha256] = await once(worker, "message");
  return sha256;
}

async function* itemsBeside(task: CaptureTask, onBytes: (bytes: number) => void): AsyncIterable<Imported> {
  const worker = new Worker(new URL("./capture-worker.js", import.meta.url), { workerData: task });
  try {
    for await (const { item, bytes } of messagesOf(worker)) {
      Atomics.add(task.taken, 0, 1);
      Atomics.notify(task.taken, 0);
      onBytes(bytes);
      if (item === null) return;
      yield item;
    }
  } finally {
    await worker.terminate();
  }
}

/** Rejects with what the thread threw. */
async function* messagesOf(worker: Worker): AsyncIterable<BesideMessage> {
  for await (const [message] of on(worker, "message")) yield message;
}
