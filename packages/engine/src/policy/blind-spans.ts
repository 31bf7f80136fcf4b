// When a group may have had rules that no evidence names: before it was first seen or written whole, and after it was
// written whole by a record that does not say what.

import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import type { Edit } from "./operation.js";

/** From `from` up to and without `to`. */
export type BlindSpan = { readonly from: Micros; readonly to: Micros; readonly because: string };

/** What shows a whole group. A snapshot tells of the time before it too, up to the last edit of the whole. */
type Sight = { readonly time: Micros; readonly by: "snapshot" | "edit" | "opaque edit" };

const rankOf = { snapshot: 0, edit: 1, "opaque edit": 2 } as const;

export function blindSpans(snapshotTimes: readonly Micros[], edits: readonly Edit[]): BlindSpan[] {
  const sights = [...snapshotTimes.map((time): Sight => ({ time, by: "snapshot" })), ...edits.flatMap(sightOf)];
  sights.sort((a, b) => a.time - b.time || rankOf[a.by] - rankOf[b.by]);
  const spans: BlindSpan[] = [];
  for (let index = 0; index <= sights.length; index++) {
    const [last, next] = [sights[index - 1], sights[index]];
    const from = last?.time ?? beginningOfTime;
    const to = next?.time ?? endOfTime;
    const seen = last?.by === "snapshot" || last?.by === "edit" || next?.by === "snapshot";
    if (!seen && from < to) spans.push({ from, to, because: because(last, next) });
  }
  return spans;
}

function sightOf(edit: Edit): Sight[] {
  if (edit.kind !== "group-written") return [];
  return [{ time: edit.cause.time, by: edit.rules === null ? "opaque edit" : "edit" }];
}

function because(last: Sight | undefined, next: Sight | undefined): string {
  const remedy = "import its `az network nsg show`";
  if (last !== undefined) return `the group was written whole, and the record does not say what: ${remedy}`;
  if (next?.by === "edit") return `the group was not seen whole before it was first written whole: ${remedy} of then`;
  return `the group was never seen whole: ${remedy}`;
}
