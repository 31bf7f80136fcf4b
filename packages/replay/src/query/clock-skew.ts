// Clocks that differ: the same connections, opened before two witnesses, at times that are apart by a steady offset.

import { beginningOfTime, endOfTime, groupBy, type Micros, microsPerMinute, microsPerSecond } from "@conntrail/engine";
import type { WitnessedOpening } from "@conntrail/store";
import type { GapOf, Witness } from "./gap.js";
import type { NamePlace } from "./place-name.js";
import { witnessOf } from "./witness.js";

const leastConnections = 3;

/** Logs in whole seconds; a window of AWS begins up to a minute late [W3]. */
const tolerated = { seconds: microsPerSecond, window: microsPerMinute };

type Pair = { readonly witnesses: readonly [Witness, Witness]; readonly offsets: number[]; from: Micros; to: Micros };

export function clockSkews(openings: Iterable<WitnessedOpening>, nameOf: NamePlace): GapOf<"clock-skew">[] {
  return [...pairsOf(openings, nameOf).values()].flatMap((pair) => {
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
function pairsOf(openings: Iterable<WitnessedOpening>, nameOf: NamePlace): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const seen of groupBy(openings, ({ connection }) => connection).values()) {
    const once = [...groupBy(seen, ({ witness }) => witness).values()].flatMap((own) => (own.length > 1 ? [] : own));
    once.sort((a, b) => (a.witness < b.witness ? -1 : 1));
    once.forEach((one, index) => {
      for (const other of once.slice(index + 1)) {
        const key = `${one.witness}\n${other.witness}`;
        const pair = pairs.get(key) ?? newPair(witnessOf(one, nameOf), witnessOf(other, nameOf));
        pairs.set(key, pair);
        add(pair, one.opened, other.opened);
      }
    });
  }
  return pairs;
}

function newPair(one: Witness, other: Witness): Pair {
  return { witnesses: [one, other], offsets: [], from: endOfTime, to: beginningOfTime };
}

function add(pair: Pair, one: Micros, other: Micros): void {
  pair.offsets.push(other - one);
  pair.from = Math.min(pair.from, one, other) as Micros;
  pair.to = Math.max(pair.to, one, other) as Micros;
}

function toleranceOf(witness: Witness): number {
  return witness.is === "sensor" && witness.sensor.kind === "aws-vpc" ? tolerated.window : tolerated.seconds;
}

function medianOf(offsets: readonly number[]): number {
  const sorted = offsets.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
