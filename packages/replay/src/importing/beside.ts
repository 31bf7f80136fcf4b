// Large captures and flow logs are read in a thread of their own, while this one encodes and appends. What comes of it is
// what one thread alone would yield, in the same order.

import { on, once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Imported } from "../importers/importer.js";
import type { FileContent } from "./content.js";
import type { Reading } from "./import-run.js";
import type { BesideMessage, ReadingTask } from "./reading-task.js";

/** Reads in one thread, while another works out the file's SHA-256. */
export function readAndHashBeside(
  task: Omit<ReadingTask, "taken">,
  onBytes: (bytes: number) => void,
): Pick<Reading, "sha256" | "whole" | "items"> {
  const sha256 = hashBeside(task.file);
  return { sha256, whole: () => sha256, items: readBeside(task, onBytes) };
}

async function hashBeside(file: FileContent): Promise<string> {
  const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { workerData: file });
  const [sha256] = await once(worker, "message");
  return sha256;
}

export async function* readBeside(
  task: Omit<ReadingTask, "taken">,
  onBytes: (bytes: number) => void,
): AsyncIterable<Imported> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ReadingTask = { ...task, taken };
  const worker = new Worker(new URL("./reading-worker.js", import.meta.url), { workerData });
  try {
    for await (const { item, bytes } of messagesOf(worker)) {
      Atomics.add(taken, 0, 1);
      Atomics.notify(taken, 0);
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
