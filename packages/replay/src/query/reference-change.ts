// What names in rules came to stand for between two instants: service tags, prefix lists, application security groups.

import {
  AddressSet,
  formatAddress,
  isUnreadable,
  listEditions,
  type Micros,
  parseAddress,
  parsePrefix,
  type RuleSide,
} from "@conntrail/engine";
import type { Control, FlowTable } from "@conntrail/store";
import { admittedBy } from "./admitted-by.js";
import type { Ends } from "./diff.js";

export type ReferenceChange = {
  readonly name: string;
  /** Prefixes, or addresses of members. */
  readonly come: readonly string[];
  readonly gone: readonly string[];
  /** Opened in the span, and admitted by a rule that names it, with an address that was not in it before. */
  readonly newlyAllowed: readonly FlowTable[];
};

type Reference = { readonly name: string; readonly contentsAt: (time: Micros) => readonly string[] };

export function referenceChanges(control: Control, ends: Ends, opened: readonly FlowTable[]): ReferenceChange[] {
  return [...lists(control), ...groups(control)].flatMap(({ name, contentsAt }) => {
    const [was, is] = [contentsAt(ends.before), contentsAt(ends.after)];
    const [come, gone] = [without(is, was), without(was, is)];
    if (come.length + gone.length === 0) return [];
    const added = addressesOf(is).minus(addressesOf(was));
    const newlyAllowed = opened.filter((row) => reaches(row, added) && isNamed(name, row, control));
    return [{ name, come, gone, newlyAllowed }];
  });
}

function without(list: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return list.filter((entry) => !known.has(entry));
}

/** Prefixes as each edition writes them; the latest edition by then, else the first. */
function lists({ events }: Control): Reference[] {
  return [...listEditions(events).values()].map((own) => ({
    name: own[0]!.list,
    contentsAt: (time) => (own.findLast((edition) => edition.time <= time) ?? own[0]!).prefixes,
  }));
}

function groups({ policy, network }: Control): Reference[] {
  const rules = [...policy.groups.values()].flatMap(({ versions }) => versions);
  const named = rules.flatMap(({ content }) =>
    content.kind === "known" && !isUnreadable(content.rule)
      ? [content.rule.source, content.rule.destination].flatMap((side) => side.applicationSecurityGroups)
      : [],
  );
  const names = new Map(named.map((id) => [id.toLowerCase(), id]));
  return [...names.values()].map((name) => ({ name, contentsAt: (time) => membersOf(name, network.topologyAt(time)) }));
}

/** Addresses one by one. */
function membersOf(group: string, topology: ReturnType<Control["network"]["topologyAt"]>): string[] {
  const members = topology.membersOf(group);
  const addresses = topology.interfaces.flatMap((place) => place.addresses).filter((address) => members.has(address));
  return [...new Set(addresses.map(formatAddress))];
}

function addressesOf(texts: readonly string[]): AddressSet {
  return AddressSet.ofPrefixes(texts.flatMap((text) => parsePrefix(text) ?? []));
}

function reaches({ source, destination }: FlowTable, addresses: AddressSet): boolean {
  return [source, destination].some((text) => {
    const address = parseAddress(text);
    return address !== null && addresses.has(address);
  });
}

function isNamed(name: string, row: FlowTable, { policy }: Control): boolean {
  const names = ({ addresses, applicationSecurityGroups }: RuleSide) =>
    [...addresses, ...applicationSecurityGroups].some((entry) => entry.toLowerCase() === name.toLowerCase());
  return admittedBy(row).some(({ group, rule, version }) => {
    const versions = policy.groups.get(group.toLowerCase())?.versions ?? [];
    const content = versions.find((one) => one.rule === rule && one.version === version)?.content;
    if (content?.kind !== "known" || isUnreadable(content.rule)) return false;
    return names(content.rule.source) || names(content.rule.destination);
  });
}
