// Which sources were taken back, beside the time index: what a source gave before its retraction is passed over.

import {
  fact,
  type Micros,
  type PastFact,
  type Position,
  type RecordedEvent,
  type SourceRetracted,
} from "@conntrail/engine";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { execute, queryAll, type Views } from "./views.js";

export function indexRetraction(views: Views, { position, data }: RecordedEvent<SourceRetracted>): void {
  execute(views, views.kysely.replaceInto("retraction").values({ position, sha256: data.sha256 }));
}

/** For a `where`: whether nobody has taken a batch back, up to a position; null: to this day. */
export function standing(table: "batch" | "report_batch", knownAt: Position | null): RawBuilder<SqlBool> {
  const known = knownAt === null ? sql`` : sql` and retraction.position <= ${knownAt}`;
  const later = sql`retraction.position > ${sql.ref(`${table}.position`)}`;
  const same = sql`retraction.sha256 = ${sql.ref(`${table}.sha256`)}`;
  return sql<SqlBool>`not exists (select 1 from retraction where ${same} and ${later}${known})`;
}

/** What was taken back of packets, as facts of the past: snapshots that hold them are true no more. */
export function retractedPast(views: Views): PastFact[] {
  const { fn } = views.kysely;
  const query = views.kysely
    .selectFrom("retraction")
    .innerJoin("batch", "batch.sha256", "retraction.sha256")
    .whereRef("batch.position", "<", "retraction.position")
    .select(["retraction.sha256", fn.max("retraction.position").as("last"), fn.min("batch.first_time").as("first")])
    .groupBy("retraction.sha256");
  return queryAll(views, query).map(({ sha256, last, first }) => fact(first as Micros, "retracted", sha256, last));
}
