// Puts what importers found into the log, once: known events are left out, whoever imported them and under whatever
// name. It keeps what it knows of each stream, and asks again when another writer was faster.

import {
  type ContentRead,
  type EncodedBatch,
  type EncodedReports,
  type FlowsReported,
  groupBy,
  type Micros,
  type NewEvent,
  type PacketBatch,
  type PacketsObserved,
  type RecordedEvent,
  type ReportedBatch,
  type SourceFact,
} from "@conntrail/engine";
import {
  contentId,
  type EventDraft,
  type EventLog,
  type ExpectedRevision,
  eventId,
  importRecordId,
  isSnapshot,
  maxAppendBytes,
  standingControl,
  streamOf,
} from "@conntrail/store";
import type { Draft } from "../importers/importer.js";
import { type KnownEvent, type Repeated, RepeatedEvidence } from "./repeated-evidence.js";

type BatchDraft = EventDraft<PacketsObserved | FlowsReported>;

/** `names`: see `namesOf`. */
type KnownStream = { revision: ExpectedRevision; readonly names: Map<string, KnownEvent> };

/** A batch on its way to the log. */
export type PlacedBatch = {
  readonly place: string;
  readonly part: EncodedBatch;
  /** Of the record of its first packet; null: not known. */
  readonly offset: number | null;
  readonly span: readonly [Micros, Micros];
  /** Of standard input; see `PacketsObserved`. */
  readonly contentRead: ContentRead | null;
};

/** A batch of reported flows on its way to the log. */
export type PlacedReports = { readonly place: string; readonly firstReport: number; readonly part: EncodedReports };

/** One append call stays below 1 MiB; control events are small. */
const maxEventsPerAppend = 200;
/** Generous room for what a batch's event has beside its columns. */
const envelopeBytes = 2048;
/** Asked of the log side by side: it can commit them together. */
const maxStreamsAtOnce = 64;

export class Appender {
  readonly #streams = new Map<string, KnownStream>();

  readonly #repeated: RepeatedEvidence;

  constructor(readonly log: EventLog) {
    this.#repeated = new RepeatedEvidence(log, (stream, events) => this.#append(stream, events));
  }

  /** Appends those that are new, and says how many there were; of the others `finishSource` tells. */
  async appendDrafts(drafts: readonly Draft[]): Promise<number> {
    const byStream = [...groupBy(drafts, streamOf)];
    let added = 0;
    for (let from = 0; from < byStream.length; from += maxStreamsAtOnce) {
      const part = byStream.slice(from, from + maxStreamsAtOnce);
      const counts = await Promise.all(part.map(([stream, own]) => this.#appendNew(stream, own)));
      added += counts.reduce((sum, { fresh }) => sum + fresh, 0);
      await this.#repeated.add(counts.flatMap(({ repeated }) => repeated));
    }
    return added;
  }

  /** To be called at the end of each source. */
  finishSource(): Promise<void> {
    return this.#repeated.flush();
  }

  /** Of one source, in the order of its frames; as many together as one append takes. */
  async appendBatches(batches: readonly PlacedBatch[], sha256: string): Promise<void> {
    await this.#appendDrafted(batches.map((batch) => draftOf(batch, sha256)));
  }

  /** Of one source, in their order; as many together as one append takes. */
  async appendReports(batches: readonly PlacedReports[], sha256: string): Promise<void> {
    await this.#appendDrafted(batches.map((batch) => reportsDraftOf(batch, sha256)));
  }

  async #appendDrafted(drafts: readonly BatchDraft[]): Promise<void> {
    for (const [stream, own] of groupBy(drafts, streamOf)) {
      for (const together of withinAppend(own)) {
        await this.#append(
          stream,
          together.map((draft) => ({ ...draft, id: eventId(draft) })),
        );
      }
    }
  }

  async appendImportRecord(
    draft: EventDraft<Extract<SourceFact, { type: `import-${string}` }>>,
    nonce: string,
  ): Promise<void> {
    await this.#append(streamOf(draft), [{ ...draft, id: importRecordId(draft, nonce) }]);
  }

