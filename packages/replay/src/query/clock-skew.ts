// Clocks that differ: the same connections, opened before two witnesses, at times that are apart by a steady offset.

import { groupBy, type Micros, microsPerMinute, microsPerSecond } from "@conntrail/engine";
import type { WitnessedOpening } from "@conntrail/store";
import type { GapOf, Witness } from "./gap.js";
import { witnessOf } from "./witness.js";

const leastConnections = 3;

/** Logs in whole seconds; a window of AWS begins up to a minute late [W3]. */
const tolerated = { seconds: microsPerSecond, window: microsPerMinute };

type Pair = { readonly witnesses: readonly [Witness, Witness]; readonly offsets: number[]; from: Micros; to: Micros };

export function clockSkews(openings: Iterable<WitnessedOpening>): GapOf<"clock-skew">[] {
  return [...pairsOf(openings).values()].flatMap((pair) => {
    const { witnesses, offsets, from, to } = pair;
    if (offsets.length < leastConnections) return [];
    const offsetMicros = medianOf(offsets);
    const tolerance = Math.max(...witnesses.map(toleranceOf));
    const near = offsets.filter((offset) => Math.abs(offset - offsetMicros) <= tolerance);
    if (Math.abs(offsetMicros) <= tolerance || near.length * 2 < offsets.length) return [];
    return [{ kind: "clock-skew" as const, witnesses, offsetMicros, connections: offsets.length, from, to }];
  });
}

/** A connection that one witness saw opened twice can't be told apart from itself. */
function pairsOf(openings: Iterable<WitnessedOpening>): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const seen of groupBy(openings, ({ connection }) => connection).values()) {
    const once = [...groupBy(seen, ({ witness }) => witness).values()].flatMap((own) => (own.length > 1 ? [] : own));
    once.sort((a, b) => (a.witness < b.witness ? -1 : 1));
    once.forEach((one, index) => {
      for (const other of once.slice(index + 1)) add(pairs, one, other);
    });
  }
  return pairs;
}

function add(pairs: Map<string, Pair>, one: WitnessedOpening, other: WitnessedOpening): void {
  const key = `${one.witness}\n${other.witness}`;
  const from = Math.min(one.opened, other.opened) as Micros;
  const to = Math.max(one.opened, other.opened) as Micros;
  const pair = pairs.get(key) ?? { witnesses: [witnessOf(one), witnessOf(other)], offsets: [], from, to };
  pairs.set(key, pair);
  pair.offsets.push(other.opened - one.opened);
  if (from < pair.from) pair.from = from;
  if (to > pair.to) pair.to = to;
}

function toleranceOf(witness: Witness): number {
  return witness.is === "sensor" && witness.sensor.kind === "aws-vpc" ? tolerated.window : tolerated.seconds;
}

function medianOf(offsets: readonly number[]): number {
  const sorted = offsets.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
