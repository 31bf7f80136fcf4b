// Reads a log for the projector: control events into the histories, traffic in the order of the fold. Questions fold
// through it as the views do, so that both see the same.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  CorruptBatch,
  decodePacketBatch,
  defaultMaxFlows,
  flowFlushes,
  type InterventionSources,
  isControl,
  type Micros,
  type NetworkHistory,
  type PacketBatch,
  type PacketsObserved,
  type PolicyHistory,
  type Position,
  type Projection,
  Projector,
  type ProjectorInput,
  type RecordedEvent,
} from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { LogError } from "../log-error.js";
import { readNamedLists } from "./list-reading.js";
import { tableFullRows } from "./segment-query.js";
import { batchesInOrder } from "./time-index.js";
import type { Views } from "./views.js";

/** What the log says of rules, networks and access, up to a position. */
export type Control = {
  readonly events: readonly ControlEvent[];
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
};

/** Categories of the streams that hold control events. */
export const controlCategories = ["group", "interface", "network", "access", "list"] as const;

export function readControlEvents(log: EventLog, knownAt: Position | null): Promise<ControlEvent[]> {
  return readCategories(log, knownAt, controlCategories);
}

async function readCategories(
  log: EventLog,
  knownAt: Position | null,
  categories: readonly string[],
): Promise<ControlEvent[]> {
  const events: ControlEvent[] = [];
  for await (const event of log.readAll({ until: knownAt ?? undefined, categories })) {
    if (isControl(event)) events.push(event);
  }
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
  return { events, policy: buildPolicyHistory(events), network: buildNetworkHistory(events) };
}

async function readNeeded(log: EventLog, knownAt: Position | null): Promise<ControlEvent[]> {
  const events = await readCategories(log, knownAt, categoriesButLists);
  return [...events, ...(await readNamedLists(log, events, knownAt))];
}

export type FoldOptions = Omit<ProjectorInput, keyof InterventionSources | "whole" | "maxFlows"> & {
  readonly control: Control;
  readonly knownAt: Position | null;
  /** Awaited after each batch, with the number of its packets, and every so often between. */
  readonly onBatch?: (packets: number) => void | Promise<void>;
};

/** Verdicts of this many packets may wait for a slow reader. */
const packetsBetweenPauses = 16_384;

/** Folds the traffic that the time index knows; index it first. */
export async function foldLog(log: EventLog, views: Views, options: FoldOptions): Promise<Projection> {
  const { control, knownAt, onBatch, ...input } = options;
  const { policy, network, events } = control;
  const projector = new Projector({
    ...input,
    policy,
    network,
    flushes: flowFlushes(events),
    reevaluations: [],
    whole: input.only !== null && tableFullRows(views).length > 0,
    maxFlows: defaultMaxFlows,
  });
  const advance = async (time: number) => {
    while (!projector.advance(time, packetsBetweenPauses)) await onBatch?.(0);
  };
  for (const row of batchesInOrder(views, options.until, knownAt)) {
    await advance(row.first_time);
    const range = { from: (row.position - 1) as Position, until: row.position as Position };
    for await (const event of log.readAll(range)) {
      if (event.type !== "packets-observed") continue;
      const batch = readBatch(event);
      const { sha256 } = event.source;
      projector.push({
        place: event.data.place,
        sha256,
        position: row.position,
        firstTime: event.time as Micros,
        batch,
      });
    }
    await onBatch?.(row.count);
  }
  await advance(Number.POSITIVE_INFINITY);
  return projector.finish();
}

/** The packets of a batch event. `LogError` `damaged` where its bytes are not those that were written. */
export function readBatch(event: RecordedEvent<PacketsObserved>): PacketBatch {
  try {
    return decodePacketBatch(event.data.columns);
  } catch (error) {
    if (!(error instanceof CorruptBatch)) throw error;
    const where = `the packets at log position ${event.position}`;
    throw new LogError("damaged", `${where} are damaged (${error.message}): run \`conntrail verify\``, {
      cause: error,
    });
  }
}
