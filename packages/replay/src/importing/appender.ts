// Puts what importers found into the log, once: known events are left out, whoever imported them and under whatever
// name. It keeps what it knows of each stream, and asks again when another writer was faster.

import {
  type EncodedBatch,
  encodeInParts,
  type Fact,
  groupBy,
  type Micros,
  type NewEvent,
  type PacketBatch,
} from "@conntrail/engine";
import {
  contentId,
  type EventDraft,
  type EventLog,
  type ExpectedRevision,
  eventId,
  importRecordId,
  isSnapshot,
  streamOf,
} from "@conntrail/store";
import type { Draft } from "../importers/importer.js";

type KnownStream = { revision: ExpectedRevision; readonly ids: Set<string> };

/** One append call stays below 1 MiB; control events are small. */
const maxEventsPerAppend = 200;
/** Asked of the log side by side: it can commit them together. */
const maxStreamsAtOnce = 64;

export class Appender {
  readonly #streams = new Map<string, KnownStream>();

  constructor(private readonly log: EventLog) {}

  /** Appends those that are new, and says how many there were. */
  async appendDrafts(drafts: readonly Draft[]): Promise<number> {
    const byStream = [...groupBy(drafts, streamOf)];
    let added = 0;
    for (let from = 0; from < byStream.length; from += maxStreamsAtOnce) {
      const part = byStream.slice(from, from + maxStreamsAtOnce);
      const counts = await Promise.all(part.map(([stream, own]) => this.#appendNew(stream, own)));
      added += counts.reduce((sum, count) => sum + count, 0);
    }
    return added;
  }

  async appendBatch(place: string, batch: PacketBatch, sha256: string): Promise<void> {
    for (const part of encodeInParts(batch)) await this.#appendPart(place, part, sha256);
  }

  async #appendPart(place: string, { batch, columns }: EncodedBatch, sha256: string): Promise<void> {
    const [time, lastTime] = timeSpan(batch);
    const [firstFrame, lastFrame] = [batch.frame[0]!, batch.frame[batch.count - 1]!];
    const data = { place, count: batch.count, firstFrame, lastFrame, columns };
    const source = { sha256, record: firstFrame };
    const draft: EventDraft = { type: "packets-observed", data, time, lastTime, source, actor: null };
    await this.#append(streamOf(draft), [{ ...draft, id: eventId(draft) }]);
  }

  async appendImportRecord(
    draft: EventDraft<Extract<Fact, { type: `import-${string}` }>>,
    nonce: string,
  ): Promise<void> {
    await this.#append(streamOf(draft), [{ ...draft, id: importRecordId(draft, nonce) }]);
  }

  async #appendNew(stream: string, drafts: readonly Draft[]): Promise<number> {
    const known = await this.#known(stream);
    const fresh: NewEvent[] = [];
    const ids = new Set(known.ids);
    for (const draft of drafts) {
      const id = eventId(draft);
      if (!ids.has(id)) fresh.push({ ...draft, id });
      for (const name of namesOf(draft, id)) ids.add(name);
    }
    for (let from = 0; from < fresh.length; from += maxEventsPerAppend) {
      await this.#append(stream, fresh.slice(from, from + maxEventsPerAppend));
    }
    return fresh.length;
  }

  async #append(stream: string, events: readonly NewEvent[]): Promise<void> {
    for (;;) {
      const known = await this.#known(stream);
      const result = await this.log.append(stream, known.revision, events);
      if (result.kind === "appended") {
        known.revision = result.lastRevision;
        for (const event of events) for (const name of namesOf(event, event.id)) known.ids.add(name);
        return;
      }
      this.#streams.delete(stream);
    }
  }

  async #known(stream: string): Promise<KnownStream> {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const read: KnownStream = { revision: "no-stream", ids: new Set() };
    const range = /^(traffic|import)-/.test(stream) ? ({ direction: "backwards", limit: 1 } as const) : {};
    for await (const event of this.log.readStream(stream, range)) {
      read.revision = event.revision;
      for (const name of namesOf(event, event.id)) read.ids.add(name);
    }
    this.#streams.set(stream, read);
    return read;
  }
}

/** A snapshot is known by its content too: without a stated time, known content adds nothing. */
function namesOf(draft: EventDraft, id: string): string[] {
  return isSnapshot(draft) ? [id, contentId(draft)] : [id];
}

function timeSpan({ time }: PacketBatch): [Micros, Micros] {
  let [first, last] = [time[0]!, time[0]!];
  for (const instant of time) {
    if (instant < first) first = instant;
    if (instant > last) last = instant;
  }
  return [first as Micros, last as Micros];
}
