// Events as stores keep them: canonical JSON beside one binary body, and a schema version for each type. Old versions
// are lifted when read; what is stored is never rewritten, so hashes stay true.

import type { Actor, EventType, Micros, NewEvent, Position, RecordedEvent, SourceRecord } from "@conntrail/engine";
import { canonicalJson } from "./canonical-json.js";
import { LogError } from "./log-error.js";

/** An event ready to be stored. */
export type EncodedEvent = {
  readonly id: string;
  readonly type: string;
  /** From 1, for each event type by itself. */
  readonly schemaVersion: number;
  readonly time: Micros;
  readonly lastTime: Micros;
  /** Canonical JSON of actor and source, and of a batch's data without its columns. */
  readonly attributes: string;
  /** A batch's columns; of all other events the canonical JSON of their data. */
  readonly body: Uint8Array;
};

/** An event as it is stored, whatever its version. */
export type StoredEvent = EncodedEvent & {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: Micros;
  /** SHA-256, hex; see `chainHash`. */
  readonly hash: string;
};

type Attributes = {
  readonly actor: Actor | null;
  readonly source: SourceRecord;
  /** Present where the body is columns. */
  readonly batch?: object;
};

/** Lifts an event's data from one schema version to the next. */
export type Upcaster = (data: unknown) => unknown;

/** Of each event type, the upcasters from version 1, 2, 3 …; so a type's current version is their number plus one. */
export type UpcasterTable = { readonly [T in EventType]: readonly Upcaster[] };

export const eventUpcasters: UpcasterTable = {
  "security-group-seen": [],
  "interface-seen": [],
  "virtual-network-seen": [],
  "security-rule-written": [],
  "security-rule-deleted": [],
  "security-group-written": [],
  "access-requested": [],
  "subnet-seen": [],
  "connected-space-seen": [],
  "route-table-seen": [],
  "address-list-seen": [],
  "address-list-changed": [],
  "public-address-seen": [],
  "application-security-group-seen": [],
  "association-written": [],
  "addresses-changed": [],
  "membership-written": [],
  "setting-written": [],
  "resource-removed": [],
  "flows-flushed": [],
  "access-policy-seen": [],
  "access-policy-written": [],
  "access-ended": [],
  "gap-declared": [],
  "packets-observed": [],
  "flows-reported": [],
  "import-started": [],
  "import-finished": [withProblemKinds],
  "evidence-repeated": [],
  "source-retracted": [],
};

/** From 1 to 2: problems had no kinds. */
function withProblemKinds(data: unknown): unknown {
  const { problems, ...rest } = data as { readonly problems: readonly object[] };
  return { ...rest, problemsByKind: {}, problems: problems.map((problem) => ({ kind: null, ...problem })) };
}

/** One append call, all its events together, in encoded bytes: the default of EventStoreDB (measured on 23.10.6). */
export const maxAppendBytes = 1_048_576;

/** Room for what a store adds to each event: hash, revision, times, names of fields. Generous. */
const overheadBytes = 512;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws RangeError on an empty call, and `LogError` `append-too-large` above `maxAppendBytes`. */
export function encodeAppend(events: readonly NewEvent[]): readonly EncodedEvent[] {
  if (events.length === 0) throw new RangeError("nothing to append: pass at least one event");
  const encoded = events.map(encodeEvent);
  const bytes = encoded.reduce((sum, event) => sum + encodedBytes(event), 0);
  if (bytes > maxAppendBytes) {
    const message = `${events.length} events of ${bytes} bytes pass the ${maxAppendBytes} of one append: split them`;
    throw new LogError("append-too-large", message);
  }
  return encoded;
}

/** What an event counts towards `maxAppendBytes`. */
export function encodedBytes(event: EncodedEvent): number {
  return event.body.byteLength + Buffer.byteLength(event.attributes) + overheadBytes;
}

export function encodeEvent(event: NewEvent): EncodedEvent {
  const { id, type, time, lastTime } = event;
  const schemaVersion = eventUpcasters[type].length + 1;
  return { id, type, schemaVersion, time, lastTime, ...encodeContent(event) };
}

function encodeContent(event: NewEvent): Pick<EncodedEvent, "attributes" | "body"> {
  const { actor, source } = event;
  if (event.type !== "packets-observed" && event.type !== "flows-reported") {
    return { attributes: canonicalJson({ actor, source }), body: utf8.encode(canonicalJson(event.data)) };
  }
  const { columns, ...batch } = event.data;
  return { attributes: canonicalJson({ actor, source, batch }), body: columns };
}

/** `LogError` kinds: `newer-event` for an unknown type or version, `damaged` where the JSON can't be parsed. */
export function decodeEvent(stored: StoredEvent, upcasters: UpcasterTable = eventUpcasters): RecordedEvent {
  const steps = upcastersOf(stored, upcasters);
  const { actor, source, data } = parseContent(stored);
  const { stream, revision, position, id, type, time, lastTime, recordedAt, hash } = stored;
  const lifted = steps.reduce((old, lift) => lift(old), data);
  const event = { stream, revision, position, id, type, time, lastTime, recordedAt, source, actor, data: lifted, hash };
  return event as RecordedEvent;
}

function upcastersOf(stored: StoredEvent, upcasters: UpcasterTable): readonly Upcaster[] {
  const { type, schemaVersion } = stored;
  const known = Object.hasOwn(upcasters, type) ? upcasters[type as EventType] : null;
  if (known === null) throw newerEvent(stored, `unknown type \`${type}\``);
  if (schemaVersion > known.length + 1) throw newerEvent(stored, `version ${schemaVersion} of \`${type}\``);
  return known.slice(schemaVersion - 1);
}

function newerEvent({ position }: StoredEvent, what: string): LogError {
  return new LogError("newer-event", `the event at position ${position} is of ${what}: update conntrail to read it`);
}

function parseContent(stored: StoredEvent): Attributes & { readonly data: unknown } {
  try {
    const attributes = JSON.parse(stored.attributes) as Attributes;
    const { actor, source, batch } = attributes;
    const data = batch === undefined ? JSON.parse(fromUtf8.decode(stored.body)) : { ...batch, columns: stored.body };
    return { actor, source, data };
  } catch (cause) {
    const message = `the event at position ${stored.position} can't be parsed: run \`conntrail verify\``;
    throw new LogError("damaged", message, { cause });
  }
}
