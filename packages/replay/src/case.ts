// A case: a directory with the log and its views, found like `.git` or given by `--case`.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Position, Semantics } from "@conntrail/engine";
import {
  asRecorded,
  type CatchUpOptions,
  catchUp,
  type EventLog,
  indexTraffic,
  isCaughtUp,
  LogError,
  openSqliteLog,
  openTemporaryViews,
  openViews,
  openViewsForReading,
  type Views,
} from "@conntrail/store";
import { CommandError, exitCode } from "./exit-code.js";

const caseFolder = ".conntrail";
const logFile = "log.db";
const viewsFile = "views.db";

export type Case = {
  readonly directory: string;
  readonly log: EventLog;
  readonly views: Views;
  /** What the views were folded under; null: what the resources themselves say. */
  readonly semantics: Semantics | null;
  /** Up to where the log was folded into them; null: all of it. */
  readonly knownAt: Position | null;
  close(): Promise<void>;
};

/** The case that `--case` names, else the nearest one upwards from the working directory; null where there is none. */
export function findCase(given: string | undefined, workingDirectory: string): string | null {
  if (given !== undefined) return caseIn(resolve(workingDirectory, given));
  for (let directory = workingDirectory; ; directory = dirname(directory)) {
    const found = caseIn(directory);
    if (found !== null || dirname(directory) === directory) return found;
  }
}

function caseIn(directory: string): string | null {
  return [directory, join(directory, caseFolder)].find((candidate) => existsSync(join(candidate, logFile))) ?? null;
}

/** Where a new case goes: the directory that was named, else `.conntrail` in the working directory. */
export function newCaseDirectory(given: string | undefined, workingDirectory: string): string {
  return given === undefined ? join(workingDirectory, caseFolder) : resolve(workingDirectory, given);
}

/** The directory of a case that is about to be made. */
export function makeCaseDirectory(directory: string): void {
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw new CommandError(exitCode.cannotWrite, `\`${directory}\` is a file: name a directory for the case`);
  }
  makeDirectory(directory);
}

/** An empty log where there is none, and whether there was none; for who holds the import lock. */
export async function makeLog(directory: string): Promise<boolean> {
  const path = join(directory, logFile);
  if (existsSync(path)) return false;
  await openSqliteLog({ path, access: "write", create: true }).close();
  return true;
}

/** Step by step: Node's own `recursive` never ends where a file system refuses new directories, as /proc does. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "";
    // another command was faster
    if (reason === "EEXIST") return;
    throw new CommandError(exitCode.cannotWrite, `the directory \`${directory}\` can't be made (${reason})`);
  }
}

/** For importing: log and views open for writing, the time index up to date. */
export async function openForImport(directory: string): Promise<Case> {
  const log = openLogForWriting(directory);
  try {
    const views = openViews(join(directory, viewsFile));
    await indexTraffic(log, views);
    return caseOf({ directory, log, views, semantics: null, knownAt: null });
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** For commands that append: the log alone; the next question brings the views up to date. */
export function openLogForWriting(directory: string): EventLog {
  return openSqliteLog({ path: join(directory, logFile), access: "write", create: false });
}

/** The log alone, also where views can't be made of it. */
export function openLogForReading(directory: string): EventLog {
  return openSqliteLog({ path: join(directory, logFile), access: "read" });
}

/** For questions: the views are brought up to date first, in a temporary file where the case can't be written. */
export async function openForQuestions(directory: string, options: CatchUpOptions = asRecorded): Promise<Case> {
  const log = openLogForReading(directory);
  try {
    const views = await currentViews(directory, log, options);
    return caseOf({ directory, log, views, semantics: options.semantics, knownAt: options.knownAt });
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function currentViews(directory: string, log: EventLog, options: CatchUpOptions): Promise<Views> {
  const path = join(directory, viewsFile);
  if (options.knownAt !== null || options.semantics !== null) return filled(log, openTemporaryViews(), options);
  const stored = openViewsForReading(path);
  if (stored !== null && (await isCaughtUp(log, stored))) return stored;
  stored?.close();
  try {
    return await filled(log, openViews(path), options);
  } catch (error) {
    if (!(error instanceof LogError) || error.kind === "damaged") throw error;
    return filled(log, openTemporaryViews(), options);
  }
}

async function filled(log: EventLog, views: Views, options: CatchUpOptions): Promise<Views> {
  try {
    await catchUp(log, views, options);
    return views;
  } catch (error) {
    views.close();
    throw error;
  }
}

function caseOf(opened: Omit<Case, "close">): Case {
  const close = async () => {
    opened.views.close();
    await opened.log.close();
  };
  return { ...opened, close };
}
