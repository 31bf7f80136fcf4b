// What the fold of reports counts, in rows that add up. Times in microseconds; sensors and rules as JSON, empty for no rule.

import type { Columns } from "./column.js";
import {
  type SummedShape,
  type SummedType,
  seen,
  summed,
  summedColumns,
  summedTypes,
  summedView,
} from "./summed-table.js";

export type ReportedDeniedTable = {
  readonly sensor: string;
  readonly rule: string;
  readonly interface: string;
  readonly interface_name: string | null;
  readonly direction: string | null;
  readonly source: string;
  readonly destination: string;
  readonly destination_port: number;
  readonly protocol: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
};

export type SensorHourTable = {
  readonly sensor: string;
  readonly hour: number;
  readonly reports: number;
  readonly no_data: number;
  readonly skipped: number;
  readonly first: number;
  readonly last: number;
};

export type SkippedWindowTable = {
  readonly sensor: string;
  readonly first: number;
  readonly last: number;
  readonly reports: number;
};

export type CheckTallyTable = {
  readonly sensor: string;
  readonly rule: string;
  readonly hour: number;
  readonly reported: string;
  readonly derived: string;
  /** `CheckBasis`, empty for none. */
  readonly basis: string;
  /** JSON of `DerivedRule`, empty for none. */
  readonly derived_rule: string;
  /** `Standing` of what is derived. */
  readonly standing: string;
  readonly outcome: string;
  readonly first: number;
  readonly last: number;
  readonly reports: number;
};

export type DisagreementTable = CheckTallyTable & {
  readonly source: string;
  readonly destination: string;
  readonly destination_port: number;
  readonly protocol: number;
  /** JSON of `CheckClue`, empty for none. */
  readonly clue: string;
};

export type ReportedCountTables = {
  readonly reported_denied: ReportedDeniedTable;
  readonly sensor_hour: SensorHourTable;
  readonly skipped_window: SkippedWindowTable;
  readonly check_tally: CheckTallyTable;
  readonly disagreement: DisagreementTable;
};

export type ReportedCountName = keyof ReportedCountTables;

/** Texts that rows of counts name by number. */
export type ReportedTextTable = { readonly number: number; readonly text: string };

export const reportedTextColumns: Columns<ReportedTextTable> = { number: "integer", text: "text" };

const tallyKey = {
  sensor: "name",
  rule: "name",
  hour: "integer",
  reported: "text",
  derived: "text",
  basis: "text",
  derived_rule: "name",
  standing: "text",
  outcome: "text",
} as const;

const endsKey = { source: "text", destination: "text", destination_port: "integer", protocol: "integer" } as const;

const shapes: { readonly [name in ReportedCountName]: SummedShape<ReportedCountTables[name]> } = {
  reported_denied: {
    key: { sensor: "name", rule: "name", interface: "text", ...endsKey },
    told: { interface_name: ["text?", "max"], direction: ["text?", "first"], ...seen, count: summed },
  },
  sensor_hour: {
    key: { sensor: "name", hour: "integer" },
    told: {
      reports: summed,
      no_data: summed,
      skipped: summed,
      ...seen,
    },
  },
  skipped_window: { key: { sensor: "name", first: "integer", last: "integer" }, told: { reports: summed } },
  check_tally: { key: tallyKey, told: { ...seen, reports: summed } },
  disagreement: { key: { ...tallyKey, ...endsKey }, told: { ...seen, reports: summed, clue: ["text", "first"] } },
};

export const reportedCountNames = Object.keys(shapes) as ReportedCountName[];

export function reportedCountKey(name: ReportedCountName): string[] {
  return Object.keys(shapes[name].key);
}

export function countTableOf<Name extends ReportedCountName>(name: Name): `${Name}_row` {
  return `${name}_row`;
}

export function reportedCountColumns(name: ReportedCountName): Columns<unknown> {
  return summedColumns<ReportedCountTables[typeof name]>(shapes[name]);
}

export function reportedCountTypes(name: ReportedCountName): [column: string, type: SummedType][] {
  return summedTypes<ReportedCountTables[typeof name]>(shapes[name]);
}

export function reportedCountView(name: ReportedCountName) {
  return summedView<ReportedCountTables[typeof name]>(countTableOf(name), shapes[name]);
}
