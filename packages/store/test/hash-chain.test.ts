import { join } from "node:path";
import { type IntegrityProblem, openSqliteLog, verifyLog } from "@conntrail/store";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { everyDraft, smallEvent, smallEvents } from "./sample-events.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** Ten events in each of two streams by turns: `rules-a` at the odd positions from 1, `rules-b` at the even ones. */
async function twoStreams(): Promise<string> {
  const path = join(temporaryDirectory(), "log.db");
  const log = openSqliteLog({ path, access: "write", create: true });
  for (let i = 0; i < 10; i++) {
    await log.append("rules-a", i === 0 ? "no-stream" : i - 1, [smallEvent(i)]);
    await log.append("rules-b", i === 0 ? "no-stream" : i - 1, [smallEvent(100 + i)]);
  }
  await log.close();
  return path;
}

function tamper(path: string, ...statements: readonly string[]): void {
  const database = new Database(path);
  for (const statement of statements) expect(database.prepare(statement).run().changes, statement).toBeGreaterThan(0);
  database.close();
}

async function verify(path: string) {
  const log = openSqliteLog({ path, access: "read" });
  try {
    return await verifyLog(log);
  } finally {
    await log.close();
  }
}

async function problemsAfter(...statements: readonly string[]): Promise<readonly IntegrityProblem[]> {
  const path = await twoStreams();
  tamper(path, ...statements);
  return (await verify(path)).problems;
}

const flipByte = "cast(substr(body, 1, 20) || '#' || substr(body, 22) as blob)";
const stream = "rules-a";

describe("an altered event is named", () => {
  it.each([
    ["one byte of its data", `body = ${flipByte}`],
    ["its attributes", "attributes = replace(attributes, 'ann@', 'bob@')"],
    ["its time", "time = time - 1"],
    ["its last time", "last_time = last_time + 1"],
    ["its recorded time", "recorded_at = recorded_at + 1"],
    ["its id", "id = replace(id, '0', '1')"],
    ["its type", "type = 'security-rule-written'"],
    ["its schema version", "schema_version = 2"],
    ["its hash", "hash = replace(hash, substr(hash, 5, 1), 'x')"],
  ])("by %s", async (_, change) => {
    const problems = await problemsAfter(`update event set ${change} where position = 9`);
    expect(problems).toContainEqual({ kind: "altered", stream, revision: 4, position: 9 });
    expect(problems.every((problem) => problem.kind === "altered" && problem.position >= 9)).toBe(true);
  });

  it("once, and not with all that follow it", async () => {
    const problems = await problemsAfter(`update event set body = ${flipByte} where position = 9`);
    expect(problems).toEqual([{ kind: "altered", stream, revision: 4, position: 9 }]);
  });

  it("at the event behind it, where its own hash was made anew", async () => {
    const path = await twoStreams();
    tamper(path, `update event set body = ${flipByte} where position = 9`);
    const hash = await expectedHash(path, 9);
    tamper(path, `update event set hash = '${hash}' where position = 9`);
    expect((await verify(path)).problems).toEqual([{ kind: "altered", stream, revision: 5, position: 11 }]);
  });

  it("also as the first and the last of its stream", async () => {
    const problems = await problemsAfter(`update event set body = ${flipByte} where position in (1, 19)`);
    expect(problems).toEqual([
      { kind: "altered", stream, revision: 0, position: 1 },
      { kind: "altered", stream, revision: 9, position: 19 },
    ]);
  });
});

describe("a removed event is named", () => {
  it("by the gap in the revisions", async () => {
    const problems = await problemsAfter("delete from event where position in (7, 9)");
    expect(problems).toEqual([{ kind: "removed", stream, firstRevision: 3, lastRevision: 4, position: 11 }]);
  });

  it("where the first of a stream is gone", async () => {
    const problems = await problemsAfter("delete from event where position = 1");
    expect(problems).toEqual([{ kind: "removed", stream, firstRevision: 0, lastRevision: 0, position: 3 }]);
  });

  it("where the rest was renumbered to hide it", async () => {
    const problems = await problemsAfter(
      "delete from event where position = 9",
      "update event set revision = revision - 1 where stream = 'rules-a' and position > 9",
    );
    expect(problems).toEqual([{ kind: "removed", stream, firstRevision: 4, lastRevision: 4, position: 11 }]);
  });
});

