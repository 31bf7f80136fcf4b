// What the fold counts, in rows that add up: it may write one set of rows for each segment of time, and questions read
// the sum of them through a view of the table's name.

import type { Columns } from "./column.js";
import { type SummedShape, seen, summed, summedColumns, summedView } from "./summed-table.js";

/** Times in microseconds. */
export type DeniedTable = {
  readonly interface: string;
  readonly interface_name: string;
  readonly direction: string;
  readonly source: string;
  readonly destination: string;
  readonly destination_port: number;
  readonly protocol: number;
  readonly group: string;
  readonly rule: string;
  readonly version: number;
  readonly is_default: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
};

/** See `TableFull`. */
export type TableFullTable = {
  readonly place: string;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly first: number;
  readonly last: number;
  readonly packets: number;
  readonly flows: number;
};

/** See `UnrecordedHits`. */
export type UnrecordedHitTable = {
  readonly group: string;
  readonly rule: string;
  readonly version: number;
  readonly is_default: number;
  readonly first: number;
  readonly last: number;
  readonly passed_packets: number;
  readonly passed_bytes: number;
  readonly denied_packets: number;
};

/** See `MinuteOfTraffic`. */
export type TrafficTable = {
  readonly minute: number;
  readonly place: string;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly direction: string | null;
  readonly verdict: string;
  readonly packets: number;
  readonly bytes: number;
};

export type SegmentTables = {
  readonly denied: DeniedTable;
  readonly table_full: TableFullTable;
  readonly unrecorded_hit: UnrecordedHitTable;
  readonly traffic: TrafficTable;
};

export type SegmentTableName = keyof SegmentTables;

/** As they are stored, null as "". */
export type SegmentRowTables = {
  readonly [name in SegmentTableName as `${name}_row`]: {
    readonly [column in keyof SegmentTables[name]]: NonNullable<SegmentTables[name][column]>;
  } & { readonly segment: number };
};

const versionKey = { group: "text", rule: "text", version: "integer", is_default: "integer" } as const;

const shapes: { readonly [name in SegmentTableName]: SummedShape<SegmentTables[name]> } = {
  denied: {
    key: {
      interface: "text",
      direction: "text",
      source: "text",
      destination: "text",
      destination_port: "integer",
      protocol: "integer",
      ...versionKey,
    },
    told: { interface_name: ["text", "max"], ...seen, count: summed },
  },
  table_full: {
    key: { place: "text", interface: "text?" },
    told: { interface_name: ["text?", "max"], ...seen, packets: summed, flows: summed },
  },
  unrecorded_hit: {
    key: versionKey,
    told: { ...seen, passed_packets: summed, passed_bytes: summed, denied_packets: summed },
  },
  traffic: {
    key: { minute: "integer", place: "text", interface: "text?", direction: "text?", verdict: "text" },
    told: { interface_name: ["text?", "max"], packets: summed, bytes: summed },
  },
};

export const segmentTableNames = Object.keys(shapes) as SegmentTableName[];

export function segmentKey(name: SegmentTableName): string[] {
  return Object.keys(shapes[name].key);
}

export function rowTableOf<Name extends SegmentTableName>(name: Name): `${Name}_row` {
  return `${name}_row`;
}

export function segmentColumns(name: SegmentTableName): Columns<unknown> {
  return { segment: "integer", ...summedColumns<SegmentTables[typeof name]>(shapes[name]) } as Columns<unknown>;
}

export function segmentView(name: SegmentTableName) {
  return summedView<SegmentTables[typeof name]>(rowTableOf(name), shapes[name]);
}
