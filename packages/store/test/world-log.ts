// Evidence of the engine's small worlds, as it is appended to a log: control events, and packets in batches.

import {
  type ControlEvent,
  type ControlFact,
  encodePacketBatch,
  type Micros,
  type NewEvent,
  type PacketsObserved,
  type TrafficBatch,
} from "@conntrail/engine";
import { type EventDraft, type EventLog, eventId, streamOf } from "@conntrail/store";
import { batchOf } from "../../engine/test/support/packets.js";
import type { Random } from "../../engine/test/support/random.js";
import type { World } from "../../engine/test/support/small-world.js";
import { evidenceOf } from "../../engine/test/support/world-evidence.js";

/** In any order, or in that of time but for a few; the sources cut into batches at random. */
export function appendable(world: World, random: Random): NewEvent[] {
  const events = [...evidenceOf(world).map(asNew), ...batchesOf(world, random).map(asObserved)];
  if (random.below(2) === 0) return random.shuffled(events);
  const inOrder = events.toSorted((a, b) => a.time - b.time);
  const late = new Set(random.shuffled(inOrder).slice(0, random.below(3)));
  return [...inOrder.filter((event) => !late.has(event)), ...late];
}

export async function append(log: EventLog, events: readonly NewEvent[]): Promise<void> {
  for (const event of events) {
    const stream = streamOf(event);
    let revision: number | "no-stream" = "no-stream";
    for await (const last of log.readStream(stream, { direction: "backwards", limit: 1 })) revision = last.revision;
    await log.append(stream, revision, [event]);
  }
}

function asNew({ type, data, time, lastTime, source, actor }: ControlEvent): NewEvent {
  const draft = { type, data, time, lastTime, source, actor } as EventDraft<ControlFact>;
  return { ...draft, id: eventId(draft) };
}

function batchesOf(world: World, random: Random): TrafficBatch[] {
  return world.sources.flatMap(({ name, place, packets }) => {
    const batches: TrafficBatch[] = [];
    for (let from = 0; from < packets.length; ) {
      const to = from + 1 + random.below(random.pick([1, 5, 40]));
      batches.push(batchOf(packets.slice(from, to), { place, sha256: name.padEnd(64, "0") }));
      from = to;
    }
    return batches;
  });
}

function asObserved({ place, sha256, batch }: TrafficBatch): NewEvent {
  const [firstFrame, lastFrame] = [batch.frame[0]!, batch.frame[batch.count - 1]!];
  const [time, lastTime] = [Math.min(...batch.time) as Micros, Math.max(...batch.time) as Micros];
  const data = { place, count: batch.count, firstFrame, lastFrame, columns: encodePacketBatch(batch) };
  const draft: EventDraft<PacketsObserved> = {
    type: "packets-observed",
    data,
    time,
    lastTime,
    source: { sha256, record: firstFrame },
    actor: null,
  };
  return { ...draft, id: eventId(draft) };
}
