// Whether an event counts although its source was taken back: where another source says the same.

import { isControl, type Position, type RecordedEvent, type SourceRecord } from "@conntrail/engine";
import { type EventLog, standingControl } from "@conntrail/store";

/** The record that it counts by; null: it does not count. */
export async function standsBy(
  log: EventLog,
  event: RecordedEvent,
  knownAt: Position | null,
): Promise<SourceRecord | null> {
  if (!isControl(event)) return null;
  for await (const { event: standing, recorded } of standingControl(log, log.readStream(event.stream), knownAt)) {
    if (recorded.id === event.id) return standing.source;
  }
  return null;
}
