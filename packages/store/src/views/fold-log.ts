// Reads a log for the projector: control events into the histories, traffic in the order of the fold. Questions fold
// through it as the views do, so that both see the same.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  CorruptBatch,
  decodePacketBatch,
  type FoldSnapshot,
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
  type TrafficBatch,
  toMicros,
} from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { LogError } from "../log-error.js";
import { readNamedLists } from "./list-reading.js";
import type { FoldParts } from "./snapshots.js";
import { batchesInOrder, batchesWith, lastTime } from "./time-index.js";
import type { BatchTable } from "./view-schema.js";
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

export type FoldOptions = Omit<ProjectorInput, keyof InterventionSources> & {
  readonly control: Control;
  readonly knownAt: Position | null;
  /** All parts of the fold at one instant, where this one goes on; left out: from the beginning. */
  readonly from?: FoldParts;
  readonly saving?: FoldSaving;
  /** Awaited after each batch, with the number of its packets, and every so often between. */
  readonly onBatch?: (packets: number) => void | Promise<void>;
};

/** The fold between two batches: all packets before the time of the second are folded. */
export type FoldPause = { readonly time: Micros; readonly packets: number; readonly live: number };

/** Where the fold is saved, and what becomes of that. */
export type FoldSaving = {
  isDue(pause: FoldPause): boolean;
  onSaved(snapshot: FoldSnapshot, pause: FoldPause, projection: Projection): void;
};

/** Verdicts of this many packets may wait for a slow reader. */
const packetsBetweenPauses = 16_384;

/** Folds the traffic that the time index knows; index it first. */
export async function foldLog(log: EventLog, views: Views, options: FoldOptions): Promise<Projection> {
  const { control, knownAt, onBatch, saving, from = [], ...input } = options;
  const projector = new Projector({ ...input, ...interventionSources(control) }, from);
  const advance = async (time: number) => {
    while (!projector.advance(time, packetsBetweenPauses)) await onBatch?.(0);
  };
  const span = { from: from[0]?.time ?? null, until: options.until, knownAt };
  let packets = 0;
  let saved = span.from ?? Number.NEGATIVE_INFINITY;
  const rows = batchesInOrder(views, span);
  for (const row of options.only === null ? rows : batchesWith(views, rows, options.only)) {
    const time = row.first_time as Micros;
    await advance(time);
    const pause = { time, packets, live: projector.live };
    if (time > saved && saving?.isDue(pause) === true) saved = saveInto(saving, projector, pause);
    for await (const traffic of readTraffic(log, row)) projector.push(traffic);
    packets += row.count;
    await onBatch?.(row.count);
  }
  await advance(Number.POSITIVE_INFINITY);
  const end = lastTime(views, span);
  if (saving !== undefined && end !== null) {
    saveInto(saving, projector, { time: toMicros(end + 1), packets, live: projector.live });
  }
  return projector.finish();
}

function saveInto(saving: FoldSaving, projector: Projector, pause: FoldPause): Micros {
  saving.onSaved(projector.save(pause.time), pause, projector.projection);
  return pause.time;
}

export function interventionSources({ policy, network, events }: Control): InterventionSources {
  return { policy, network, flushes: flowFlushes(events), reevaluations: [] };
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
