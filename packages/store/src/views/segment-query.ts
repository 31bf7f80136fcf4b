// Reading what the fold has counted.

import { type Micros, microsPerMinute, placeOfInterface } from "@conntrail/engine";
import { sql } from "kysely";
import type { RuleHitTable } from "./rule-hit-schema.js";
import type { TableFullTable, TrafficTable } from "./segment-schema.js";
import { queryAll, type Views } from "./views.js";

/** Where packets found no room for a record, in the order in which that began. */
export function tableFullRows(views: Views): TableFullTable[] {
  return queryAll(views, views.kysely.selectFrom("table_full").selectAll().orderBy("first").orderBy("interface"));
}

export function ruleHits(views: Views): RuleHitTable[] {
  return queryAll(views, views.kysely.selectFrom("rule_hit").selectAll());
}

export type TrafficFilter = {
  /** Minutes that end behind this instant … */
  readonly from: Micros | null;
  /** … and begin before this one. */
  readonly until: Micros | null;
  /** By name or id, or as `import --interface` named it; null: all. */
  readonly interface: string | null;
  /** Minutes are summed up to spans of this length. */
  readonly spanMicros: number;
};

/** `minute`: when the span begins. `place`: one of those where the interface was captured. */
export function trafficRows(
  views: Views,
  { from, until, interface: wanted, spanMicros }: TrafficFilter,
): TrafficTable[] {
  const span = sql<number>`minute - ((minute % ${spanMicros}) + ${spanMicros}) % ${spanMicros}`;
  const whose = sql<string>`coalesce(interface, place)`;
  let query = views.kysely
    .selectFrom("traffic")
    .select(({ fn }) => [
      span.as("minute"),
      fn.min("place").as("place"),
      "interface",
      fn.max("interface_name").as("interface_name"),
      "direction",
      "verdict",
      fn.sum<number>("packets").as("packets"),
      fn.sum<number>("bytes").as("bytes"),
    ])
    .groupBy([span, whose, "interface", "direction", "verdict"])
    .orderBy(span)
    .orderBy(whose)
    .orderBy("direction")
    .orderBy("verdict");
  if (from !== null) query = query.where("minute", ">", from - microsPerMinute);
  if (until !== null) query = query.where("minute", "<", until);
  if (wanted !== null) {
    const called = wanted.toLowerCase();
    const place = placeOfInterface(called);
    query = query.where(
      sql<boolean>`(${called} in (lower(interface), lower(interface_name)) or lower(place) = ${place})`,
    );
  }
  return queryAll(views, query);
}
