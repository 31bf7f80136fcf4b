// Reading flow records from the views.

import type { Micros, Position } from "@conntrail/engine";
import type { FlowTable } from "./flow-schema.js";
import { standing } from "./retraction-index.js";
import { queryAll, type Views } from "./views.js";

export type FlowFilter = {
  /** Not ended before this instant. */
  readonly from: Micros | null;
  /** Opened before this instant. */
  readonly until: Micros | null;
  /** Live at this instant. */
  readonly at: Micros | null;
  readonly idPrefix?: string;
};

/** Behind all characters of an id. */
const afterEveryId = "{";

/** In the order of opening, then of id. */
export function queryFlows(views: Views, filter: FlowFilter): FlowTable[] {
  return queryAll(views, flowQuery(views, filter));
}

/** The same one after the other, for hundreds of thousands; nothing is written to the views meanwhile. */
export function eachFlow(views: Views, filter: FlowFilter): Iterable<FlowTable> {
  const { sql, parameters } = flowQuery(views, filter).compile();
  return views.database.prepare(sql).iterate(...parameters) as Iterable<FlowTable>;
}

function flowQuery(views: Views, { from, until, at, idPrefix }: FlowFilter) {
  let query = views.kysely.selectFrom("flow_record").selectAll().orderBy("opened_at").orderBy("id");
  if (from !== null) query = query.where("ends_at", ">", from);
  if (until !== null) query = query.where("opened_at", "<", until);
  if (at !== null) query = query.where("opened_at", "<=", at).where("ends_at", ">", at);
  if (idPrefix !== undefined) query = query.where("id", ">=", idPrefix).where("id", "<", idPrefix + afterEveryId);
  return query;
}

/** The batches that may hold this frame of a source, those that nobody took back first, and the source's name. */
export function findFrame(views: Views, sha256: string, frame: number): { name: string | null; positions: Position[] } {
  const batches = views.kysely
    .selectFrom("batch")
    .select("position")
    .where("sha256", "=", sha256)
    .where("first_frame", "<=", frame)
    .where("last_frame", ">=", frame)
    .orderBy(standing("batch", null), "desc")
    .orderBy("position");
  const named = views.kysely.selectFrom("source").select("name").where("sha256", "=", sha256);
  const positions = queryAll(views, batches).map(({ position }) => position as Position);
  return { name: queryAll(views, named)[0]?.name ?? null, positions };
}

/** The time of the last packet or report that the log held at `knownAt`; null where there is none. */
export function lastTrafficTime(views: Views, knownAt: Position | null): Micros | null {
  const lasts = (["batch", "report_batch"] as const).flatMap((table) => {
    let query = views.kysely.selectFrom(table).select(({ fn }) => fn.max("last_time").as("last"));
    if (knownAt !== null) query = query.where("position", "<=", knownAt);
    return queryAll(views, query.where(standing(table, knownAt)))[0]?.last ?? [];
  });
  return lasts.length === 0 ? null : (Math.max(...lasts) as Micros);
}
