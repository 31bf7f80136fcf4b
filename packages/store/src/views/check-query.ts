// Reading from the views how reported and derived compare.

import type { Micros } from "@conntrail/engine";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { CheckTallyTable, DisagreementTable } from "./reported-schema.js";
import { queryAll, type Views } from "./views.js";

/** Whole hours: those that begin from `from` (included) to `to` (excluded); null: open. */
export type CheckSpan = { readonly from: Micros | null; readonly to: Micros | null };

export function checkTallies(views: Views, { from, to }: CheckSpan): CheckTallyTable[] {
  let query = views.kysely.selectFrom("check_tally").selectAll();
  if (from !== null) query = query.where("hour", ">=", from);
  if (to !== null) query = query.where("hour", "<", to);
  return queryAll(views, query);
}

export type DisagreementFilter = CheckSpan & {
  /** As the views write them; null: all. */
  readonly sensors: readonly string[] | null;
  readonly rules: readonly string[] | null;
  readonly outcome: string;
  readonly limit: number;
};

const alike = [
  "sensor",
  "rule",
  "reported",
  "derived",
  "basis",
  "derived_rule",
  "standing",
  "outcome",
  "source",
  "destination",
  "destination_port",
  "protocol",
] as const;

export type DisagreementRow = Omit<DisagreementTable, "hour">;

/** Hours taken together; those with the most reports, the most first. */
export function disagreements(views: Views, filter: DisagreementFilter): DisagreementRow[] {
  const query = views.kysely
    .selectFrom("disagreement")
    .select([...alike])
    .select(({ fn }) => [
      fn.min("first").as("first"),
      fn.max("last").as("last"),
      fn.sum<number>("reports").as("reports"),
    ])
    .where(wanted(filter))
    .groupBy([...alike])
    .orderBy("reports", "desc")
    .orderBy("first")
    .orderBy("source")
    .orderBy("destination")
    .limit(filter.limit);
  return queryAll(views, query).map((row) => ({ ...row, clue: clueOf(views, row) }));
}

/** Of the first of them. */
function clueOf(views: Views, row: Omit<DisagreementRow, "clue">): string {
  let query = views.kysely.selectFrom("disagreement").select("clue").where("first", "=", row.first);
  for (const column of alike) query = query.where(column, "=", row[column]);
  return queryAll(views, query.limit(1))[0]?.clue ?? "";
}

/** How many rows `disagreements` has without a limit. */
export function disagreementCount(views: Views, filter: DisagreementFilter): number {
  const query = views.kysely
    .selectFrom("disagreement")
    .select([...alike])
    .distinct()
    .where(wanted(filter));
  const counted = views.kysely.selectFrom(query.as("alike")).select(({ fn }) => fn.countAll<number>().as("count"));
  return queryAll(views, counted)[0]!.count;
}

export type ClueCount = { readonly clue: string; readonly reports: number };

/** Reports of one outcome by what it rests on, the most first. */
export function clueCounts(views: Views, filter: DisagreementFilter): ClueCount[] {
  const query = views.kysely
    .selectFrom("disagreement")
    .select("clue")
    .select(({ fn }) => fn.sum<number>("reports").as("reports"))
    .where(wanted(filter))
    .groupBy("clue")
    .orderBy("reports", "desc")
    .orderBy("clue")
    .limit(filter.limit);
  return queryAll(views, query);
}

function wanted({ from, to, sensors, rules, outcome }: DisagreementFilter): RawBuilder<SqlBool> {
  const since = from === null ? sql`` : sql` and hour >= ${from}`;
  const until = to === null ? sql`` : sql` and hour < ${to}`;
  return sql<SqlBool>`outcome = ${outcome}${since}${until}${among("sensor", sensors)}${among("rule", rules)}`;
}

/** One parameter however many there are: their number is bounded. */
function among(column: "sensor" | "rule", values: readonly string[] | null): RawBuilder<unknown> {
  if (values === null) return sql``;
  return sql` and ${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
}
