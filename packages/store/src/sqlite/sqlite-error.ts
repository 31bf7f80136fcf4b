// SQLite's result codes as log errors; what is neither the file's nor the place's fault passes unchanged.

import Database from "better-sqlite3";
import { LogError, type LogErrorKind } from "../log-error.js";

/** Runs `action`, and throws SQLite's complaints about the file at `path` as `LogError`. */
export function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asLogError(path, error);
  }
}

function asLogError(path: string, cause: unknown): unknown {
  if (!isSqliteError(cause)) return cause;
  const kind = kindOf(cause.code);
  if (kind === null) return cause;
  return new LogError(kind, `\`${path}\` ${advice[kind]} (SQLite: ${cause.message})`, { cause });
}

export function isSqliteError(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError;
}

type Explained = "read-only" | "busy" | "full" | "not-a-log" | "damaged";

// https://sqlite.org/rescode.html; extended codes begin with their primary one.
function kindOf(code: string): (Explained & LogErrorKind) | null {
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)) return "read-only";
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "busy";
  if (code === "SQLITE_FULL") return "full";
  if (code === "SQLITE_NOTADB") return "not-a-log";
  if (/^SQLITE_CORRUPT/.test(code)) return "damaged";
  return null;
}

const advice: Record<Explained, string> = {
  "read-only": "can't be written: copy the case to a place you can write, or only ask questions",
  busy: "is in use by another process: try again when it is done",
  full: "can't grow: free some disk space and repeat the command",
  "not-a-log": "is no SQLite file: give the path of a log",
  damaged: "is damaged: restore it from a copy",
};
