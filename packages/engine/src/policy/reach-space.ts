// The packets that two rule sets may judge differently, cut into cells in each of which every rule says one thing.

import type { AddressSet } from "../wire/address-set.js";
import { hasPorts, isIcmp } from "../wire/protocol.js";
import { addressReaches, icmpReach, portReach, protocolReach, type Side } from "./clause-reach.js";
import type { NumberRange, NumberReach } from "./number-dimension.js";
import { type AddressPart, type NumberPart, partitionAddresses, partitionNumbers } from "./partition.js";
import type { RuleDirection } from "./rule.js";
import type { FiveTuple, NameContents } from "./rule-match.js";
import type { Clause, Entry, RuleSet } from "./rule-set.js";
import { noPort } from "./tuple-words.js";

/** A rule set, and what the names in it stood for. */
export type Asked = { readonly set: RuleSet; readonly names: NameContents };

/** Of each dimension one part: protocol, source, source port, destination, destination port, kind of ICMP. */
export type Cell = readonly [number, number, number, number, number, number];

export type ReachSpace = {
  readonly protocols: readonly NumberPart[];
  readonly sources: readonly AddressPart[];
  readonly sourcePorts: readonly NumberPart[];
  readonly destinations: readonly AddressPart[];
  readonly destinationPorts: readonly NumberPart[];
  readonly icmp: readonly NumberPart[];
  /** For each clause, of both rule sets in turn, its set among those that cut the addresses. */
  readonly sourceSets: readonly number[];
  readonly destinationSets: readonly number[];
};

export function clausesOf(entries: readonly Entry[]): Clause[] {
  return entries.flatMap((entry) => entry.clauses);
}

export function reachSpace(both: readonly Asked[], direction: RuleDirection): ReachSpace {
  const entries = both.flatMap(({ set }) => set[direction]);
  const clauses = clausesOf(entries);
  const numbers = (reach: (clause: Clause) => NumberReach, last: number) => cutNumbers(clauses.map(reach), last);
  const [sources, destinations] = [
    cutAddresses(both, direction, "source"),
    cutAddresses(both, direction, "destination"),
  ];
  return {
    protocols: byFamily(numbers((clause) => protocolReach(clause, true), 255)),
    sourcePorts: numbers((clause) => portReach(clause, "source"), noPort),
    destinationPorts: numbers((clause) => portReach(clause, "destination"), noPort),
    icmp: numbers(icmpReach, 0xffff),
    sources: sources.parts,
    sourceSets: sources.sets,
    destinations: destinations.parts,
    destinationSets: destinations.sets,
  };
}

/** Possible matches first, so that they have the number of their clause; then the sure ones. */
function cutNumbers(reaches: readonly NumberReach[], last: number): NumberPart[] {
  const possible = reaches.map((reach) => reach.possible.filter(({ first }) => first <= last));
  const sure = reaches.map((reach) => reach.sure.filter(({ first }) => first <= last));
  return partitionNumbers([...possible, ...sure].map(closed(last)), last).flatMap(apartWithoutPorts);
}

const closed = (last: number) => (ranges: readonly NumberRange[]) =>
  ranges.map((range) => ({ first: range.first, last: Math.min(range.last, last) }));

/** What has no ports is a part of its own. */
function apartWithoutPorts(part: NumberPart): NumberPart[] {
  const without = part.whole.filter(({ last }) => last === noPort);
  if (without.length === 0) return [part];
  const ports = part.whole.map(({ first, last }) => ({ first, last: Math.min(last, noPort - 1) }));
  const rest = ports.filter(({ first, last }) => first <= last);
  const own = { ...part, sample: noPort, whole: [{ first: noPort, last: noPort }] };
  return rest.length === 0 ? [own] : [{ ...part, sample: rest[0]!.first, whole: rest }, own];
}

/** Protocols with ports, those of ICMP, and all others are apart, since packets of theirs look different. */
function byFamily(parts: readonly NumberPart[]): NumberPart[] {
  const families = [hasPorts, isIcmp, (protocol: number) => !hasPorts(protocol) && !isIcmp(protocol)];
  return parts.flatMap(({ whole, of }) => {
    const protocols = numbersIn(whole);
    return families.flatMap((isOf) => {
      const own = protocols.filter(isOf).map((protocol) => ({ first: protocol, last: protocol }));
      return own.length === 0 ? [] : [{ sample: own[0]!.first, whole: own, of }];
    });
  });
}