  async #appendNew(stream: string, drafts: readonly Draft[]) {
    const { names } = await this.#known(stream);
    const fresh: NewEvent[] = [];
    const repeated: Repeated[] = [];
    const own = new Map<string, KnownEvent>();
    for (const draft of drafts) {
      const id = eventId(draft);
      const known = names.get(id) ?? own.get(id);
      if (known !== undefined) repeated.push({ draft, known });
      else fresh.push({ ...draft, id });
      learn(own, known ?? { id, sha256: draft.source.sha256 }, namesOf(draft, id));
    }
    for (let from = 0; from < fresh.length; from += maxEventsPerAppend) {
      await this.#append(stream, fresh.slice(from, from + maxEventsPerAppend));
    }
    return { fresh: fresh.length, repeated };
  }

  async #append(stream: string, events: readonly NewEvent[]): Promise<void> {
    for (;;) {
      const known = await this.#known(stream);
      const result = await this.log.append(stream, known.revision, events);
      if (result.kind === "appended") {
        known.revision = result.lastRevision;
        for (const event of events) {
          learn(known.names, { id: event.id, sha256: event.source.sha256 }, namesOf(event, event.id));
        }
        return;
      }
      this.#streams.delete(stream);
    }
  }

  async #known(stream: string): Promise<KnownStream> {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const read: KnownStream = { revision: "no-stream", names: new Map() };
    const isControl = !/^(traffic|import|repeat)-/.test(stream);
    const range = isControl ? {} : ({ direction: "backwards", limit: 1 } as const);
    const events = this.#following(read, this.log.readStream(stream, range));
    for await (const { event, recorded } of standingControl(this.log, events, null)) {
      learn(read.names, { id: recorded.id, sha256: event.source.sha256 }, namesOf(event, event.id));
    }
    this.#streams.set(stream, read);
    return read;
  }

  async *#following(read: KnownStream, events: AsyncIterable<RecordedEvent>): AsyncIterable<RecordedEvent> {
    for await (const event of events) {
      read.revision = event.revision;
      yield event;
    }
  }
}

/** The first event of a name is the one that is known by it. */
function learn(names: Map<string, KnownEvent>, known: KnownEvent, own: readonly string[]): void {
  for (const name of own) if (!names.has(name)) names.set(name, known);
}

/** A snapshot is known by its content too: without a stated time, known content adds nothing. */
function namesOf(draft: EventDraft, id: string): string[] {
  return isSnapshot(draft) ? [id, contentId(draft)] : [id];
}

function draftOf({ place, part, offset, span, contentRead }: PlacedBatch, sha256: string): EventDraft<PacketsObserved> {
  const { batch, columns } = part;
  const [firstFrame, lastFrame] = [batch.frame[0]!, batch.frame[batch.count - 1]!];
  const read = contentRead === null ? {} : { contentRead };
  return {
    type: "packets-observed",
    data: { place, count: batch.count, firstFrame, lastFrame, columns, ...read },
    time: span[0],
    lastTime: span[1],
    source: { sha256, record: firstFrame, ...(offset === null ? {} : { offset }) },
    actor: null,
  };
}

function reportsDraftOf({ place, firstReport, part }: PlacedReports, sha256: string): BatchDraft {
  const { batch, columns } = part;
  const [first, last] = reportSpan(batch);
  return {
    type: "flows-reported",
    data: { place, count: batch.count, firstReport, columns },
    time: first,
    lastTime: last,
    source: { sha256, record: batch.record[0]! },
    actor: null,
  };
}

function* withinAppend(drafts: readonly BatchDraft[]): Iterable<BatchDraft[]> {
  let together: BatchDraft[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    const own = draft.data.columns.length + envelopeBytes;
    if (bytes + own > maxAppendBytes) {
      yield together;
      together = [];
      bytes = 0;
    }
    together.push(draft);
    bytes += own;
  }
  yield together;
}

/** Of the earliest report, and the latest instant of which one tells. */
export function reportSpan({ time, lastTime, count }: ReportedBatch): readonly [Micros, Micros] {
  let [first, last] = [time[0]!, lastTime[0]!];
  for (let index = 1; index < count; index++) {
    first = Math.min(first, time[index]!);
    last = Math.max(last, lastTime[index]!);
  }
  return [first as Micros, last as Micros];
}

/** Of the earliest packet and the latest. */
export function timeSpan({ time, count }: PacketBatch): readonly [Micros, Micros] {
  let [first, last] = [time[0]!, time[0]!];
  for (let index = 1; index < count; index++) {
    const instant = time[index]!;
    if (instant < first) first = instant;
    else if (instant > last) last = instant;
  }
  return [first as Micros, last as Micros];
}
