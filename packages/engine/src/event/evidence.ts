// What all facts share: where they come from, who did it, and what a cloud says of an operation.

/** Where a record of evidence stands: its file by content, and the record's number in it, from 1. */
export type SourceRecord = {
  /** SHA-256 of the decompressed content, hex; of standard input, of its header and first record. */
  readonly sha256: string;
  readonly record: number;
  /** Byte offset of the record in the decompressed content; left out: not known (older events). */
  readonly offset?: number;
};

/** The source of events that a command of ours appended: they come from nobody's evidence. */
export const enteredByHand: SourceRecord = { sha256: "entered-by-hand", record: 0 };

export function isEnteredByHand(source: SourceRecord): boolean {
  return source.sha256 === enteredByHand.sha256;
}

/** Who did it: the person or service, from where, and the cloud's own id that ties its records together. */
export type Actor = {
  readonly who: string | null;
  readonly from: string | null;
  readonly correlationId: string | null;
};

/** What a cloud says of an operation in one record of its log. Only `succeeded` changes anything. */
export type OperationPhase = "started" | "accepted" | "succeeded" | "failed";

/** One record of a cloud's operation log; records of one operation share `operationId` or the actor's correlation id. */
export type OperationRecord = {
  readonly phase: OperationPhase;
  readonly operationId: string | null;
  /** Whether the operation made the resource anew or changed an existing one, where the record says. */
  readonly effect: "created" | "updated" | null;
};

/** Ids of cloud resources are kept as written and compared without case. */
export type ResourceId = string;

/** How we know when a snapshot was taken: stated by the user, or guessed from the file's modification time. */
export type SnapshotInstant = "stated" | "file-time";
