// Runs the built command as a child process, as a user would.

import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
export const command = join(root, "packages/replay/bin/conntrail.js");
export const example = join(root, "examples/jit-ssh");
export const exampleEvidence = join(example, "evidence");
export const exampleTakenAt = readFileSync(join(example, "taken-at"), "utf8").trim();

const made: string[] = [];

afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "conntrail-test-"));
  made.push(directory);
  return directory;
}

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export function conntrail(args: readonly string[], options: { input?: string | Buffer; cwd?: string } = {}): Ran {
  const cwd = options.cwd ?? temporaryDirectory();
  const input = options.input === undefined ? {} : { input: options.input };
  const ran: SpawnSyncReturns<Buffer> = spawnSync(process.execPath, [command, ...args], {
    ...input,
    cwd,
    maxBuffer: 1 << 28,
  });
  return { code: ran.status, out: ran.stdout.toString(), err: ran.stderr.toString() };
}

/** Starts a command and kills it with SIGKILL after so many milliseconds; true when it was still running. */
export function killed(args: readonly string[], afterMillis: number): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), afterMillis);
    child.on("exit", (_, signal) => {
      clearTimeout(timer);
      done(signal === "SIGKILL");
    });
  });
}

export function started(args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: temporaryDirectory() });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("close", (code) => done({ code, out, err }));
  });
}

export function json<T = Record<string, unknown>>(ran: Ran): T {
  return JSON.parse(ran.out) as T;
}

export function ndjson<T = Record<string, unknown>>(ran: Ran): T[] {
  return ran.out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

export function newCase(): string {
  return join(temporaryDirectory(), "case");
}

export function importExample(directory: string, files: readonly string[] = [exampleEvidence]): Ran {
  return conntrail(["import", ...files, "--case", directory, "--taken-at", exampleTakenAt]);
}

export type Verified = { intact: boolean; events: number; viewsDigest: string; rebuiltDigest: string | null };

export function verified(directory: string): Verified {
  return json<Verified>(conntrail(["verify", "--case", directory, "-o", "json", "--rebuild"]));
}

/** Events in the log that are evidence: all but the records of imports. */
export function evidenceIds(directory: string): string[] {
  const events = ndjson<{ id: string; type: string }>(conntrail(["log", "--case", directory, "-o", "ndjson"]));
  return events.filter(({ type }) => !type.startsWith("import-")).map(({ id }) => id);
}
