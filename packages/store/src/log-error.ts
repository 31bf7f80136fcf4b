// What can be wrong with a log as a whole. One class, told apart by `kind`, so that a command finds its exit code.

export type LogErrorKind =
  /** Nothing at the path. */
  | "missing"
  /** No SQLite file, or another program's, or a directory. */
  | "not-a-log"
  /** The operating system refuses reading. */
  | "unreadable"
  /** Opened for reading, or the place can't be written. */
  | "read-only"
  /** Written by a newer Conntrail. */
  | "newer-schema"
  /** Opened for reading, and must first be migrated by opening it for writing. */
  | "older-schema"
  /** An event type or version that this Conntrail doesn't know. */
  | "newer-event"
  /** One append call of more than `maxAppendBytes`. */
  | "append-too-large"
  /** Another process held the file for longer than we wait. */
  | "busy"
  /** No space left. */
  | "full"
  /** The file's structure is broken, or an event can't be parsed. */
  | "damaged";

export class LogError extends Error {
  override readonly name = "LogError";
  readonly kind: LogErrorKind;

  constructor(kind: LogErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
