// What the fold of reports leaves in the views. Times in microseconds; sensors and rules as JSON, empty for no rule.

import type { Columns } from "./column.js";

export type ReportedFlowTable = {
  readonly id: string;
  readonly sensor: string;
  readonly rule: string;
  /** Null: the sensor does not judge. */
  readonly verdict: string | null;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly direction: string | null;
  readonly protocol: number;
  readonly source: string;
  readonly source_port: number;
  readonly destination: string;
  readonly destination_port: number;
  readonly icmp: number;
  readonly opened_at: number;
  /** 1 where a report tells of the opening. */
  readonly opening_told: number;
  readonly last_seen: number;
  readonly ended_at: number | null;
  readonly reports: number;
  readonly packets_forward: number | null;
  readonly packets_backward: number | null;
  readonly bytes_forward: number | null;
  readonly bytes_backward: number | null;
  /** What the rules say, as we know them, and how that compares: see `CheckOutcome`. */
  readonly derived: string;
  readonly gates: string;
  /** `CheckBasis`; null: nothing is held against it. */
  readonly basis: string | null;
  readonly outcome: string;
  /** JSON of `CheckClue`, empty for none. */
  readonly clue: string;
  readonly detail: string;
};

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

export type ReportedTables = {
  readonly reported_flow: ReportedFlowTable;
  readonly reported_denied: ReportedDeniedTable;
  readonly sensor_hour: SensorHourTable;
  readonly skipped_window: SkippedWindowTable;
  readonly check_tally: CheckTallyTable;
  readonly disagreement: DisagreementTable;
};

const tallyColumns: Columns<CheckTallyTable> = {
  sensor: "text",
  rule: "text",
  hour: "integer",
  reported: "text",
  derived: "text",
  basis: "text",
  derived_rule: "text",
  standing: "text",
  outcome: "text",
  first: "integer",
  last: "integer",
  reports: "integer",
};

const tallyKey = [
  "sensor",
  "rule",
  "hour",
  "reported",
  "derived",
  "basis",
  "derived_rule",
  "standing",
  "outcome",
] as const;

/** Columns, then those of the key. */
export const reportedTables: {
  readonly [table in keyof ReportedTables]: readonly [Columns<ReportedTables[table]>, ...string[]];
} = {
  reported_flow: [
    {
      id: "text",
      sensor: "text",
      rule: "text",
      verdict: "text?",
      interface: "text?",
      interface_name: "text?",
      direction: "text?",
      protocol: "integer",
      source: "text",
      source_port: "integer",
      destination: "text",
      destination_port: "integer",
      icmp: "integer",
      opened_at: "integer",
      opening_told: "integer",
      last_seen: "integer",
      ended_at: "integer?",
      reports: "integer",
      packets_forward: "integer?",
      packets_backward: "integer?",
      bytes_forward: "integer?",
      bytes_backward: "integer?",
      derived: "text",
      gates: "text",
      basis: "text?",
      outcome: "text",
      clue: "text",
      detail: "text",
    },
    "id",
  ],
  reported_denied: [
    {
      sensor: "text",
      rule: "text",
      interface: "text",
      interface_name: "text?",
      direction: "text?",
      source: "text",
      destination: "text",
      destination_port: "integer",
      protocol: "integer",
      first: "integer",
      last: "integer",
      count: "integer",
    },
    "sensor",
    "rule",
    "interface",
    "source",
    "destination",
    "destination_port",
    "protocol",
  ],
  sensor_hour: [
    {
      sensor: "text",
      hour: "integer",
      reports: "integer",
      no_data: "integer",
      skipped: "integer",
      first: "integer",
      last: "integer",
    },
    "sensor",
    "hour",
  ],
  skipped_window: [
    { sensor: "text", first: "integer", last: "integer", reports: "integer" },
    "sensor",
    "first",
    "last",
  ],
  check_tally: [tallyColumns, ...tallyKey],
  disagreement: [
    {
      ...tallyColumns,
      source: "text",
      destination: "text",
      destination_port: "integer",
      protocol: "integer",
      clue: "text",
    },
    ...tallyKey,
    "source",
    "destination",
    "destination_port",
    "protocol",
  ],
};

export const reportedTableNames = Object.keys(reportedTables) as (keyof ReportedTables)[];