export function numbersIn(ranges: readonly NumberRange[]): number[] {
  return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

type CutAddresses = { readonly parts: readonly AddressPart[]; readonly sets: readonly number[] };

function cutAddresses(both: readonly Asked[], direction: RuleDirection, side: Side): CutAddresses {
  const cuts: AddressSet[] = [];
  const sets: number[] = [];
  for (const { set, names } of both) {
    const base = sets.length;
    for (const { clauses, possible, sure } of addressReaches(clausesOf(set[direction]), side, names)) {
      for (const clause of clauses) sets[base + clause] = cuts.length;
      cuts.push(possible, sure);
    }
  }
  return { parts: partitionAddresses(cuts), sets };
}

/** The packets of one protocol part that a clause may match: of each dimension the parts. */
type Extent = { readonly protocol: number; readonly parts: readonly (readonly number[])[] };

function extentsOf(space: ReachSpace, clause: number): Extent[] {
  const within = (parts: readonly NumberPart[] | readonly AddressPart[], set: number) =>
    [...parts.keys()].filter((part) => parts[part]!.of.has(set));
  const sources = within(space.sources, space.sourceSets[clause]!);
  const destinations = within(space.destinations, space.destinationSets[clause]!);
  const [from, to] = [within(space.sourcePorts, clause), within(space.destinationPorts, clause)];
  const kinds = within(space.icmp, clause);
  return within(space.protocols, clause).map((protocol) => {
    const number = space.protocols[protocol]!.sample;
    const fitting = (ports: readonly number[], parts: readonly NumberPart[]) =>
      ports.filter((port) => (parts[port]!.sample === noPort) !== hasPorts(number));
    const ports = [fitting(from, space.sourcePorts), fitting(to, space.destinationPorts)] as const;
    return { protocol, parts: [sources, ports[0], destinations, ports[1], isIcmp(number) ? kinds : [0]] };
  });
}

/** How many cells the clause may match. */
export function countCells(space: ReachSpace, clause: number): number {
  const counts = extentsOf(space, clause).map(({ parts }) => parts.reduce((count, own) => count * own.length, 1));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** All cells that the clause may match. */
export function* cellsOf(space: ReachSpace, clause: number): Iterable<Cell> {
  for (const { protocol, parts } of extentsOf(space, clause)) {
    const [sources, sourcePorts, destinations, destinationPorts, kinds] = parts;
    for (const source of sources!)
      for (const sourcePort of sourcePorts!)
        for (const destination of destinations!)
          for (const destinationPort of destinationPorts!)
            for (const kind of kinds!) yield [protocol, source, sourcePort, destination, destinationPort, kind];
  }
}

/** Whether the clause may match the cell. */
export function reaches(space: ReachSpace, clause: number, cell: Cell): boolean {
  const [protocol, source, sourcePort, destination, destinationPort, icmp] = cell;
  return (
    space.protocols[protocol]!.of.has(clause) &&
    space.sources[source]!.of.has(space.sourceSets[clause]!) &&
    space.sourcePorts[sourcePort]!.of.has(clause) &&
    space.destinations[destination]!.of.has(space.destinationSets[clause]!) &&
    space.destinationPorts[destinationPort]!.of.has(clause) &&
    (space.icmp[icmp]!.of.has(clause) || !isIcmp(space.protocols[protocol]!.sample))
  );
}

/** One packet of the cell, which speaks for all of them. */
export function packetIn(space: ReachSpace, cell: Cell): FiveTuple {
  const [protocol, source, sourcePort, destination, destinationPort, icmp] = cell;
  const port = (part: NumberPart) => (part.sample === noPort ? 0 : part.sample);
  const number = space.protocols[protocol]!.sample;
  return {
    protocol: number,
    source: space.sources[source]!.sample,
    destination: space.destinations[destination]!.sample,
    sourcePort: port(space.sourcePorts[sourcePort]!),
    destinationPort: port(space.destinationPorts[destinationPort]!),
    icmp: isIcmp(number) ? space.icmp[icmp]!.sample : 0,
    portsKnown: true,
  };
}
