// Directories for tests, removed when the test is over; and mounts of them that can't be written.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Makes the directory read-only for everyone, root included, until the test is over. Throws where mount isn't allowed. */
export function mountReadOnly(directory: string): void {
  execFileSync("mount", ["--bind", directory, directory], { stdio: "pipe" });
  onTestFinished(() => void execFileSync("umount", [directory]));
  execFileSync("mount", ["-o", "remount,ro,bind", directory], { stdio: "pipe" });
}

/** Why `mountReadOnly` can't work here; null where it can. */
export function mountRefusal(): string | null {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-test-"));
  try {
    execFileSync("mount", ["--bind", directory, directory], { stdio: "pipe" });
    execFileSync("umount", [directory]);
    return null;
  } catch (error) {
    return `mount --bind is not permitted here: ${error instanceof Error ? error.message.trim() : error}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
