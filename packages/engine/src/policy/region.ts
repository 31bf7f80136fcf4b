// A region of packets, as two rule sets judge it.

import { AddressSet } from "../wire/address-set.js";
import type { Box } from "./box.js";
import type { GroupVerdict } from "./evaluate.js";
import type { NumberRange } from "./number-dimension.js";
import type { NumberPart } from "./partition.js";
import { numbersIn, type ReachSpace } from "./reach-space.js";
import type { RuleDirection } from "./rule.js";
import { noPort } from "./tuple-words.js";

export type Ruling = GroupVerdict["decision"];

export type Region = {
  readonly direction: RuleDirection;
  readonly before: Ruling;
  readonly after: Ruling;
  /** Null: all. */
  readonly protocols: readonly number[] | null;
  readonly source: AddressSet;
  /** Null: all, or the protocols have none. */
  readonly sourcePorts: readonly NumberRange[] | null;
  readonly destination: AddressSet;
  readonly destinationPorts: readonly NumberRange[] | null;
  /** ICMP type * 256 + code; null: all. */
  readonly icmp: readonly NumberRange[] | null;
};

type Rulings = Pick<Region, "direction" | "before" | "after">;

export function regionOf(space: ReachSpace, box: Box, rulings: Rulings): Region {
  const [protocols, sources, sourcePorts, destinations, destinationPorts, icmp] = box as Box & { length: 6 };
  const addresses = (parts: readonly { readonly whole: AddressSet }[], own: readonly number[]) =>
    AddressSet.unionOf(own.map((part) => parts[part]!.whole));
  return {
    ...rulings,
    protocols: protocolsIn(space, protocols!),
    source: addresses(space.sources, sources!),
    sourcePorts: rangesIn(space.sourcePorts, sourcePorts!, noPort),
    destination: addresses(space.destinations, destinations!),
    destinationPorts: rangesIn(space.destinationPorts, destinationPorts!, noPort),
    icmp: rangesIn(space.icmp, icmp!, 0x10000),
  };
}

function protocolsIn({ protocols }: ReachSpace, parts: readonly number[]): readonly number[] {
  return parts.flatMap((part) => numbersIn(protocols[part]!.whole)).sort((a, b) => a - b);
}

/** Ranges that touch are one; null where they cover all below `end`, or there is nothing below it. */
function rangesIn(parts: readonly NumberPart[], own: readonly number[], end: number): readonly NumberRange[] | null {
  const ranges = own.flatMap((part) => parts[part]!.whole).filter(({ first }) => first < end);
  const joined: { first: number; last: number }[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    if (last !== undefined && range.first <= last.last + 1) last.last = Math.max(last.last, range.last);
    else joined.push({ ...range });
  }
  const isAll = joined.length === 1 && joined[0]!.first === 0 && joined[0]!.last === end - 1;
  return isAll || joined.length === 0 ? null : joined;
}

/** Protocols without ports and those with all ports may be one region after all. */
export function joinProtocols(regions: readonly Region[]): Region[] {
  const byRest = new Map<string, Region>();
  for (const region of regions) {
    const { source, destination, protocols: _, ...rest } = region;
    const key = JSON.stringify([rest, source.ranges, destination.ranges]);
    const known = byRest.get(key)?.protocols ?? [];
    byRest.set(key, { ...region, protocols: [...known, ...(region.protocols ?? [])].sort((a, b) => a - b) });
  }
  return [...byRest.values()].map((region) =>
    region.protocols?.length === 256 ? { ...region, protocols: null } : region,
  );
}
