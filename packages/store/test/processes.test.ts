// Several processes at one log, some of them killed. Children run the built package, since Node 20 can't run TypeScript.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { acquireImportLock, openSqliteLog, verifyLog } from "@conntrail/store";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const root = join(import.meta.dirname, "../../..");

/** `npm test` has built everything; this is for whoever starts vitest alone. Type errors are not this test's business. */
beforeAll(() => {
  spawnSync(join(root, "node_modules/.bin/tsc"), ["-b", join(root, "packages/store")]);
}, 120_000);

function start(script: string, ...parameters: readonly string[]): ChildProcess {
  const path = join(import.meta.dirname, "children", script);
  const child = spawn(process.execPath, [path, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Runs `append-forever` from batch `first`, kills it after `acknowledged` lines and some more; gives the lines it wrote. */
async function appendUntilKilled(path: string, first: number, acknowledged: number): Promise<readonly string[]> {
  const child = start("append-forever.mjs", path, String(first));
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout!)) {
    lines.push(line);
    if (lines.length === acknowledged) child.kill("SIGKILL");
  }
  return lines;
}

async function recorded(path: string) {
  const log = openSqliteLog({ path, access: "read" });
  const ids: string[] = [];
  for await (const event of log.readAll()) ids.push(event.id);
  const verification = await verifyLog(log);
  await log.close();
  return { ids, verification };
}

describe("a writer killed while it appends", () => {
  it("loses nothing acknowledged, and nothing is doubled when the rest is tried again", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "log.db");
    let next = 0;
    for (const acknowledged of [1, 17, 64, 230, 500]) {
      const lines = await appendUntilKilled(path, next, acknowledged);
      // But for the very first, each process begins with the batch acknowledged last: it must be known.
      expect(lines[0]).toBe(acknowledged === 1 ? "0 new" : `${next} repeated`);
      next += lines.length - 1;
      const { ids, verification } = await recorded(path);
      expect(ids.length).toBeGreaterThanOrEqual((next + 1) * 3);
      expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => `crash-${i}`));
      expect(ids.length % 3).toBe(0);
      expect(verification.problems).toEqual([]);
    }
    expect(readdirSync(directory)).toEqual(["log.db"]);
  });
});

describe("two writers at one stream", () => {
  it("exactly one wins each revision, also when both make the log", async () => {
    const path = join(temporaryDirectory(), "log.db");
    const children = ["left", "right"].map((name) => start("compete.mjs", path, name, "300"));
    const outputs = await Promise.all(children.map((child) => text(child.stdout!)));
    const [left, right] = outputs.map((output) => JSON.parse(output) as { won: object; conflicts: number });
    const { ids, verification } = await recorded(path);
    expect(ids).toHaveLength(600);
    expect({ ...left!.won, ...right!.won }).toEqual(Object.fromEntries(ids.entries()));
    expect(Object.keys(left!.won)).toHaveLength(300);
    expect(left!.conflicts + right!.conflicts).toBeGreaterThan(0);
    expect(verification.problems).toEqual([]);
  });
});

describe("processes that open and close the same logs at the same instants", () => {
  it("wait for each other no longer than needed, and none is refused", async () => {
    const directory = temporaryDirectory();
    const begin = String(Date.now() + 500);
    const children = [1, 2, 3].map(() => start("open-and-close.mjs", directory, begin, "60", "25"));
    const failures = await Promise.all(children.map(async (child) => JSON.parse(await text(child.stdout!))));
    expect(failures).toEqual([[], [], []]);
    for (const file of readdirSync(directory).filter((name) => name.endsWith(".db"))) {
      const { verification } = await recorded(join(directory, file));
      expect(verification.problems).toEqual([]);
    }
    // who closed at the same instant may have left a write-ahead log: the next one has folded it
    expect(readdirSync(directory)).toHaveLength(60);
  });
});

describe("an import lock whose holder is killed", () => {
  it("is free again", async () => {
    const directory = temporaryDirectory();
    const holder = start("hold-import-lock.mjs", directory);
    for await (const line of createInterface(holder.stdout!)) {
      expect(line).toBe("held");
      break;
    }
    expect(await acquireImportLock(directory, { waitMillis: 0 })).toBeNull();
    const onWait = vi.fn();
    const waiting = acquireImportLock(directory, { waitMillis: 20_000, onWait });
    await kill(holder);
    const lock = await waiting;
    expect(lock).not.toBeNull();
    expect(onWait).toHaveBeenCalledTimes(1);
    lock!.release();
  });
});
