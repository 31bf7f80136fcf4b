// The contract of all importers: recognise a format by its content, then turn it into events and problems, record by
// record. An importer knows nothing of cases, logs or terminals.

import type { Envelope, Fact, Micros, PacketBatch, SourceRecord } from "@conntrail/engine";

/** One file's decompressed content, or standard input's. */
export type Evidence = {
  /** As given to the command. */
  readonly name: string;
  /** The first bytes, up to 64 KiB, for recognition. */
  readonly head: Uint8Array;
  /** The content from its beginning, in chunks of any size. */
  content(): AsyncIterable<Uint8Array>;
};

export type ImportContext = {
  /** The source's id: see `SourceRecord`. */
  readonly sha256: string;
  /** When snapshots in this evidence were taken, and how we know. */
  readonly taken: { readonly time: Micros; readonly instant: "stated" | "file-time" };
  /** The place of capture the user named; null: each capture, and each interface of a pcapng file, is its own place. */
  readonly place: string | null;
  /** Whether the log already holds this frame of this source, taken at this place. */
  isStored(place: string, frame: number): boolean;
};

/** An event before it has an id: `id` is made of the canonical content when it is stored. */
export type Draft = Omit<Envelope, "id" | "source"> & { readonly source: SourceRecord } & Exclude<
    Fact,
    { readonly type: "packets-observed" | "import-started" | "import-finished" }
  >;

export type Problem = {
  /** Record number in the file, from 1; null where the file as a whole is meant. */
  readonly record: number | null;
  /** Lower case, no full stop, says what to do next where something can be done. */
  readonly message: string;
};

export type Imported =
  | { readonly kind: "event"; readonly event: Draft }
  | { readonly kind: "packets"; readonly place: string; readonly batch: PacketBatch }
  | { readonly kind: "problem"; readonly problem: Problem }
  /** Something worth telling that is no problem: "17 frames carry no IP". */
  | { readonly kind: "note"; readonly message: string }
  /** How many records of the file have been read so far. */
  | { readonly kind: "records"; readonly count: number };

export type Importer = {
  /** Short and unique: `pcap`, `azure-activity-log`. */
  readonly format: string;
  /** For people: `packet capture (pcap)`. */
  readonly title: string;
  /** 0: not this format; 1: certainly. The most confident importer reads the file. */
  recognise(head: Uint8Array): number;
  read(evidence: Evidence, context: ImportContext): AsyncIterable<Imported>;
};