describe("reordered events are named", () => {
  const swap = (a: number, b: number, ...columns: string[]) =>
    `update event set ${columns.map((column) => `${column} = other.${column}`).join()} from event as other
     where event.position in (${a}, ${b}) and other.position in (${a}, ${b}) and other.position <> event.position`;
  const content = ["id", "type", "time", "last_time", "recorded_at", "attributes", "body", "hash"];

  it("where two neighbours were swapped", async () => {
    expect(await problemsAfter(swap(9, 11, ...content))).toEqual([
      { kind: "reordered", stream, revision: 4, position: 9, belongsAtRevision: 5 },
      { kind: "reordered", stream, revision: 5, position: 11, belongsAtRevision: 4 },
    ]);
  });

  it("where two far apart were swapped", async () => {
    expect(await problemsAfter(swap(5, 15, ...content))).toEqual([
      { kind: "reordered", stream, revision: 2, position: 5, belongsAtRevision: 7 },
      { kind: "reordered", stream, revision: 7, position: 15, belongsAtRevision: 2 },
    ]);
  });

  it("where the order of positions is not that of revisions", async () => {
    const problems = await problemsAfter(
      "update event set position = 999 where position = 9",
      "update event set position = 9 where position = 11",
      "update event set position = 11 where position = 999",
    );
    expect(problems).toEqual([{ kind: "reordered", stream, revision: 4, position: 11, belongsAtRevision: 4 }]);
  });

  it("where a whole stream was turned round", async () => {
    const problems = await problemsAfter("update event set position = 1000 - position where stream = 'rules-a'");
    expect(problems.filter((problem) => problem.kind === "reordered")).toHaveLength(9);
  });

  it("where only the data of two were swapped they are altered", async () => {
    expect(await problemsAfter(swap(9, 11, "body"))).toEqual([
      { kind: "altered", stream, revision: 4, position: 9 },
      { kind: "altered", stream, revision: 5, position: 11 },
    ]);
  });

  it("where an event was moved to another stream", async () => {
    const problems = await problemsAfter(
      "update event set stream = 'rules-c', revision = 0 where stream = 'rules-b' and revision = 9",
    );
    expect(problems).toEqual([{ kind: "altered", stream: "rules-c", revision: 0, position: 20 }]);
  });
});

describe("what a chain can't show", () => {
  it("a removed end of a stream is not seen without seals, and the answer says that there are none", async () => {
    const path = await twoStreams();
    tamper(path, "delete from event where position > 12");
    const verification = await verify(path);
    expect(verification).toMatchObject({ events: 12, problems: [], sealed: false });
    expect(verification.heads).toMatchObject([{ stream: "rules-a", revision: 5, position: 11 }, { stream: "rules-b" }]);
  });
});

describe("verifying", () => {
  it("does not need to know an event's type or version", async () => {
    const path = join(temporaryDirectory(), "log.db");
    const log = openSqliteLog({ path, access: "write", create: true });
    await log.append(
      "all",
      "no-stream",
      everyDraft.map((draft, i) => ({ ...draft, id: smallEvent(i).id })),
    );
    await log.close();
    tamper(path, "update event set type = 'unheard-of' where position = 2");
    expect((await verify(path)).problems).toEqual([{ kind: "altered", stream: "all", revision: 1, position: 2 }]);
  });

  it("reports a file that SQLite can't read to its end", async () => {
    const path = join(temporaryDirectory(), "log.db");
    const log = openSqliteLog({ path, access: "write", create: true });
    await log.append("rules-a", "no-stream", smallEvents(0, 1_000));
    await log.close();
    await breakPage(path, 60);
    const { problems, events } = await verify(path);
    expect(events).toBeLessThan(1_000);
    expect(problems.at(-1)).toMatchObject({ kind: "unreadable", message: expect.stringContaining("damaged") });
  });
});

async function expectedHash(path: string, position: number): Promise<string> {
  const { chainHash, contentHash } = await import("@conntrail/store");
  const log = openSqliteLog({ path, access: "read" });
  let previous: string | null = null;
  let hash = "";
  for await (const event of log.readStored()) {
    if (event.stream !== "rules-a" || event.position > position) continue;
    hash = chainHash({ previous, revision: event.revision, content: contentHash(event) });
    previous = hash;
  }
  await log.close();
  return hash;
}

async function breakPage(path: string, page: number): Promise<void> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, page * 4096);
  await file.close();
}
