// What the thread that reads a file is told, and what it tells.

import type { ImportContext, Imported } from "../importers/importer.js";
import type { FileContent } from "./content.js";

/** What a thread can be told of a context: the rest is the same for every file that is new. */
type StatedContext = Omit<ImportContext, "isStored" | "now">;

export type ReadingTask = {
  readonly file: FileContent;
  /** The first bytes of the content. */
  readonly head: Uint8Array;
  readonly format: string;
  /** Of a capture the place alone, since it is hashed meanwhile. */
  readonly context: StatedContext | Pick<StatedContext, "place">;
  /** How many messages have been taken; shared between the threads. */
  readonly taken: Int32Array;
};

/** `item` is null at the end; `bytes` of the file were read since the message before. */
export type BesideMessage = { readonly item: Imported | null; readonly bytes: number };

/** So many messages may wait, each with a batch of up to 2 MB. */
export const maxAhead = 32;
