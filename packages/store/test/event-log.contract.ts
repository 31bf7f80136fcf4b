// What every event log keeps, whichever store is behind it. An adapter joins by calling `describeEventLog`, and may skip
// a fact only by its name and with a reason, which is printed.

import { type AppendResult, currentRevision, type EventLog, LogError, verifyLog } from "@conntrail/store";
import { describe, expect, it } from "vitest";
import { everyDraft, packetEvent, smallEvent, smallEvents } from "./sample-events.js";

export type LogUnderTest = {
  /** An empty log of its own for each fact; it is closed, and its store removed, when the fact is checked. */
  open(): Promise<EventLog>;
  /** The same log again, for another process or another day. */
  openAgain(log: EventLog): Promise<EventLog>;
  readonly skips: { readonly [fact in Fact]?: string };
};

type Fact = keyof typeof facts;
type Openers = Pick<LogUnderTest, "openAgain">;

export function describeEventLog(name: string, underTest: LogUnderTest): void {
  describe(`an event log in ${name}`, () => {
    for (const fact of Object.keys(facts) as Fact[]) {
      const reason = underTest.skips[fact];
      if (reason !== undefined) it.skip(`${fact}: skipped, because ${reason}`);
      else it(fact, async () => facts[fact](await underTest.open(), underTest));
    }
  });
}

