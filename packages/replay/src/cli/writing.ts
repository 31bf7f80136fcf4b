// What all commands that write share: the case, made where there is none, and one writer at a time.

import { acquireImportLock } from "@conntrail/store";
import { createCase, findCase, newCaseDirectory } from "../case.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Terminal } from "./terminal.js";

const lockWaitMillis = 30_000;

/** Hands the case's directory to `action` while no other command writes. */
export async function writingTo<T>(
  given: string | undefined,
  terminal: Terminal,
  action: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await caseFor(given, terminal);
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
    return await action(directory);
  } finally {
    lock.release();
  }
}

async function caseFor(given: string | undefined, terminal: Terminal): Promise<string> {
  const found = findCase(given, process.cwd());
  if (found !== null) return found;
  const directory = newCaseDirectory(given, process.cwd());
  await createCase(directory);
  terminal.tell(`no case was found: made one in \`${directory}\``);
  return directory;
}
