// Reading reported flow records and denials from the views.

import { type Micros, microsPerMinute } from "@conntrail/engine";
import { sql } from "kysely";
import type { FlowFilter } from "./flow-query.js";
import type { ReportedFlowTable } from "./reported-flow-schema.js";
import type { ReportedDeniedTable } from "./reported-schema.js";
import { queryAll, type Views } from "./views.js";

/**
 * A record of which no report tells the end counts as open for so long after the last: twice the five minutes between
 * reports of an Azure flow that goes on [A8], and the longest window of AWS [W3].
 */
const reportSilenceMicros = 10 * microsPerMinute;

const afterEveryId = "{";

/** In the order of opening, then of id. */
export function* eachReportedFlow(
  views: Views,
  { from, until, at, idPrefix }: FlowFilter,
): Iterable<ReportedFlowTable> {
  let query = views.kysely.selectFrom("reported_flow").selectAll().orderBy("opened_at").orderBy("id");
  const openUntil = sql<number>`coalesce(ended_at, last_seen + ${reportSilenceMicros})`;
  if (from !== null) query = query.where(openUntil, ">", from);
  if (until !== null) query = query.where("opened_at", "<", until);
  if (at !== null) query = query.where("opened_at", "<=", at).where(openUntil, ">", at);
  if (idPrefix !== undefined) query = query.where("id", ">=", idPrefix).where("id", "<", idPrefix + afterEveryId);
  const compiled = query.compile();
  yield* views.database.prepare(compiled.sql).iterate(...compiled.parameters) as Iterable<ReportedFlowTable>;
}

/** How many there are in all. */
export function reportedFlowCount(views: Views): number {
  const query = views.kysely.selectFrom("reported_flow").select(({ fn }) => fn.countAll<number>().as("count"));
  return queryAll(views, query)[0]!.count;
}

export type ReportedEnds = { readonly protocol: number; readonly a: string; readonly b: string };

/** Whoever opened them; addresses as the views write them. */
export function reportedBetween(views: Views, ends: ReportedEnds): ReportedFlowTable[] {
  const query = views.kysely.selectFrom("reported_flow").selectAll().where(between(ends));
  return queryAll(views, query.orderBy("opened_at").orderBy("id"));
}

export function reportedDenialsBetween(views: Views, ends: ReportedEnds): ReportedDeniedTable[] {
  const query = views.kysely.selectFrom("reported_denied").selectAll().where(between(ends));
  return queryAll(views, query.orderBy("first"));
}

/** What sensors say of a rule version, where the rules as we know them say the same. */
export type ReportedHitRow = {
  /** JSON of `DerivedRule`. */
  readonly derived_rule: string;
  /** Reports of flow records that it let in, and of connections that it kept out. */
  readonly allowed: number;
  readonly denied: number;
  /** When the first and the last of these were opened, or tried. In microseconds. */
  readonly first: number;
  readonly last: number;
};

export function reportedHits(views: Views): ReportedHitRow[] {
  const query = views.kysely
    .selectFrom("check_tally")
    .select(({ fn }) => [
      "derived_rule",
      sql<number>`sum(case when reported = 'allow' then reports else 0 end)`.as("allowed"),
      sql<number>`sum(case when reported = 'deny' then reports else 0 end)`.as("denied"),
      fn.min("first").as("first"),
      fn.max("last").as("last"),
    ])
    .where("derived_rule", "!=", "")
    .whereRef("derived", "=", "reported");
  return queryAll(views, query.groupBy("derived_rule"));
}

function between({ protocol, a, b }: ReportedEnds) {
  return sql<boolean>`protocol = ${protocol} and ((source = ${a} and destination = ${b}) or (source = ${b} and destination = ${a}))`;
}

/** Whether the record counts as open at an instant. */
export function isReportedOpen({ opened_at, last_seen, ended_at }: ReportedFlowTable, at: Micros): boolean {
  return opened_at <= at && (ended_at ?? last_seen + reportSilenceMicros) > at;
}
