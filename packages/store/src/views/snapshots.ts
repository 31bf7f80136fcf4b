// Snapshots of the fold among the views. They are a cache: whatever is wrong with one, an earlier one or none does too.

import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import type { FoldSnapshot, Micros } from "@conntrail/engine";
import type { PastReader } from "./past-reader.js";
import { standing } from "./retraction-index.js";
import type { SnapshotTable } from "./view-schema.js";
import { execute, queryAll, type Views } from "./views.js";

/** A snapshot without its state. */
export type SnapshotMark = Omit<SnapshotTable, "state" | "checksum">;

/** Of several parts, in as many folds. */
export type FoldParts = readonly FoldSnapshot[];

const markColumns = ["time", "position", "past", "packets", "flow_rows", "circumstances", "segment"] as const;

/** Raised when snapshots come to hold something else, or the same in another form. */
const stateVersion = 1;

/** `states`: of all parts, each serialized where it was made. */
export function saveSnapshot(views: Views, mark: SnapshotMark, states: readonly Uint8Array[]): void {
  const state = serialize({ stateVersion, states });
  const row: SnapshotTable = { ...mark, checksum: crc32(state), state };
  execute(views, views.kysely.insertInto("fold_snapshot").values(row));
}

/** In the order of time. */
export function snapshotMarks(views: Views): SnapshotMark[] {
  return queryAll(views, views.kysely.selectFrom("fold_snapshot").select(markColumns).orderBy("time"));
}

/** The latest one that says what a fold of today would: nothing came to light of the time before it. */
export function latestHolding(views: Views, past: PastReader): SnapshotMark | null {
  let latest: SnapshotMark | null = null;
  for (const mark of snapshotMarks(views)) {
    if (mark.past !== past.before(mark.time) || hasLateTraffic(views, mark)) break;
    latest = mark;
  }
  return latest;
}

function hasLateTraffic(views: Views, { position, time }: SnapshotMark): boolean {
  const late = views.kysely
    .selectFrom("batch")
    .select("position")
    .where("position", ">", position)
    .where(standing("batch", null));
  return queryAll(views, late.where("first_time", "<", time).limit(1)).length > 0;
}

/** The state at the latest snapshot at or before an instant that can be read; none: the fold has to begin at the beginning. */
export function stateBefore(views: Views, time: number): FoldParts {
  const earlier = views.kysely.selectFrom("fold_snapshot").select("time").where("time", "<=", time);
  for (const found of queryAll(views, earlier.orderBy("time", "desc"))) {
    const parts = stateAt(views, found.time as Micros);
    if (parts !== null) return parts;
  }
  return [];
}

/** Null: its bytes are not those that were written, or of another version. */
export function stateAt(views: Views, time: Micros): FoldParts | null {
  const query = views.kysely.selectFrom("fold_snapshot").select(["state", "checksum"]).where("time", "=", time);
  const row = queryAll(views, query)[0];
  return row === undefined || crc32(row.state) !== row.checksum ? null : decodeParts(row.state);
}

function decodeParts(state: Uint8Array): FoldParts | null {
  try {
    const decoded = deserialize(state) as { readonly stateVersion: number; readonly states: readonly Uint8Array[] };
    return decoded.stateVersion === stateVersion ? decoded.states.map((own) => deserialize(own)) : null;
  } catch {
    return null;
  }
}

export function dropSnapshots(views: Views, marks: readonly SnapshotMark[]): void {
  const times = marks.map(({ time }) => time);
  if (times.length > 0) execute(views, views.kysely.deleteFrom("fold_snapshot").where("time", "in", times));
}

export function dropSnapshotsAfter(views: Views, time: number): void {
  execute(views, views.kysely.deleteFrom("fold_snapshot").where("time", ">", time));
}
