// Large captures and flow logs are read in a thread of their own, while this one encodes and appends. What comes of it is
// what one thread alone would yield, in the same order.

import { on, once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Imported } from "../importers/importer.js";
import type { ReadHearing } from "./file-chunks.js";
import type { Reading } from "./import-run.js";
import type { BesideMessage, ReadingTask } from "./reading-task.js";

/** Reads in one thread, while another works out the content's SHA-256. */
export function readBeside(
  task: Omit<ReadingTask, "taken">,
  onBytes: (bytes: number) => void,
): Pick<Reading, "sha256" | "whole" | "items" | "damage"> {
  const sha256 = hashBeside(task);
  let damage: string | null = null;
  const onDamage = (message: string) => {
    damage = message;
  };
  return { sha256, whole: () => sha256, items: itemsBeside(task, { onBytes, onDamage }), damage: () => damage };
}

async function hashBeside({ file, packed }: Pick<ReadingTask, "file" | "packed">): Promise<string> {
  const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { workerData: { file, packed } });
  const [sha256] = await once(worker, "message");
  return sha256;
}

async function* itemsBeside(
  task: Omit<ReadingTask, "taken">,
  { onBytes, onDamage }: ReadHearing,
): AsyncIterable<Imported> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ReadingTask = { ...task, taken };
  const worker = new Worker(new URL("./reading-worker.js", import.meta.url), { workerData });
  try {
    for await (const message of messagesOf(worker)) {
      Atomics.add(taken, 0, 1);
      Atomics.notify(taken, 0);
      onBytes(message.bytes);
      if (message.kind === "item") yield message.item;
      else {
        if (message.damage !== null) onDamage(message.damage);
        return;
      }
    }
  } finally {
    await worker.terminate();
  }
}

/** Rejects with what the thread threw. */
async function* messagesOf(worker: Worker): AsyncIterable<BesideMessage> {
  for await (const [message] of on(worker, "message")) yield message;
}
