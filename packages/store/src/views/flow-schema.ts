// Flow records in the views: a narrow row each, and what thousands of them have in common stored once. Questions read
// both as one, the view `flow_record`.

import { type Compilable, type SchemaModule, sql } from "kysely";
import type { Columns } from "./column.js";

/** What is a record's own. Times in microseconds. */
export type FlowRowTable = {
  readonly id: string;
  readonly circumstance: number;
  readonly source: string;
  readonly source_port: number;
  readonly destination: string;
  readonly destination_port: number;
  readonly icmp: number;
  readonly opened_at: number;
  readonly opened_frame: number;
  /** Zeek's letters. */
  readonly history: string;
  readonly last_seen: number;
  readonly ends_at: number;
  readonly packets_forward: number;
  readonly packets_backward: number;
  readonly bytes_forward: number;
  readonly bytes_backward: number;
  readonly payload_forward: number;
  readonly payload_backward: number;
};

export type FlowCircumstance = {
  readonly place: string;
  readonly interface: string | null;
  readonly interface_name: string | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly protocol: number;
  readonly opened_sha256: string;
  readonly mid_stream: number;
  readonly decision: string;
  /** Why the record lets no packet pass by itself; null: it does. */
  readonly untracked: string | null;
  /** JSON: what each gate said. */
  readonly gates: string;
  readonly state: string;
  readonly conn_state: string;
  readonly ends_by: string;
};

export type FlowCircumstanceTable = FlowCircumstance & { readonly number: number };

/** As questions read it. */
export type FlowTable = Omit<FlowRowTable, "circumstance"> & FlowCircumstance;

export const flowRowColumns: Columns<FlowRowTable> = {
  circumstance: "integer",
  id: "text",
  source: "text",
  source_port: "integer",
  destination: "text",
  destination_port: "integer",
  icmp: "integer",
  opened_at: "integer",
  opened_frame: "integer",
  history: "text",
  last_seen: "integer",
  ends_at: "integer",
  packets_forward: "integer",
  packets_backward: "integer",
  bytes_forward: "integer",
  bytes_backward: "integer",
  payload_forward: "integer",
  payload_backward: "integer",
};

export const flowCircumstanceColumns: Columns<FlowCircumstanceTable> = {
  number: "integer",
  place: "text",
  interface: "text?",
  interface_name: "text?",
  direction: "text?",
  protocol: "integer",
  opened_sha256: "text",
  mid_stream: "integer",
  decision: "text",
  untracked: "text?",
  gates: "text",
  state: "text",
  conn_state: "text",
  ends_by: "text",
};

/** `cross join` keeps SQLite from beginning with the circumstances. */
export const flowView = sql`select ${sql.join(
  [...Object.keys(flowRowColumns), ...Object.keys(flowCircumstanceColumns)]
    .filter((column) => column !== "circumstance" && column !== "number")
    .map((column) => sql.ref(column)),
)} from flow_row cross join flow_circumstance on number = circumstance`;

export function createFlowIndexes(schema: SchemaModule): Compilable[] {
  return [
    schema.createIndex("flow_by_id").on("flow_row").column("id").unique(),
    schema.createIndex("flow_by_time").on("flow_row").column("opened_at"),
  ];
}

export function dropFlowIndexes(schema: SchemaModule): Compilable[] {
  return ["flow_by_id", "flow_by_time"].map((name) => schema.dropIndex(name));
}
