import { type Micros, toMicros } from "@conntrail/engine";
import { contentId, type EventDraft, eventId, importRecordId, isSnapshot, type SnapshotFact } from "@conntrail/store";
import { describe, expect, it } from "vitest";
import { everyDraft } from "./sample-events.js";

function draftOf<T extends EventDraft["type"]>(type: T): Extract<EventDraft, { type: T }> {
  return everyDraft.find((draft) => draft.type === type) as Extract<EventDraft, { type: T }>;
}

const rule = draftOf("security-rule-written");
const packets = draftOf("packets-observed");
const elsewhere = { sha256: "cd".repeat(32), record: 99 };
const later = toMicros(1_800_000_000_000_000);

describe("the id of a control fact", () => {
  it("is not of the file it came in", () => {
    expect(eventId({ ...rule, source: elsewhere })).toBe(eventId(rule));
  });

  it("is of its type, time, actor and data", () => {
    const others = [
      { ...rule, time: later },
      { ...rule, actor: null },
      { ...rule, data: { ...rule.data, ruleName: "other" } },
      { ...rule, type: "security-rule-deleted" } as unknown as typeof rule,
    ];
    expect(new Set([rule, ...others].map((draft) => eventId(draft))).size).toBe(5);
  });

  it("is a UUID of version 5", () => {
    expect(eventId(rule)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("the id of a snapshot", () => {
  const stated = draftOf("security-group-seen");
  const guessed: typeof stated = { ...stated, data: { ...stated.data, instant: "file-time" } };

  it("is not of a time that was only guessed from its file", () => {
    expect(eventId({ ...guessed, time: later })).toBe(eventId(guessed));
    expect(eventId(guessed)).toBe(contentId(guessed));
  });

  it("is of a stated time", () => {
    expect(eventId({ ...stated, time: later })).not.toBe(eventId(stated));
    expect(eventId(stated)).not.toBe(eventId(guessed));
  });

  it("has a content id without time and instant", () => {
    expect(contentId({ ...stated, time: later })).toBe(contentId(guessed));
    expect(contentId({ ...stated, data: { ...stated.data, name: "other" } })).not.toBe(contentId(guessed));
  });

  it("is told from other facts by its instant", () => {
    const snapshots = everyDraft.filter(isSnapshot).map((draft: EventDraft<SnapshotFact>) => draft.type);
    expect(snapshots).toEqual(everyDraft.map(({ type }) => type).filter((type) => type.endsWith("-seen")));
  });
});

describe("the id of a batch of packets", () => {
  it("is of source, place and frames, and of nothing else", () => {
    const recut: typeof packets = { ...packets, time: later, data: { ...packets.data, columns: Uint8Array.of(1) } };
    expect(eventId(recut)).toBe(eventId(packets));
    const others = [
      { ...packets, source: elsewhere },
      { ...packets, data: { ...packets.data, place: "nic-2" } },
      { ...packets, data: { ...packets.data, firstFrame: 2 } },
      { ...packets, data: { ...packets.data, lastFrame: 520 } },
    ];
    expect(new Set([packets, ...others].map((draft) => eventId(draft))).size).toBe(5);
  });
});

describe("the id of an import record", () => {
  const started = draftOf("import-started");

  it("differs with its nonce, and is the same in a retry", () => {
    expect(importRecordId(started, "1")).toBe(importRecordId(started, "1"));
    expect(importRecordId(started, "1")).not.toBe(importRecordId(started, "2"));
  });

  it("is of its content too", () => {
    expect(importRecordId({ ...started, time: (started.time + 1) as Micros }, "1")).not.toBe(
      importRecordId(started, "1"),
    );
    expect(importRecordId({ ...started, source: elsewhere }, "1")).not.toBe(importRecordId(started, "1"));
  });
});
