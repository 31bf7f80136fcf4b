// A region of addresses, ports and protocols in words: by the names that rules use where one fits, else by prefixes.

import {
  type AddressRange,
  AddressSet,
  allV4,
  allV6,
  formatAddress,
  formatPrefix,
  maskAddress,
  nameOfId,
  protocolName,
  type Region,
} from "@conntrail/engine";
import type { NamedSet } from "../query/diff.js";

const mostShown = 4;

const everywhere: readonly NamedSet[] = [
  { name: "anywhere", addresses: AddressSet.everything },
  { name: "any IPv4", addresses: allV4 },
  { name: "any IPv6", addresses: allV6 },
];

/** `tcp from 203.0.113.7 to anywhere port 22`. */
export function describeRegion(region: Region, named: readonly NamedSet[]): string {
  const { protocols, icmp, source, sourcePorts, destination, destinationPorts } = region;
  const from = `${describeAddresses(source, named)}${describePorts(sourcePorts)}`;
  const to = `${describeAddresses(destination, named)}${describePorts(destinationPorts)}`;
  return `${describeProtocols(protocols)}${describeKinds(icmp)} from ${from} to ${to}`;
}

function describeProtocols(protocols: Region["protocols"]): string {
  if (protocols === null) return "any protocol";
  if (protocols.length <= mostShown) return protocols.map(protocolName).join(", ");
  const missing = Array.from({ length: 256 }, (_, protocol) => protocol).filter((one) => !protocols.includes(one));
  return `any protocol but ${missing.map(protocolName).join(", ")}`;
}

function describePorts(ports: Region["sourcePorts"]): string {
  return ports === null ? "" : ` port ${ports.map(describeRange).join(", ")}`;
}

function describeRange({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function describeKinds(kinds: Region["icmp"]): string {
  if (kinds === null) return "";
  const text = ({ first, last }: { readonly first: number; readonly last: number }) => {
    const [from, to] = [first >> 8, last >> 8];
    const wholeTypes = (first & 255) === 0 && (last & 255) === 255;
    if (wholeTypes) return `type ${describeRange({ first: from, last: to })}`;
    return first === last
      ? `type ${from} code ${first & 255}`
      : `type ${from} code ${first & 255} to type ${to} code ${last & 255}`;
  };
  return ` (${kinds.map(text).join(", ")})`;
}

/** By name, else by prefix, else as all that a name stands for but a little. */
export function describeAddresses(set: AddressSet, named: readonly NamedSet[]): string {
  const names = [...everywhere, ...named];
  const exact = names.find(({ addresses }) => isSame(addresses, set));
  if (exact !== undefined) return nameOfId(exact.name);
  const texts = set.ranges.map(describeAddressRange);
  if (texts.length <= mostShown) return texts.join(", ");
  for (const { name, addresses } of names) {
    const missing = addresses.minus(set).ranges.map(describeAddressRange);
    const isInside = set.minus(addresses).size === 0;
    if (isInside && missing.length <= mostShown) return `${nameOfId(name)} but ${missing.join(", ")}`;
  }
  return `${texts.slice(0, mostShown).join(", ")} and ${texts.length - mostShown} more`;
}

function isSame(a: AddressSet, b: AddressSet): boolean {
  return a.size === b.size && a.minus(b).size === 0 && b.minus(a).size === 0;
}

/** The prefix that the range is, else `first-last`. */
export function describeAddressRange(range: AddressRange): string {
  for (let length = 0; length <= 128; length++) {
    if (maskAddress(range.first, length).join() !== range.first.join()) continue;
    const prefix = { address: range.first, length };
    const [own, ...others] = AddressSet.ofPrefixes([prefix]).ranges;
    if (others.length === 0 && own!.last.join() === range.last.join()) return formatPrefix(prefix);
  }
  return `${formatAddress(range.first)}-${formatAddress(range.last)}`;
}
