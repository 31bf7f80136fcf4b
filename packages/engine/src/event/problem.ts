// What an import could not read, or doubts: a value that is told and kept, and never stops a file.

/** What sort of thing is wrong, for counting and for filtering; the message says which and what to do. */
export type ProblemKind =
  /** The file can't be opened or unpacked. */
  | "unreadable"
  /** No importer knows the content. */
  | "not-recognised"
  /** The content ends before what it tells does: inside a record, or after one page of several. */
  | "cut-off"
  /** Not written as the format, or the platform, wants it. */
  | "malformed"
  | "missing-field"
  /** A field holds a word that nobody has documented. */
  | "unknown-value"
  /** What a template leaves to its platform to work out. */
  | "unresolved-expression"
  /** More than the platform, or conntrail, takes. */
  | "over-limit"
  /** Well formed, and nothing that conntrail reads. */
  | "unsupported"
  /** A time that can't be right. */
  | "clock";

export type Problem = {
  readonly kind: ProblemKind;
  /** Record number in the file, from 1; null where the file as a whole is meant. */
  readonly record: number | null;
  /** Of the record in the decompressed content, in bytes, where it is known. */
  readonly offset?: number;
  /** Lower case, no full stop, says what to do next where something can be done. */
  readonly message: string;
};

/** How many of each kind. */
export type ProblemCounts = { readonly [kind in ProblemKind]?: number };
