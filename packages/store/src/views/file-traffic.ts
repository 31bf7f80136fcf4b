// Reads traffic as the captures have it: each source in the order of its file, several beside each other by time.

import { inFileOrder, type Micros, type Position, type TrafficBatch } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { readBatch } from "./fold-log.js";
import { batchesInOrder } from "./time-index.js";
import type { BatchTable } from "./view-schema.js";
import type { Views } from "./views.js";

/** The batches that the time index knows; index it first. `knownAt`: only those stored by then. */
export async function* trafficInFileOrder(
  log: EventLog,
  views: Views,
  knownAt: Position | null,
): AsyncIterable<TrafficBatch> {
  for (const { position } of inFileOrder(batchesInOrder(views, null, knownAt).map(spanOf))) {
    const range = { from: (position - 1) as Position, until: position as Position };
    for await (const event of log.readAll(range)) {
      if (event.type !== "packets-observed") continue;
      const { place } = event.data;
      const { sha256 } = event.source;
      yield { place, sha256, position, firstTime: event.time as Micros, batch: readBatch(event) };
    }
  }
}

function spanOf({ position, sha256, place, first_frame, first_time, last_time }: BatchTable) {
  return { position, sha256, place, firstFrame: first_frame, firstTime: first_time, lastTime: last_time };
}
