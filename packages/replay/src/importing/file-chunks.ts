// Reads a file in a thread that has nothing else to do.

import { closeSync, openSync, readSync } from "node:fs";
import { type Content, type FileContent, fileBytes, unpacked } from "./content.js";

/** Small enough to stay in the processor's cache until it has been worked on. */
const chunkBytes = 256 * 1024;

export type ReadHearing = {
  /** Of the file's own bytes, packed as they are. */
  onBytes(bytes: number): void;
  onDamage(message: string): void;
};

export function fileContent(
  { file, packed }: { readonly file: FileContent; readonly packed: boolean },
  { onBytes, onDamage }: ReadHearing,
): Content {
  return packed ? unpacked(fileBytes(file, onBytes), onDamage) : fileChunks(file, onBytes);
}

/** Each lies in the same memory, and is gone with the next. */
async function* fileChunks({ path, size }: FileContent, onBytes: (bytes: number) => void): Content {
  const chunk = new Uint8Array(chunkBytes);
  const file = openSync(path, "r");
  try {
    for (let at = 0; at < size; ) {
      const length = readSync(file, chunk, 0, Math.min(chunkBytes, size - at), null);
      if (length === 0) return;
      at += length;
      onBytes(length);
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
