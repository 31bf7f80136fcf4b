// One part of projecting the log: a fold of its own over the traffic of its share, here or in another thread. What it
// makes are rows, so that whoever has several parts only writes them down.

import { serialize } from "node:v8";
import {
  type ControlEvent,
  CorruptBatch,
  decodePacketBatch,
  defaultMaxFlows,
  type FlowRecord,
  type FoldShare,
  type FoldSnapshot,
  type Micros,
  type PacketBatch,
  type Projection,
  Projector,
  type Semantics,
} from "@conntrail/engine";
import { LogError } from "../log-error.js";
import { type Control, controlOf, interventionSources } from "./control.js";
import { FlowRowMaker, type FlowRows } from "./flow-rows.js";
import type { SegmentTableName, SegmentTables } from "./segment-schema.js";
import { deniedRow, tableFullRow, trafficRow, unrecordedHitRow } from "./view-rows.js";

/** A batch as the log has it. */
export type StoredTraffic = {
  readonly place: string;
  readonly sha256: string;
  readonly position: number;
  readonly firstTime: Micros;
  readonly columns: Uint8Array;
};

/** Plain data, since it may have to reach another thread. */
export type FoldTask = {
  readonly events: readonly ControlEvent[];
  /** Null: as the resources themselves say. */
  readonly semantics: Semantics | null;
  /** Left out: all of the traffic. */
  readonly share?: FoldShare;
  /** All parts of the fold at the instant where this one goes on; none: it begins. */
  readonly from: readonly FoldSnapshot[];
};

/** What was counted since the last time. */
export type SegmentRows = { readonly [name in SegmentTableName]: readonly SegmentTables[name][] };

export type SavedPart = { readonly state: Uint8Array; readonly rows: SegmentRows };

export type FoldPart = {
  /** In the order of their first packets' times. Waits where too much is under way. */
  push(traffic: StoredTraffic): Promise<void>;
  /** How many records there are. */
  live(): Promise<number>;
  /** The state before the packets of this instant. */
  save(time: Micros): Promise<SavedPart>;
  finish(): Promise<SegmentRows>;
  close(): Promise<void>;
};

const rowsTogether = 1024;

export class LocalPart implements FoldPart {
  readonly #projector: Projector;
  readonly #rows = new FlowRowMaker();

  constructor(
    { events, from, ...input }: FoldTask,
    private readonly onRows: (rows: FlowRows) => void,
    control: Control = controlOf(events),
  ) {
    const sources = interventionSources(control);
    const onFlow = (record: FlowRecord) => this.#add(record);
    const whole = { until: null, only: null, whole: false, maxFlows: defaultMaxFlows };
    this.#projector = new Projector({ ...input, ...sources, ...whole, onFlow, onVerdict: null }, from);
  }

  async push({ columns, ...traffic }: StoredTraffic): Promise<void> {
    this.#projector.push({ ...traffic, batch: readColumns(columns, traffic.position) });
  }

  async live(): Promise<number> {
    return this.#projector.live;
  }

  async save(time: Micros): Promise<SavedPart> {
    const state = serialize(this.#projector.save(time));
    return { state, rows: this.#takeRows(this.#projector.takeCounts()) };
  }

  async finish(): Promise<SegmentRows> {
    return this.#takeRows(this.#projector.finish());
  }

  async close(): Promise<void> {}

  #add(record: FlowRecord): void {
    this.#rows.add(record);
    if (this.#rows.waiting >= rowsTogether) this.onRows(this.#rows.take());
  }

  #takeRows(counts: Projection): SegmentRows {
    this.onRows(this.#rows.take());
    return segmentRows(counts);
  }
}

function segmentRows({ denied, tableFull, unrecorded, traffic }: Projection): SegmentRows {
  return {
    denied: denied.map(deniedRow),
    table_full: tableFull.map(tableFullRow),
    unrecorded_hit: unrecorded.map(unrecordedHitRow),
    traffic: traffic.map(trafficRow),
  };
}

/** The packets of a batch event's columns. `LogError` `damaged` where the bytes are not those that were written. */
export function readColumns(columns: Uint8Array, position: number): PacketBatch {
  try {
    return decodePacketBatch(columns);
  } catch (error) {
    if (!(error instanceof CorruptBatch)) throw error;
    const where = `the packets at log position ${position}`;
    throw new LogError("damaged", `${where} are damaged (${error.message}): run \`conntrail verify\``, {
      cause: error,
    });
  }
}
