// Facts about sources as a whole: taken back, and what two of them say alike.

import type { Micros } from "../time.js";
import type { SourceRecord } from "./evidence.js";

/** What the source gave before this event counts no more; what it gives when it is imported again does. */
export type SourceRetracted = {
  readonly type: "source-retracted";
  readonly data: { readonly sha256: string; readonly because: string | null };
};

/** The event's source holds what the log had already from another one, so it stands without that one too. */
export type EvidenceRepeated = {
  readonly type: "evidence-repeated";
  readonly data: { readonly repeats: readonly Repeat[] };
};

/** `id`: of the event in the log. The rest says where the repeating source has it. */
export type Repeat = Omit<SourceRecord, "sha256"> & {
  readonly id: string;
  /** Of snapshots whose instant this source only lets guess: its own guess. */
  readonly guessed?: Micros;
};