const facts = {
  "an empty log has no head and no events": async (log: EventLog) => {
    expect(await log.head()).toBeNull();
    expect(await all(log.readAll())).toEqual([]);
    expect(await all(log.readStream("rules-a"))).toEqual([]);
    expect(await currentRevision(log, "rules-a")).toBe("no-stream");
  },

  "events of every type come back as they were appended": async (log: EventLog) => {
    const events = everyDraft.map((draft, i) => ({ ...draft, id: smallEvent(i).id }));
    await log.append("mixed-1", "no-stream", events);
    const recorded = await all(log.readAll());
    expect(recorded).toMatchObject(events);
    expect(recorded.map(({ stream, revision }) => [stream, revision])).toEqual(events.map((_, i) => ["mixed-1", i]));
  },

  "revisions count from 0 in each stream, and positions ascend over all": async (log: EventLog) => {
    expect(await log.append("rules-a", "no-stream", smallEvents(0, 2))).toMatchObject(appended(0, 1));
    expect(await log.append("rules-b", "no-stream", smallEvents(2, 1))).toMatchObject(appended(0, 0));
    const last = await log.append("rules-a", 1, smallEvents(3, 2));
    expect(last).toMatchObject(appended(2, 3));
    const positions = (await all(log.readAll())).map((event) => event.position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(last).toMatchObject({ lastPosition: positions.at(-1) });
    expect(await log.head()).toBe(positions.at(-1));
  },

  "a wrong expected revision is a conflict that names the actual one, and stores nothing": async (log: EventLog) => {
    expect(await log.append("rules-a", 0, [smallEvent(0)])).toEqual(conflict("no-stream"));
    await log.append("rules-a", "no-stream", smallEvents(0, 2));
    expect(await log.append("rules-a", "no-stream", [smallEvent(2)])).toEqual(conflict(1));
    expect(await log.append("rules-a", 0, [smallEvent(2)])).toEqual(conflict(1));
    expect(await log.append("rules-a", 2, [smallEvent(2)])).toEqual(conflict(1));
    expect(await all(log.readAll())).toHaveLength(2);
  },

  "the same ids at the same expected revision add nothing and give the first answer": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 2));
    const first = await log.append("rules-a", 1, smallEvents(2, 3));
    await log.append("rules-a", 4, [smallEvent(5)]);
    expect(await log.append("rules-a", 1, smallEvents(2, 3))).toEqual({ ...first, repeated: true });
    expect(await log.append("rules-a", "no-stream", smallEvents(0, 2))).toMatchObject(appended(0, 1, true));
    expect(await all(log.readAll())).toHaveLength(6);
  },

  "the first ids of an append at its expected revision add nothing": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 3));
    expect(await log.append("rules-a", "no-stream", smallEvents(0, 2))).toMatchObject(appended(0, 1, true));
    expect(await all(log.readAll())).toHaveLength(3);
  },

  "old ids and a new one at an old revision are a conflict": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 2));
    expect(await log.append("rules-a", "no-stream", smallEvents(0, 3))).toEqual(conflict(1));
    expect(await all(log.readAll())).toHaveLength(2);
  },

  "a known id at the current revision is written again": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", [smallEvent(0)]);
    expect(await log.append("rules-a", 0, [smallEvent(0)])).toMatchObject(appended(1, 1));
    expect(await all(log.readStream("rules-a"))).toHaveLength(2);
  },

  "of many appends at one revision exactly one succeeds": async (log: EventLog) => {
    const appends = Array.from({ length: 20 }, (_, i) => log.append("rules-a", "no-stream", [smallEvent(i)]));
    const kinds = (await Promise.all(appends)).map((result) => result.kind);
    expect(kinds.filter((kind) => kind === "appended")).toHaveLength(1);
    expect(await all(log.readAll())).toHaveLength(1);
  },

  "of appends to several streams at once, a conflict of one leaves the others be": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", [smallEvent(0)]);
    const streams = ["rules-b", "rules-a", "rules-c"];
    const results = await Promise.all(streams.map((stream, i) => log.append(stream, "no-stream", [smallEvent(i + 1)])));
    expect(results.map(({ kind }) => kind)).toEqual(["appended", "conflict", "appended"]);
    expect(await all(log.readStream("rules-c"))).toHaveLength(1);
  },

  "an append of more than 1 MiB is refused, and one just below is stored": async (log: EventLog) => {
    const halves = [packetEvent(0, 520_000), packetEvent(1, 520_000)];
    expect(await log.append("traffic-a", "no-stream", halves)).toMatchObject(appended(0, 1));
    const tooLarge = log.append("traffic-a", 1, [packetEvent(2, 1_048_576)]);
    await expect(tooLarge).rejects.toMatchObject({ name: "LogError", kind: "append-too-large" });
    expect(await all(log.readAll())).toHaveLength(2);
  },

  "calls that make no sense are refused": async (log: EventLog) => {
    await expect(log.append("rules-a", "no-stream", [])).rejects.toThrow(RangeError);
    await expect(log.append("", "no-stream", [smallEvent(0)])).rejects.toThrow(RangeError);
    await expect(log.append("$all", "no-stream", [smallEvent(0)])).rejects.toThrow(RangeError);
    await expect(log.append("a\ud800", "no-stream", [smallEvent(0)])).rejects.toThrow(RangeError);
    await expect(log.append("rules-a", -1, [smallEvent(0)])).rejects.toThrow(RangeError);
  },

  "a stream is read from a revision, in either direction, up to a limit": async (log: EventLog) => {
    await fill(log, "rules-a", 1_100);
    const revisions = async (range: Parameters<EventLog["readStream"]>[1]) =>
      (await all(log.readStream("rules-a", range))).map((event) => event.revision);
    const ascending = Array.from({ length: 1_100 }, (_, i) => i);
    expect(await revisions({})).toEqual(ascending);
    expect(await revisions({ direction: "backwards" })).toEqual(ascending.toReversed());
    expect(await revisions({ from: 1_098 })).toEqual([1_098, 1_099]);
    expect(await revisions({ from: 2, direction: "backwards" })).toEqual([2, 1, 0]);
    expect(await revisions({ from: 5, limit: 2 })).toEqual([5, 6]);
    expect(await revisions({ from: 5_000 })).toEqual([]);
    expect(await currentRevision(log, "rules-a")).toBe(1_099);
  },

  "the whole log is read from a position, excluded, until one, included": async (log: EventLog) => {
    await fill(log, "rules-a", 1_100);
    const positions = (await all(log.readAll())).map((event) => event.position);
    const part = await all(log.readAll({ from: positions[9]!, until: positions[700]! }));
    expect(part.map((event) => event.position)).toEqual(positions.slice(10, 701));
    expect(await all(log.readAll({ from: positions.at(-1)! }))).toEqual([]);
  },

  "reading all ends at the head of its beginning": async (log: EventLog) => {
    await fill(log, "rules-a", 600);
    let read = 0;
    for await (const _ of log.readAll()) {
      if (read++ === 0) await log.append("rules-b", "no-stream", smallEvents(0, 100));
    }
    expect(read).toBe(600);
  },

  "categories are names of streams up to the first dash": async (log: EventLog) => {
    await log.append("traffic-a-1", "no-stream", smallEvents(0, 600));
    await log.append("rules-a", "no-stream", smallEvents(600, 2));
    await log.append("traffic-b", "no-stream", smallEvents(602, 1));
    await log.append("rulesets-a", "no-stream", smallEvents(603, 1));
    await log.append("imports", "no-stream", smallEvents(604, 1));
    const streams = async (...categories: string[]) =>
      [...new Set((await all(log.readAll({ categories }))).map((event) => event.stream))].join();
    expect(await streams("rules")).toBe("rules-a");
    expect(await streams("traffic", "imports")).toBe("traffic-a-1,traffic-b,imports");
    expect(await streams("imports", "rules", "rules")).toBe("rules-a,imports");
    expect(await streams("rule")).toBe("");
    expect(await streams()).toBe("");
    expect(await all(log.readAll({ categories: ["rules", "traffic"] }))).toHaveLength(603);
  },

  "large batches are read whole, page by page": async (log: EventLog) => {
    for (let i = 0; i < 24; i++)
      await log.append("traffic-a", i === 0 ? "no-stream" : i - 1, [packetEvent(i, 400_000)]);
    const sizes = (await all(log.readAll())).map((event) => "columns" in event.data && event.data.columns.byteLength);
    expect(sizes).toEqual(Array(24).fill(400_000));
    expect(await all(log.readStream("traffic-a", { direction: "backwards" }))).toHaveLength(24);
  },

  "a subscription catches up, goes on with new events, and ends with its signal": async (log: EventLog) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 2));
    const stop = new AbortController();
    const read: number[] = [];
    for await (const event of log.subscribe({ signal: stop.signal })) {
      read.push(event.revision);
      if (event.revision === 1) await log.append("rules-a", 1, smallEvents(2, 2));
      if (event.revision === 3) setTimeout(() => stop.abort(), 100);
    }
    expect(read).toEqual([0, 1, 2, 3]);
  },

  "a subscription sees what others append, in its categories, behind its position": async (
    log: EventLog,
    { openAgain }: Openers,
  ) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 2));
    const other = await openAgain(log);
    const from = (await log.head())!;
    const appending = (async () => {
      await other.append("traffic-a", "no-stream", [packetEvent(2, 10)]);
      await other.append("rules-a", 1, [smallEvent(3)]);
    })();
    for await (const event of log.subscribe({ from, categories: ["rules"] })) {
      expect(event).toMatchObject({ stream: "rules-a", revision: 2 });
      break;
    }
    await appending;
  },

  "a subscription ends when the log is closed": async (log: EventLog) => {
    const ended = all(log.subscribe());
    await log.close();
    expect(await ended).toEqual([]);
  },

  "what was appended is there when the log is opened again": async (log: EventLog, { openAgain }: Openers) => {
    await log.append("rules-a", "no-stream", smallEvents(0, 3));
    const before = await all(log.readAll());
    expect(await all((await openAgain(log)).readAll())).toEqual(before);
  },

  "recorded times ascend from one append to the next within a stream": async (log: EventLog) => {
    await fill(log, "rules-a", 50, 1);
    const times = (await all(log.readStream("rules-a"))).map((event) => event.recordedAt);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  },

  "the chains of an untouched log verify": async (log: EventLog) => {
    await fill(log, "rules-a", 30, 7);
    await fill(log, "rules-b", 10, 3);
    const verification = await verifyLog(log);
    expect(verification).toMatchObject({ events: 40, problems: [], sealed: false });
    expect(verification.heads.map(({ stream, revision }) => [stream, revision])).toEqual([
      ["rules-a", 29],
      ["rules-b", 9],
    ]);
  },

  "errors of the log are one class with a kind": async (log: EventLog) => {
    const error = await log.append("t", "no-stream", [packetEvent(0, 2_000_000)]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LogError);
  },
};

async function all<T>(events: AsyncIterable<T>): Promise<readonly T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}

async function fill(log: EventLog, stream: string, count: number, batch = 100): Promise<void> {
  for (let first = 0; first < count; first += batch) {
    const events = smallEvents(first, Math.min(batch, count - first));
    await log.append(stream, first === 0 ? "no-stream" : first - 1, events);
  }
}

function appended(firstRevision: number, lastRevision: number, repeated = false): Partial<AppendResult> {
  return { kind: "appended", firstRevision, lastRevision, repeated };
}

function conflict(actualRevision: number | "no-stream"): AppendResult {
  return { kind: "conflict", actualRevision };
}
