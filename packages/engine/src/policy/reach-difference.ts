// What two rule sets of one group let through differently, as regions of addresses, ports and protocols. They can differ
// only where a rule reaches that is not the same in both, so both are asked there alone, with one packet for each cell.

import type { AddressSet } from "../wire/address-set.js";
import { type Box, joinBoxes } from "./box.js";
import { type CompiledRules, compile } from "./compiled.js";
import { type Asked, cellsOf, countCells, packetIn, type ReachSpace, reaches, reachSpace } from "./reach-space.js";
import { joinProtocols, type Region, type Ruling, regionOf } from "./region.js";
import type { RuleDirection } from "./rule.js";
import type { NamedAddresses } from "./rule-match.js";
import type { Clause } from "./rule-set.js";

export type ReachDifference = {
  readonly regions: readonly Region[];
  /** Combinations of addresses, ports and protocols that were too many to be compared. */
  readonly leftOut: number;
};

export function reachDifference(before: Asked, after: Asked): ReachDifference {
  const found = (["inbound", "outbound"] as const).map((direction) => differenceIn(direction, before, after));
  return {
    regions: found.flatMap(({ regions }) => regions),
    leftOut: found.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

/** So many are compared in about a second. */
const mostCells = 300_000;

function differenceIn(direction: RuleDirection, before: Asked, after: Asked): ReachDifference {
  const changed = changedClauses(direction, before, after);
  if (changed.length === 0) return { regions: [], leftOut: 0 };
  const space = reachSpace([before, after], direction);
  const { asked, leftOut } = withinBounds(space, changed);
  const boxes = differingBoxes(
    space,
    asked,
    [before, after].map(({ set, names }) => compile(set, direction, names)),
  );
  const regions = [...boxes].flatMap(([rulings, own]) => {
    const [was, is] = rulings.split(" ") as [Ruling, Ruling];
    return joinProtocols(joinBoxes(own).map((box) => regionOf(space, box, { direction, before: was, after: is })));
  });
  return { regions, leftOut };
}

/** The narrow clauses first: they are what a person has changed, and few cells. */
function withinBounds(space: ReachSpace, changed: readonly number[]): { asked: readonly number[]; leftOut: number } {
  const counted = changed.map((clause) => ({ clause, count: countCells(space, clause) }));
  const asked: number[] = [];
  let [sum, leftOut] = [0, 0];
  for (const { clause, count } of counted.sort((a, b) => a.count - b.count)) {
    if (sum + count > mostCells) leftOut += count;
    else asked.push(clause);
    sum += count;
  }
  return { asked, leftOut };
}

/** By what the one and the other say. A cell that several clauses reach is asked once. */
function differingBoxes(
  space: ReachSpace,
  clauses: readonly number[],
  [before, after]: readonly CompiledRules[],
): Map<string, Box[]> {
  const found = new Map<string, Box[]>();
  clauses.forEach((clause, index) => {
    const earlier = clauses.slice(0, index);
    for (const cell of cellsOf(space, clause)) {
      if (earlier.some((other) => reaches(space, other, cell))) continue;
      const packet = packetIn(space, cell);
      const [was, is] = [before!.evaluate(packet).decision, after!.evaluate(packet).decision];
      if (was === is) continue;
      const own = found.get(`${was} ${is}`) ?? [];
      own.push(cell.map((part) => [part]));
      found.set(`${was} ${is}`, own);
    }
  });
  return found;
}

/** Numbers, among those of both, of the clauses of rules that are not in both, or whose names stand for something else. */
function changedClauses(direction: RuleDirection, before: Asked, after: Asked): number[] {
  const kept = new Set(before.set[direction].map(({ version }) => version));
  const same = new Set(after.set[direction].map(({ version }) => version).filter((version) => kept.has(version)));
  const wholeDiffers = before.set.incomplete !== after.set.incomplete;
  const entries = [before, after].flatMap(({ set }) => set[direction]);
  const changed = entries.flatMap((entry) =>
    entry.clauses.map((clause) => wholeDiffers || !same.has(entry.version) || meansOther(clause, before, after)),
  );
  return [...changed.keys()].filter((number) => changed[number]);
}

function meansOther({ matcher }: Clause, before: Asked, after: Asked): boolean {
  const sides = matcher === null ? [] : [matcher.source, matcher.destination];
  const tags = sides.flatMap((side) => side.tags);
  const groups = sides.flatMap((side) => side.groups);
  return (
    tags.some((tag) => !sameContents(before.names.serviceTag(tag), after.names.serviceTag(tag))) ||
    groups.some((id) => !sameContents(before.names.group(id), after.names.group(id)))
  );
}

function sameContents(a: NamedAddresses, b: NamedAddresses): boolean {
  return sameAddresses(a.inside, b.inside) && sameAddresses(a.doubtful, b.doubtful);
}

function sameAddresses(a: AddressSet, b: AddressSet): boolean {
  const [one, other] = [a.turns, b.turns];
  return one.length === other.length && one.every((word, index) => word === other[index]);
}
