// The contract of all importers: recognise a format by its content, then turn it into events and problems, record by
// record. An importer knows nothing of cases, logs or terminals.

import type {
  ControlFact,
  DroppedBy,
  Envelope,
  Micros,
  PacketBatch,
  Problem,
  ReportedBatch,
  SourceRecord,
} from "@conntrail/engine";

export type { Problem, ProblemKind } from "@conntrail/engine";

/** One file's decompressed content, or standard input's. */
export type Evidence = {
  /** As given to the command. */
  readonly name: string;
  /** The first bytes, up to 64 KiB, for recognition. */
  readonly head: Uint8Array;
  /** The content from its beginning, in chunks of any size; an empty one says that what came so far is due now. */
  content(): AsyncIterable<Uint8Array>;
};

export type CaptureContext = {
  /** The place of capture the user named; null: each capture, and each interface of a pcapng file, is its own place. */
  readonly place: string | null;
  /** Whether the log already holds this frame of this source, taken at this place. Asked in the order of the frames. */
  isStored(place: string, frame: number): boolean;
  /** The import's own clock: later than this, nothing can have been recorded. */
  now(): Micros;
};

export type ReportContext = CaptureContext & {
  /** The names of a line's fields in order, where the user gave them; null: the content says. */
  readonly fields: readonly string[] | null;
  /** When snapshots in this evidence were taken, and how we know. */
  readonly taken: { readonly time: Micros; readonly instant: "stated" | "file-time" };
};

export type ImportContext = ReportContext & {
  /** The source's id: see `SourceRecord`. */
  readonly sha256: string;
};

/** An event before it has an id: `id` is made of the canonical content when it is stored. */
export type Draft = Omit<Envelope, "id" | "source"> & { readonly source: SourceRecord } & ControlFact;

export type Imported =
  | { readonly kind: "event"; readonly event: Draft }
  /** The place that the user named, else the part of the source: empty for all of it, `#1` for its second interface. */
  | {
      readonly kind: "packets";
      readonly place: string;
      readonly batch: PacketBatch;
      /** Of the record of its first packet, in the content. */
      readonly offset: number;
    }
  /** `firstReport`: the number of its first in the source, from 0; batches follow each other without holes. */
  | { readonly kind: "flows"; readonly firstReport: number; readonly batch: ReportedBatch }
  /** Between two instants the capture did not get so many packets; `place` as of packets. */
  | {
      readonly kind: "dropped";
      readonly place: string;
      readonly span: readonly [Micros, Micros];
      readonly droppedBy: DroppedBy;
      readonly packets: number;
    }
  | { readonly kind: "problem"; readonly problem: Problem }
  /** The content ends inside a record: the same as a problem, unless the user stopped it there. */
  | { readonly kind: "cut"; readonly problem: Problem }
  /** Something worth telling that is no problem: "17 frames carry no IP". */
  | { readonly kind: "note"; readonly message: string }
  /** How many records of the file have been read so far, and how many of them the log had already. */
  | { readonly kind: "records"; readonly count: number; readonly stored: number };

export type Importer = {
  /** Short and unique: `pcap`, `azure-activity-log`. */
  readonly format: string;
  /** For people: `packet capture (pcap)`. */
  readonly title: string;
  /** 0: not this format; 1: certainly. The most confident importer reads the file. */
  recognise(head: Uint8Array): number;
  read(evidence: Evidence, context: ImportContext): AsyncIterable<Imported>;
};

/** Yields reported flows in batches and no events, so that a large file is read in one thread and named in another. */
export type ReportImporter = Omit<Importer, "read"> & {
  read(evidence: Evidence, context: ReportContext): AsyncIterable<Imported>;
};

/** Captures may come live: they are named by their opening, and read before their content is known to its end. */
export type CaptureImporter = Omit<Importer, "read"> & {
  /** The bytes that header and first record take; null where `head` ends inside them. */
  openingBytes(head: Uint8Array): number | null;
  /** The bytes that the packet record takes which these begin with, at least 24 of them; null: it is none. */
  recordBytes(head: Uint8Array, record: Uint8Array): number | null;
  read(evidence: Evidence, context: CaptureContext): AsyncIterable<Imported>;
};
