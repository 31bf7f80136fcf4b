// Which service tags and prefix lists the rules of a log name, so that the contents of no others need to be read.

import type { ControlEvent } from "../event.js";
import { parsePrefix } from "../wire/address.js";
import { isUnreadable, type Rule } from "./rule.js";
import { isOfNetworkOrPlatform } from "./service-tag.js";

/** In lower case; what follows from the network or is the platform's own is in no list. */
export function namedLists(events: readonly ControlEvent[]): ReadonlySet<string> {
  const addresses = events
    .flatMap(rulesOf)
    .flatMap((rule) => (isUnreadable(rule) ? [] : [...rule.source.addresses, ...rule.destination.addresses]));
  const isName = (address: string) => address !== "*" && parsePrefix(address) === null;
  return new Set(
    [...new Set(addresses)]
      .filter(isName)
      .map((name) => name.toLowerCase())
      .filter(isListed),
  );
}

function isListed(name: string): boolean {
  return !isOfNetworkOrPlatform(name);
}

function rulesOf({ type, data }: ControlEvent): readonly Rule[] {
  switch (type) {
    case "security-group-seen":
      return [...data.rules, ...data.defaultRules];
    case "security-group-written":
      return data.rules ?? [];
    case "security-rule-written":
    case "security-rule-deleted":
      return data.rule == null ? [] : [data.rule];
    default:
      return [];
  }
}
