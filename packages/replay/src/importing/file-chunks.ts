// Reads a file in a thread that has nothing else to do: each chunk lies in the same memory, and is gone with the next.

import { closeSync, openSync, readSync } from "node:fs";
import type { FileContent } from "./content.js";

/** Small enough to stay in the processor's cache until it has been worked on. */
const chunkBytes = 256 * 1024;

export function* fileChunks({ path, size }: FileContent): Iterable<Uint8Array> {
  const chunk = new Uint8Array(chunkBytes);
  const file = openSync(path, "r");
  try {
    for (let at = 0; at < size; ) {
      const length = readSync(file, chunk, 0, Math.min(chunkBytes, size - at), null);
      if (length === 0) return;
      at += length;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
