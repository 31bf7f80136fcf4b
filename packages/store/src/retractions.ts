// Sources taken back, as the log has it. What a source gave before its last retraction counts no more, unless another
// source repeats it. What is asked of a log without retractions costs a look at an index.

import { type ControlEvent, isControl, type Position, type RecordedEvent } from "@conntrail/engine";
import type { EventLog } from "./event-log.js";
import { repeatedOf } from "./repetitions.js";

/** Of each source that was taken back, where that happened last. */
export type Retractions = ReadonlyMap<string, Position>;

/** A control event that counts, and the one in the log that it stands for. */
export type StandingEvent = { readonly event: ControlEvent; readonly recorded: ControlEvent };

export async function readRetractions(log: EventLog, knownAt: Position | null): Promise<Retractions> {
  const retractions = new Map<string, Position>();
  for await (const event of log.readAll({ until: knownAt ?? undefined, categories: ["retraction"] })) {
    if (event.type === "source-retracted") retractions.set(event.data.sha256, event.position);
  }
  return retractions;
}

/** Whether what the source said at the position was taken back. */
export function isRetracted(
  retractions: Retractions,
  { source, position }: Pick<RecordedEvent, "source" | "position">,
): boolean {
  return (retractions.get(source.sha256) ?? 0) > position;
}

/** Whether a source was taken back, and has not been imported again since. */
export async function isSourceRetracted(log: EventLog, sha256: string): Promise<boolean> {
  for await (const { position } of log.readStream(`retraction-${sha256}`, { direction: "backwards", limit: 1 })) {
    for await (const event of log.readStream(`import-${sha256}`, { direction: "backwards" })) {
      if (event.type === "import-started") return event.position < position;
    }
  }
  return false;
}

/** Those of the events that count as control events; those that count by repetition alone come last. */
export async function* standingControl(
  log: EventLog,
  events: AsyncIterable<RecordedEvent>,
  knownAt: Position | null,
): AsyncIterable<StandingEvent> {
  const retractions = await readRetractions(log, knownAt);
  const retracted = new Map<string, ControlEvent>();
  const standing = new Set<string>();
  for await (const event of events) {
    if (!isControl(event)) continue;
    if (isRetracted(retractions, event)) {
      retracted.set(event.id, event);
      continue;
    }
    if (retractions.size > 0) standing.add(event.id);
    yield { event, recorded: event };
  }
  if (retracted.size > 0) yield* repeatedOf(log, { retracted, standing, retractions, knownAt });
}
