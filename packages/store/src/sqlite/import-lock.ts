// One import at a time in a case. The lock is SQLite's own exclusive lock on a file that stays empty, so the kernel
// releases it with the process, however that ends; there is no stale lock to clean up.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { isBusy } from "./busy-wait.js";
import { naming } from "./sqlite-error.js";

export type ImportLock = { release(): void };

export type ImportLockOptions = {
  /** How long to wait for another import, in milliseconds; 0: not at all. */
  readonly waitMillis: number;
  /** Called once, when there is something to wait for. */
  readonly onWait?: () => void;
};

const retryMillis = 50;

/** Null where another import still holds the lock after the wait. `LogError` `read-only` where nothing can be written. */
export async function acquireImportLock(directory: string, options: ImportLockOptions): Promise<ImportLock | null> {
  const deadline = Date.now() + options.waitMillis;
  for (let attempt = 0; ; attempt++) {
    const lock = tryLock(join(directory, "import.lock"));
    if (lock !== null || Date.now() >= deadline) return lock;
    if (attempt === 0) options.onWait?.();
    await pause(retryMillis);
  }
}

function tryLock(path: string): ImportLock | null {
  return naming(path, () => {
    const database = new Database(path, { timeout: 0 });
    try {
      database.exec("begin exclusive");
      return { release: () => void database.close() };
    } catch (error) {
      database.close();
      if (isBusy(error)) return null;
      throw error;
    }
  });
}
