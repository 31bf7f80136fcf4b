// What the fold counts, in rows that add up: it may write one set of rows for each segment of time, and questions read
// the sum of them through a view of the table's name. Null would be no part of a key, so the view makes it of "".

import { sql } from "kysely";
import type { Columns, ColumnType } from "./column.js";

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

/** How the rows of segments make one. */
type Sum = "min" | "max" | "sum";

type Shape<Table> = {
  readonly key: { readonly [column in keyof Table]?: ColumnType | `${ColumnType}?` };
  readonly told: { readonly [column in keyof Table]?: readonly [ColumnType | `${ColumnType}?`, Sum] };
};

const seen = { first: ["integer", "min"], last: ["integer", "max"] } as const;
const summed = ["integer", "sum"] as const;
const versionKey = { group: "text", rule: "text", version: "integer", is_default: "integer" } as const;

const shapes: { readonly [name in SegmentTableName]: Shape<SegmentTables[name]> } = {
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
  const { key, told } = shapes[name];
  const types = Object.entries<readonly [string, Sum]>(told).map(([column, [type]]) => [column, type]);
  const columns = [...Object.entries<string>(key), ...types].map(([column, type]) => [column, type?.replace("?", "")]);
  return Object.fromEntries([["segment", "integer"], ...columns]) as Columns<unknown>;
}

export function segmentView(name: SegmentTableName) {
  const { key, told } = shapes[name];
  const keys = Object.entries<string>(key).map(([column, type]) => sql`${read(column, type)} as ${sql.ref(column)}`);
  const sums = Object.entries<readonly [string, Sum]>(told).map(
    ([column, [type, sum]]) => sql`${sql.raw(sum)}(${read(column, type)}) as ${sql.ref(column)}`,
  );
  const groups = Object.keys(key).map((column) => sql.ref(`${rowTableOf(name)}.${column}`));
  return sql`select ${sql.join([...keys, ...sums])} from ${sql.ref(rowTableOf(name))} group by ${sql.join(groups)}`;
}

function read(column: string, type: string) {
  return type.endsWith("?") ? sql`nullif(${sql.ref(column)}, '')` : sql.ref(column);
}
