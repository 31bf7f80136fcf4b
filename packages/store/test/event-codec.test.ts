import type { EventType, SourceFact } from "@conntrail/engine";
import {
  chainEvents,
  decodeEvent,
  type EventDraft,
  encodeEvent,
  eventId,
  importRecordId,
  LogError,
} from "@conntrail/store";
import { describe, expect, it } from "vitest";
import { eventUpcasters } from "../src/event-codec.js";
import { type EventFixture, eventFixtures } from "./event-fixtures.js";
import { everyDraft, smallEvent } from "./sample-events.js";

const types = Object.keys(eventUpcasters) as EventType[];
const fixtureOf = (type: EventType): EventFixture => eventFixtures.find(({ stored }) => stored.type === type)!;

describe("stored events of every version", () => {
  it.each(types)("%s has a fixture for each version there ever was", (type) => {
    const versions = eventFixtures
      .filter(({ stored }) => stored.type === type)
      .map(({ stored }) => stored.schemaVersion);
    expect(versions.toSorted()).toEqual(Array.from({ length: eventUpcasters[type].length + 1 }, (_, i) => i + 1));
  });

  it.each(eventFixtures)("$stored.type version $stored.schemaVersion still reads", ({ stored, event }) => {
    const { attributes: _, body: __, schemaVersion: ___, ...envelope } = stored;
    expect(decodeEvent(stored)).toEqual({ ...envelope, ...event });
  });

  it.each([
    "fixtures-v1",
    "fixtures-v1-network",
    "fixtures-v1-changes",
    "fixtures-v1-reports",
    "fixtures-v1-sources",
    "fixtures-v1-gaps",
    "fixtures-v2-imports",
  ])("hashes of %s are still what they were", (name) => {
    const stored = eventFixtures.filter(({ stored }) => stored.stream === name).map(({ stored }) => stored);
    const { stream, recordedAt } = stored[0]!;
    const hashes = chainEvents(stored, { stream, end: null, recordedAt }).map((event) => event.hash);
    expect(hashes).toEqual(stored.map((event) => event.hash));
  });

  it.each(eventFixtures)("the id of a $stored.type is still what it was", ({ stored, event }) => {
    const { type, time, lastTime } = stored;
    const draft = { type, time, lastTime, ...event } as EventDraft;
    if (isSourceFact(draft)) {
      // What is lifted when it is read was named before.
      const data = JSON.parse(new TextDecoder().decode(stored.body));
      expect(importRecordId({ ...draft, data } as typeof draft, "nonce")).toBe(stored.id);
    } else {
      expect(eventId(draft)).toBe(stored.id);
    }
  });
});

describe("upcasters", () => {
  const { stored } = fixtureOf("import-started");
  const withTitle = (data: unknown) => ({ ...(data as object), title: "t" });
  const withShoutedTitle = (data: unknown) => ({ ...(data as object), title: `${(data as { title: string }).title}!` });
  const upcasters = { ...eventUpcasters, "import-started": [withTitle, withShoutedTitle] };

  it("lift an old version through all later ones", () => {
    expect(decodeEvent(stored, upcasters).data).toMatchObject({ name: "web.pcap", title: "t!" });
  });

  it("begin at the version that was stored", () => {
    const body = new TextEncoder().encode('{"name":"n","title":"u"}');
    expect(decodeEvent({ ...stored, schemaVersion: 2, body }, upcasters).data).toEqual({ name: "n", title: "u!" });
    expect(decodeEvent({ ...stored, schemaVersion: 3, body }, upcasters).data).toEqual({ name: "n", title: "u" });
  });
});

describe("events that can't be read", () => {
  const { stored } = fixtureOf("import-started");
  const errorOf = (change: object): unknown => {
    try {
      return decodeEvent({ ...stored, ...change });
    } catch (error) {
      return error;
    }
  };

  it("an unknown type and a newer version say to update", () => {
    for (const change of [{ type: "packet-dreamt" }, { type: "constructor" }, { schemaVersion: 2 }]) {
      const error = errorOf(change);
      expect(error).toBeInstanceOf(LogError);
      expect(error).toMatchObject({ kind: "newer-event", message: expect.stringContaining("update conntrail") });
    }
  });

  it("a broken body or envelope is damage", () => {
    expect(errorOf({ body: Uint8Array.of(0x7b) })).toMatchObject({ kind: "damaged" });
    expect(errorOf({ body: Uint8Array.of(0x22, 0xff, 0x22) })).toMatchObject({ kind: "damaged" });
    expect(errorOf({ attributes: "" })).toMatchObject({ kind: "damaged" });
  });
});

describe("encoding", () => {
  it("gives equal bytes for equal facts, whatever the order of their keys", () => {
    for (const draft of everyDraft) {
      const event = { ...draft, id: smallEvent(0).id };
      expect(encodeEvent(reversed(event) as typeof event)).toEqual(encodeEvent(event));
    }
  });

  it("refuses numbers that JSON has no form for", () => {
    const event = smallEvent(0);
    expect(() => encodeEvent({ ...event, source: { ...event.source, record: Number.NaN } })).toThrow();
  });
});

function isSourceFact(draft: EventDraft): draft is EventDraft<SourceFact> {
  return ["import-started", "import-finished", "evidence-repeated", "source-retracted"].includes(draft.type);
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
