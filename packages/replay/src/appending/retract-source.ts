// Takes a source back: finds which is meant, and appends that it counts no more. Nothing is removed from the log.

import { enteredByHand, type Micros, type RecordedEvent, type SourceRetracted } from "@conntrail/engine";
import {
  correlationIdOf,
  currentRevision,
  type EventDraft,
  type EventLog,
  importRecordId,
  streamOf,
} from "@conntrail/store";
import { readSources, type SourceHistory } from "../query/sources.js";

export type Retraction = { readonly at: Micros; readonly who: string; readonly because: string | null };

export type RetractionOutcome =
  | { readonly is: "retracted"; readonly source: SourceHistory; readonly event: RecordedEvent }
  /** Before, and not imported again since. */
  | { readonly is: "retracted-already"; readonly source: SourceHistory; readonly event: RecordedEvent }
  | { readonly is: "unknown"; readonly all: readonly SourceHistory[] }
  | { readonly is: "ambiguous"; readonly candidates: readonly SourceHistory[] };

const leastHexDigits = 6;

/** `named`: a name that was given to import, or how a SHA-256 begins. */
export async function retractSource(log: EventLog, named: string, retraction: Retraction): Promise<RetractionOutcome> {
  const all = await readSources(log, null);
  const [source, ...more] = meant(all, named);
  if (source === undefined) return { is: "unknown", all };
  if (more.length > 0) return { is: "ambiguous", candidates: [source, ...more] };
  if (source.retracted !== null) return { is: "retracted-already", source, event: source.retracted };
  return { is: "retracted", source, event: await append(log, source, retraction) };
}

function meant(all: readonly SourceHistory[], named: string): SourceHistory[] {
  const byName = all.filter(({ names }) => names.includes(named));
  if (byName.length > 0) return byName;
  if (named.length < leastHexDigits) return [];
  return all.filter(({ sha256 }) => sha256.startsWith(named.toLowerCase()));
}

async function append(log: EventLog, { sha256 }: SourceHistory, retraction: Retraction): Promise<RecordedEvent> {
  const { at: time, who, because } = retraction;
  const data = { sha256, because };
  const correlationId = correlationIdOf({ time, who, facts: [data] });
  const actor = { who, from: null, correlationId };
  const draft: EventDraft<SourceRetracted> = {
    type: "source-retracted",
    data,
    time,
    lastTime: time,
    source: enteredByHand,
    actor,
  };
  const stream = streamOf(draft);
  const event = { ...draft, id: importRecordId(draft, correlationId) };
  const result = await log.append(stream, await currentRevision(log, stream), [event]);
  if (result.kind === "conflict") throw new Error("another command appended while this one held the lock");
  for await (const appended of log.readStream(stream, { from: result.firstRevision })) return appended;
  throw new Error("what was appended can't be read");
}
