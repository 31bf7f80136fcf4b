// What all commands share that write: the case, made where there is none, and one writer at a time.

import { acquireImportLock } from "@conntrail/store";
import { findCase, makeCaseDirectory, makeLog, newCaseDirectory } from "../case.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Terminal } from "./terminal.js";

const lockWaitMillis = 30_000;

/** Hands the case's directory to `action` while no other command writes. */
export async function writingTo<T>(
  given: string | undefined,
  terminal: Terminal,
  action: (directory: string) => Promise<T>,
): Promise<T> {
  const found = findCase(given, process.cwd());
  if (found !== null) return lockedIn(found, terminal, () => action(found));
  const directory = newCaseDirectory(given, process.cwd());
  makeCaseDirectory(directory);
  return lockedIn(directory, terminal, async () => {
    if (await makeLog(directory)) terminal.tell(`no case was found: made one in \`${directory}\``);
    return action(directory);
  });
}

/** Runs `action` while no other command writes to a case in this directory. */
export async function lockedIn<T>(directory: string, terminal: Terminal, action: () => Promise<T>): Promise<T> {
  const lock = await acquireImportLock(directory, {
    waitMillis: lockWaitMillis,
    onWait: () => terminal.tell("another import is running in this case: waiting up to 30 s"),
  });
  if (lock === null) {
    throw new CommandError(
      exitCode.cannotWrite,
      `the case \`${directory}\` is still busy with another import: try again later`,
    );
  }
  try {
    return await action();
  } finally {
    lock.release();
  }
}
