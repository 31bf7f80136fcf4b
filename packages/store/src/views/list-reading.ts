// Contents of service tags and prefix lists: those that rules name, and no others. A year of weekly editions has
// millions of prefixes, and rules name a handful of tags.

import { type ControlEvent, namedLists, type Position, type RecordedEvent } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { standingControl } from "../retractions.js";

/** What judging by the rules of these events may need, regions and wholes of tags included. */
export async function readNamedLists(
  log: EventLog,
  events: readonly ControlEvent[],
  knownAt: Position | null,
): Promise<ControlEvent[]> {
  const named = namedLists(events);
  const read: ControlEvent[] = [];
  for (const list of withWholes(named)) {
    const own = await readList(log, list, knownAt);
    // of a tag whose whole is not known, all regions count
    if (own.length === 0 && named.has(list) && !list.includes(".")) return readAllLists(log, knownAt);
    read.push(...own);
  }
  return read;
}

function withWholes(named: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...named].flatMap((list) => [list, list.split(".", 1)[0]!]));
}

async function readList(log: EventLog, list: string, knownAt: Position | null): Promise<ControlEvent[]> {
  const events: ControlEvent[] = [];
  const read = streamUntil(log, `list-${list}`, knownAt);
  for await (const { event } of standingControl(log, read, knownAt)) events.push(event);
  return events;
}

async function readAllLists(log: EventLog, knownAt: Position | null): Promise<ControlEvent[]> {
  const events: ControlEvent[] = [];
  const read = log.readAll({ until: knownAt ?? undefined, categories: ["list"] });
  for await (const { event } of standingControl(log, read, knownAt)) events.push(event);
  return events;
}

async function* streamUntil(log: EventLog, stream: string, knownAt: Position | null): AsyncIterable<RecordedEvent> {
  for await (const event of log.readStream(stream)) {
    if (knownAt !== null && event.position > knownAt) return;
    yield event;
  }
}
