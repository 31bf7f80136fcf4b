// What held of one thing over time, from facts about it: what edits made of it and what snapshots showed. The latest
// fact at or before an instant tells; before the first one, what a snapshot shows is taken to have held already, while
// an edit tells nothing of what was there before.

import type { ControlEvent } from "../event.js";
import { groupBy } from "../grouping.js";
import type { Provenance } from "../policy/rule-version.js";
import type { Micros } from "../time.js";

/** A claim is what another resource's snapshot says of this one; at one instant the thing's own snapshot outweighs it. */
export type FactSource = "claim" | "snapshot" | "edit";

export type Known<T> =
  | { readonly is: "known"; readonly value: T }
  | { readonly is: "absent" }
  | { readonly is: "unknown"; readonly because: string };

export type TimelineFact<T> = {
  readonly time: Micros;
  /** The event's id, which settles the order of snapshots of one instant. */
  readonly id: string;
  readonly source: FactSource;
  readonly state: Known<T>;
  /** It was made at this instant: before, there was nothing. */
  readonly begins: boolean;
  /** It follows from a later sight. */
  readonly inferred?: true;
};

export type Held<T> = { readonly state: Known<T>; readonly provenance: Provenance };

export type Timeline<T> = {
  /** Instants at which another fact tells, ascending. */
  readonly times: readonly Micros[];
  at(time: Micros): Held<T>;
};

const rank = { claim: 0, snapshot: 1, edit: 2 } as const;

export function timeline<T>(facts: readonly TimelineFact<T>[]): Timeline<T> {
  const sorted = [...facts].sort(
    (a, b) => a.time - b.time || rank[a.source] - rank[b.source] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const settled = [...groupBy(sorted, ({ time }) => time).values()].map(settleInstant);
  return {
    times: settled.map(({ time }) => time),
    at(time) {
      const latest = settled.findLast((fact) => fact.time <= time);
      if (latest !== undefined)
        return { state: latest.state, provenance: latest.inferred === true ? "inferred" : "recorded" };
      return { state: beforeFirst(settled[0]), provenance: "inferred" };
    },
  };
}

/** Of one instant the weightiest fact counts; edits that disagree leave it unknown. */
function settleInstant<T>(facts: readonly TimelineFact<T>[]): TimelineFact<T> {
  const last = facts.at(-1)!;
  if (last.source !== "edit") return last;
  const edits = facts.filter(({ source }) => source === "edit");
  const agree = new Set(edits.map(({ state }) => JSON.stringify(state).toLowerCase())).size === 1;
  return agree ? last : { ...last, state: unknown("edits of one instant disagree") };
}

function beforeFirst<T>(first: TimelineFact<T> | undefined): Known<T> {
  if (first === undefined) return unknown("nothing was ever seen of it");
  if (first.begins) return { is: "absent" };
  return first.source === "edit" ? unknown("it was changed later, and what held before is not recorded") : first.state;
}

export function unknown<T>(because: string): Known<T> {
  return { is: "unknown", because };
}

export function known<T>(value: T): Known<T> {
  return { is: "known", value };
}

/** A fact that this event tells. */
export function factOf<T>(event: ControlEvent, source: FactSource, state: Known<T>, begins = false): TimelineFact<T> {
  return { time: event.time, id: event.id, source, state, begins };
}
