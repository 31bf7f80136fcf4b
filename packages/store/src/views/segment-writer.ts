// Writes what the fold has counted in a segment of time.

import type { Projection } from "@conntrail/engine";
import { rowTableOf, type SegmentTableName, type SegmentTables } from "./segment-schema.js";
import { deniedRow, tableFullRow, trafficRow, unrecordedHitRow } from "./view-rows.js";
import type { Views } from "./views.js";

export function writeSegment(views: Views, segment: number, projection: Projection): void {
  const { denied, tableFull, unrecorded, traffic } = projection;
  insertAll(views, "denied", { segment, rows: denied.rows.map(deniedRow) });
  insertAll(views, "table_full", { segment, rows: tableFull.map(tableFullRow) });
  insertAll(views, "unrecorded_hit", { segment, rows: unrecorded.map(unrecordedHitRow) });
  insertAll(views, "traffic", { segment, rows: traffic.map(trafficRow) });
}

type Rows<Name extends SegmentTableName> = { readonly segment: number; readonly rows: readonly SegmentTables[Name][] };

function insertAll<Name extends SegmentTableName>(views: Views, name: Name, { segment, rows }: Rows<Name>): void {
  if (rows.length === 0) return;
  const columns = ["segment", ...Object.keys(rows[0]!)];
  const quoted = columns.map((column) => `"${column}"`).join(", ");
  const values = columns.map(() => "?").join(", ");
  const insert = views.database.prepare(`insert into "${rowTableOf(name)}" (${quoted}) values (${values})`);
  for (const row of rows) insert.run(segment, ...Object.values(row).map((value) => value ?? ""));
}
