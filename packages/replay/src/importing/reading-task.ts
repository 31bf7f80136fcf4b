// What the thread that reads a file is told, and what it tells.

import type { CaptureContext, Imported, ReportContext } from "../importers/importer.js";
import type { FileContent } from "./content.js";

/** What a thread can be told of a context: the rest is the same for every file that is new. */
type Stated<C extends CaptureContext> = Omit<C, "isStored" | "now">;

export type ReadingTask = {
  readonly file: FileContent;
  /** Whether the content is packed in the file. */
  readonly packed: boolean;
  /** The first bytes of the content. */
  readonly head: Uint8Array;
  readonly format: string;
  readonly context: Stated<CaptureContext> | Stated<ReportContext>;
  /** How many messages have been taken; shared between the threads. */
  readonly taken: Int32Array;
};

/** `bytes` of the file were read since the message before; `damage` says why the content ended too soon. */
export type BesideMessage =
  | { readonly kind: "item"; readonly item: Imported; readonly bytes: number }
  | { readonly kind: "end"; readonly damage: string | null; readonly bytes: number };

/** So many messages may wait, each with a batch of up to 2 MB: enough that neither thread waits while a disk does. */
export const maxAhead = 8;
