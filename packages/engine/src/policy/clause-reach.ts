// Where, in each dimension of its own, a clause matches: the parts of `matchRule` turned into ranges. A clause that
// can't be read may match everywhere.

import { AddressSet } from "../wire/address-set.js";
import { protocolNumber } from "../wire/protocol.js";
import type { AddressReach } from "./address-dimension.js";
import type { NumberRange, NumberReach } from "./number-dimension.js";
import type { IcmpKind } from "./rule.js";
import { matchPorts, type NameContents, type RuleMatcher, type SideMatcher } from "./rule-match.js";
import type { Clause } from "./rule-set.js";
import { noPort, unknownPort } from "./tuple-words.js";

export type Side = "source" | "destination";

const everyNumber: readonly NumberRange[] = [{ first: 0, last: Number.POSITIVE_INFINITY }];
const anywhere: NumberReach = { sure: everyNumber, possible: everyNumber };

/** A clause of a rule in doubt matches no protocol for sure, and so nothing. */
export function protocolReach({ matcher }: Clause, certain: boolean): NumberReach {
  const possible = matcher?.protocols?.map(single) ?? everyNumber;
  return { sure: certain ? possible : [], possible };
}

function single(value: number): NumberRange {
  return { first: value, last: value };
}

export function portReach({ matcher }: Clause, side: Side): NumberReach {
  if (matcher === null) return anywhere;
  const ports = matcher[side].anyPort ? [{ first: 0, last: 65_535 }] : matcher[side].ports;
  const without = withoutPorts(matcher, true) ? [single(noPort)] : [];
  const possible = [...ports, ...without, single(unknownPort)];
  return { sure: withoutPorts(matcher, false) ? possible : possible.slice(0, -1), possible };
}

/** Whether it matches for sure what shows no ports, because there are none, or because they are not known. */
function withoutPorts(matcher: RuleMatcher, portsKnown: boolean): boolean {
  const protocol = portsKnown ? protocolNumber.icmp : protocolNumber.tcp;
  return matchPorts(matcher, { protocol, sourcePort: 0, destinationPort: 0, portsKnown }).is === "yes";
}

export function icmpReach({ matcher }: Clause): NumberReach {
  const kind = matcher?.icmp ?? null;
  if (kind === null || (kind.type === null && kind.code === null)) return anywhere;
  const sure = kindsOf(kind);
  return { sure, possible: [...sure, single(unknownPort)] };
}

/** Type * 256 + code, each. */
function kindsOf({ type, code }: IcmpKind): NumberRange[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const types = bytes.filter((byte) => type === null || byte === type);
  if (code === null) return types.map((byte) => ({ first: byte * 256, last: byte * 256 + 255 }));
  return types.flatMap((byte) => (bytes.includes(code) ? single(byte * 256 + code) : []));
}

/** One reach for all clauses whose side is the same. */
export function addressReaches(clauses: readonly Clause[], side: Side, names: NameContents): AddressReach[] {
  const reaches = new Map<string, AddressReach & { readonly clauses: number[] }>();
  clauses.forEach(({ matcher }, number) => {
    const key = matcher === null ? "" : keyOf(matcher[side]);
    const known = reaches.get(key) ?? { clauses: [], ...addressesOf(matcher?.[side] ?? null, names) };
    known.clauses.push(number);
    reaches.set(key, known);
  });
  return [...reaches.values()];
}

function keyOf({ anyAddress, prefixes, tags, groups }: SideMatcher): string {
  return anyAddress ? "*" : JSON.stringify([prefixes, tags, groups]);
}

function addressesOf(side: SideMatcher | null, names: NameContents): Omit<AddressReach, "clauses"> {
  if (side === null) return { sure: AddressSet.none, possible: AddressSet.everything };
  if (side.anyAddress) return { sure: AddressSet.everything, possible: AddressSet.everything };
  const named = [...side.tags.map((tag) => names.serviceTag(tag)), ...side.groups.map((id) => names.group(id))];
  const sure = AddressSet.unionOf([AddressSet.ofPrefixes(side.prefixes), ...named.map(({ inside }) => inside)]);
  const doubtful = named.map((contents) => contents.doubtful).filter(({ size }) => size > 0);
  return { sure, possible: doubtful.length === 0 ? sure : AddressSet.unionOf([sure, ...doubtful]) };
}
