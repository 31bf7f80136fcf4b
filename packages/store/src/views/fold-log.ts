// Reads a log for the projector: control events into the histories, traffic in the order of the fold. Questions fold
// through it as the views do, so that both see the same.

import {
  type ControlEvent,
  type Conversation,
  defaultMaxFlows,
  type InterventionSources,
  isIcmp,
  type Micros,
  type PacketBatch,
  type PacketsObserved,
  type Position,
  type Projection,
  Projector,
  type ProjectorInput,
  type RecordedEvent,
  relevanceOf,
  type TrafficBatch,
} from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { standingControl } from "../retractions.js";
import { type Control, controlOf, interventionSources } from "./control.js";
import { readColumns } from "./fold-part.js";
import { readNamedLists } from "./list-reading.js";
import { tableFullRows } from "./segment-query.js";
import type { FoldParts } from "./snapshots.js";
import { batchesInOrder, batchesWith } from "./time-index.js";
import type { BatchTable } from "./view-schema.js";
import type { Views } from "./views.js";

/** Categories of the streams that hold control events. */
export const controlCategories = ["group", "interface", "network", "access", "list"] as const;

/** All that count: what was taken back is left out. */
export function readControlEvents(log: EventLog, knownAt: Position | null): Promise<ControlEvent[]> {
  return readCategories(log, knownAt, controlCategories);
}

async function readCategories(
  log: EventLog,
  knownAt: Position | null,
  categories: readonly string[],
): Promise<ControlEvent[]> {
  const events: ControlEvent[] = [];
  const read = log.readAll({ until: knownAt ?? undefined, categories });
  for await (const { event } of standingControl(log, read, knownAt)) events.push(event);
  return events;
}

const categoriesButLists = controlCategories.filter((category) => category !== "list");

/** `lists`: contents of all service tags and prefix lists, or of those alone that rules name. */
export async function readControl(
  log: EventLog,
  knownAt: Position | null,
  lists: "all" | "named" = "named",
): Promise<Control> {
  const events = await (lists === "all" ? readControlEvents(log, knownAt) : readNeeded(log, knownAt));
  return controlOf(events);
}

async function readNeeded(log: EventLog, knownAt: Position | null): Promise<ControlEvent[]> {
  const events = await readCategories(log, knownAt, categoriesButLists);
  return [...events, ...(await readNamedLists(log, events, knownAt))];
}

export type FoldOptions = Omit<ProjectorInput, keyof InterventionSources | "whole" | "maxFlows"> & {
  readonly control: Control;
  readonly knownAt: Position | null;
  /** All parts of the fold at one instant, where this one goes on; left out: from the beginning. */
  readonly from?: FoldParts;
  /** Awaited after each batch, with the number of its packets, and every so often between. */
  readonly onBatch?: (packets: number) => void | Promise<void>;
};

/** Verdicts of this many packets may wait for a slow reader. */
const packetsBetweenPauses = 16_384;

/** Folds the traffic that the time index knows; index it first. */
export async function foldLog(log: EventLog, views: Views, options: FoldOptions): Promise<Projection> {
  const { control, knownAt, onBatch, from = [], ...input } = options;
  const all = batchesInOrder(views, { from: from[0]?.time ?? null, until: options.until, knownAt });
  const holding = input.only === null ? all : batchesWith(views, all, input.only);
  const whole = input.only !== null && (await needsOthers(log, views, { only: input.only, holding }));
  const bounds = { whole, maxFlows: defaultMaxFlows };
  const projector = new Projector({ ...input, ...bounds, ...interventionSources(control) }, from);
  const advance = async (time: number) => {
    while (!projector.advance(time, packetsBetweenPauses)) await onBatch?.(0);
  };
  for (const row of whole ? all : holding) {
    await advance(row.first_time);
    for await (const traffic of readTraffic(log, row)) projector.push(traffic);
    await onBatch?.(row.count);
  }
  await advance(Number.POSITIVE_INFINITY);
  return projector.finish();
}

type Asked = { readonly only: Conversation; readonly holding: readonly BatchTable[] };

/**
 * Whether what becomes of a conversation depends on others: where there was no room for its records, and where errors
 * among its packets belong to the flows that they quote.
 */
async function needsOthers(log: EventLog, views: Views, { only, holding }: Asked): Promise<boolean> {
  if (tableFullRows(views).length > 0) return true;
  if (!isIcmp(only.protocol)) return false;
  for (const row of holding) {
    for await (const { batch } of readTraffic(log, row)) {
      const own = relevanceOf(batch.flows, only);
      if (batch.quoted.some((quoted, index) => quoted >= 0 && own[batch.flow[index]! >> 1]! > 0)) return true;
    }
  }
  return false;
}

/** The packets of one row of the time index. */
export async function* readTraffic(
  log: EventLog,
  { position }: Pick<BatchTable, "position">,
): AsyncIterable<TrafficBatch> {
  const range = { from: (position - 1) as Position, until: position as Position };
  for await (const event of log.readAll(range)) {
    if (event.type !== "packets-observed") continue;
    const { place } = event.data;
    const { sha256 } = event.source;
    yield { place, sha256, position, firstTime: event.time as Micros, batch: readBatch(event) };
  }
}

/** The packets of a batch event. `LogError` `damaged` where its bytes are not those that were written. */
export function readBatch({ data, position }: RecordedEvent<PacketsObserved>): PacketBatch {
  return readColumns(data.columns, position);
}
