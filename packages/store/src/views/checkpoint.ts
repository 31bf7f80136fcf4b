// How far the views have followed the log, and whether it is still the same log: a log that was replaced or cut makes
// them worthless, and they are emptied.

import type { Position } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { type CheckpointTable, viewTableNames } from "./view-schema.js";
import { execute, queryAll, type Views } from "./views.js";

export type Mark = { readonly position: Position; readonly hash: string };

type Part = CheckpointTable["name"];

/** The last event that this part of the views has taken in; null: nothing yet. */
export function checkpoint(views: Views, part: Part): Mark | null {
  const query = views.kysely.selectFrom("checkpoint").select(["position", "hash"]).where("name", "=", part);
  return (queryAll(views, query)[0] ?? null) as Mark | null;
}

export function setCheckpoint(views: Views, name: Part, mark: Mark): void {
  execute(views, views.kysely.replaceInto("checkpoint").values({ name, ...mark }));
}

/** The event at a position; null where the log has none there. */
export async function markAt(log: EventLog, position: Position): Promise<Mark | null> {
  for await (const event of log.readStored({ from: (position - 1) as Position, until: position })) {
    return { position: event.position, hash: event.hash };
  }
  return null;
}

export function equalMarks(a: Mark | null, b: Mark | null): boolean {
  return a === null || b === null ? a === b : a.position === b.position && a.hash === b.hash;
}

/** Empties views that followed another log, or events that this one no longer holds. */
export async function forgetOtherLog(log: EventLog, views: Views): Promise<void> {
  for (const part of ["index", "fold"] as const) {
    const mark = checkpoint(views, part);
    if (mark === null || equalMarks(mark, await markAt(log, mark.position))) continue;
    for (const table of viewTableNames) execute(views, views.kysely.deleteFrom(table));
    return;
  }
}
