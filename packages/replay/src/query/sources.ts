// The sources of a case: under which names they were imported, what came of it, and whether they were taken back.

import {
  type ImportFinished,
  type Micros,
  type Position,
  type RecordedEvent,
  type SourceRetracted,
  toMicros,
} from "@conntrail/engine";
import { controlCategories, type EventLog, sourceSpans, type Views } from "@conntrail/store";
import type { Case } from "../case.js";

export type SourceHistory = {
  readonly sha256: string;
  /** As given to import, in the order in which they were first used. */
  readonly names: string[];
  readonly format: string;
  /** When its first import began, in record time. */
  readonly importedAt: Micros;
  /** Of its last import that came to its end; null: none did. */
  finished: RecordedEvent<ImportFinished> | null;
  /** Events that it brought, by all its imports. */
  newEvents: number;
  /** Null: it counts. */
  retracted: RecordedEvent<SourceRetracted> | null;
};

export type SourceSpan = { readonly first: Micros; readonly last: Micros };

export type SourceAnswer = { readonly source: SourceHistory; readonly span: SourceSpan | null };

/** In the order of their first imports. */
export async function readSources(log: EventLog, knownAt: Position | null): Promise<SourceHistory[]> {
  const sources = new Map<string, SourceHistory>();
  for await (const event of log.readAll({ until: knownAt ?? undefined, categories: ["import", "retraction"] })) {
    const { sha256 } = event.type === "source-retracted" ? event.data : event.source;
    const known = sources.get(sha256);
    if (event.type === "import-started") sources.set(sha256, started(known, event));
    else if (known !== undefined) follow(known, event);
  }
  return [...sources.values()];
}

/** With the span of time that each tells of; what was taken back is shown too. */
export async function sourcesOf(kase: Case, knownAt: Position | null): Promise<SourceAnswer[]> {
  const sources = await readSources(kase.log, knownAt);
  const spans = await spansOf(kase.log, kase.views, knownAt);
  return sources.map((source) => ({ source, span: spans.get(source.sha256) ?? null }));
}

function started(known: SourceHistory | undefined, event: RecordedEvent & { readonly type: "import-started" }) {
  const { name, format } = event.data;
  const fresh = { finished: null, newEvents: 0, retracted: null };
  const source = known ?? { ...fresh, sha256: event.source.sha256, names: [], format, importedAt: event.recordedAt };
  if (!source.names.includes(name)) source.names.push(name);
  source.retracted = null;
  return source;
}

function follow(source: SourceHistory, event: RecordedEvent): void {
  if (event.type === "source-retracted") source.retracted = event;
  if (event.type !== "import-finished") return;
  source.finished = event;
  source.newEvents += event.data.newEvents;
}

async function spansOf(log: EventLog, views: Views, knownAt: Position | null): Promise<Map<string, SourceSpan>> {
  const spans = new Map(sourceSpans(views, knownAt).map(({ sha256, ...span }) => [sha256, span]));
  for await (const { source, time } of log.readAll({ until: knownAt ?? undefined, categories: controlCategories })) {
    const { first, last } = spans.get(source.sha256) ?? { first: time, last: time };
    const span = { first: toMicros(Math.min(first, time)), last: toMicros(Math.max(last, time)) };
    spans.set(source.sha256, span);
  }
  return spans;
}
