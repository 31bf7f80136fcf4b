// Reads traffic as the captures have it: each source in the order of its file, several beside each other by time.

import { inFileOrder, type Position, type TrafficBatch } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { readTraffic } from "./fold-log.js";
import { batchesInOrder } from "./time-index.js";
import type { BatchTable } from "./view-schema.js";
import type { Views } from "./views.js";

/** The batches that the time index knows; index it first. `knownAt`: only those stored by then. */
export async function* trafficInFileOrder(
  log: EventLog,
  views: Views,
  knownAt: Position | null,
): AsyncIterable<TrafficBatch> {
  const rows = batchesInOrder(views, { from: null, until: null, knownAt });
  for (const { position } of inFileOrder(rows.map(spanOf))) yield* readTraffic(log, { position });
}

function spanOf({ position, sha256, place, first_frame, first_time, last_time }: BatchTable) {
  return { position, sha256, place, firstFrame: first_frame, firstTime: first_time, lastTime: last_time };
}
