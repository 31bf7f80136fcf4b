// Waiting for other processes where SQLite does not: while it holds a read lock that it would have to raise, as in
// switching journal modes, it answers `SQLITE_BUSY` at once and never asks the busy timeout.

import { isSqliteError } from "./sqlite-error.js";

/** How long a statement waits for another process's transaction, in milliseconds. */
export const busyTimeoutMillis = 30_000;

const pauseMillis = 5;

/** Repeats what is refused as busy, for as long as statements wait; the last refusal is thrown. */
export function untilFree<T>(action: () => T): T {
  const deadline = Date.now() + busyTimeoutMillis;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= deadline) throw error;
    }
    pause();
  }
}

/** Does without `action` where others are in the way. */
export function unlessBusy(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith("SQLITE_BUSY");
}

/** Blocks the thread, as SQLite's own waiting does. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMillis);
}
