// The contents of a service tag or a prefix list, written whole.

import { listEditions } from "../policy/list-edition.js";
import { formatPrefix, type Prefix, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";

export type SetList = { readonly list: string; readonly prefixes: readonly string[] };

export function setAddressList(state: ControlState, { list, prefixes }: SetList): Decided {
  if (!/^[A-Za-z][\w.-]*$/.test(list)) return refused({ refused: "bad-field", field: "service tag", text: list });
  const entries = prefixes.flatMap((text) => text.split(","));
  const read = entries.map(parsePrefix);
  const bad = read.indexOf(null);
  if (bad >= 0) return refused({ refused: "bad-field", field: "prefix", text: entries[bad]! });
  const texts = (read as readonly Prefix[]).map(formatPrefix);
  if (sameAddresses(contentsAt(state, list), texts)) return alreadySo;
  const data = { list, prefixes: texts, edition: null, instant: "stated" } as const;
  return decided(state, [{ type: "address-list-seen", data }]);
}

/** Null: nobody has shown it by then. */
function contentsAt({ events, at }: ControlState, list: string): readonly string[] | null {
  const editions = listEditions(events).get(list.toLowerCase()) ?? [];
  return editions.findLast(({ time, inferred }) => time <= at && !inferred)?.prefixes ?? null;
}

function sameAddresses(a: readonly string[] | null, b: readonly string[]): boolean {
  const text = (list: readonly string[]) =>
    JSON.stringify(AddressSet.ofPrefixes(list.flatMap((entry) => parsePrefix(entry) ?? [])).ranges);
  return a !== null && text(a) === text(b);
}
