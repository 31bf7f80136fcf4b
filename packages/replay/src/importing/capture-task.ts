// What the thread that reads a capture is told, and what it tells.

import type { Imported } from "../importers/importer.js";
import type { FileContent } from "./content.js";

export type CaptureTask = {
  readonly file: FileContent;
  readonly format: string;
  readonly place: string | null;
  /** How many messages have been taken; shared between the threads. */
  readonly taken: Int32Array;
};

/** `item` is null at the end; `bytes` of the file were read since the message before. */
export type BesideMessage = { readonly item: Imported | null; readonly bytes: number };

/** So many messages may wait, each with a batch of up to 0.7 MB. */
export const maxAhead = 32;
