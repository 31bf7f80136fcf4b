// What service tags and prefix lists held at any time, from their dated editions: the latest one counts; before the
// first, what that one shows is inferred (DOMAIN 1.6, 6).

import type { ControlEvent } from "../event.js";
import { countAtOrBelow } from "../grouping.js";
import { beginningOfTime, type Micros } from "../time.js";
import { parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { type ListEdition, listEditions } from "./list-edition.js";
import { type NamedAddresses, unknownAddresses } from "./rule-match.js";
import type { Provenance } from "./rule-version.js";

export type ListContents = NamedAddresses & { readonly provenance: Provenance };

/** All lists as they were at one instant; names in any case. Null: no evidence tells anything of the list. */
export type ListsAt = { find(list: string): ListContents | null };

export type AddressLists = {
  /** Instants at which any list may change, ascending. */
  readonly boundaries: readonly Micros[];
  readonly editions: Editions;
  listsAt(time: Micros): ListsAt;
};

/** By lower-case name, each in order of time. */
export type Editions = ReadonlyMap<string, readonly ListEdition[]>;
type Read = (edition: ListEdition) => NamedAddresses;

export function addressLists(events: readonly ControlEvent[]): AddressLists {
  const editions: Editions = listEditions(events);
  const times = [...editions.values()].flatMap((own) => own.map(({ time }) => time));
  const boundaries = [...new Set(times)].filter((time) => time !== beginningOfTime).sort((a, b) => a - b);
  const read = remember(contentsOf);
  const made = remember((epoch: number) => {
    const find = remember((list: string) => findList(list, { editions, time: boundaries[epoch - 1] ?? null, read }));
    return { find: (list: string) => find(list.toLowerCase()) };
  });
  return { boundaries, editions, listsAt: (time) => made(countAtOrBelow(boundaries, time)) };
}

/** Lists are many and large, and few are asked for: each is read when it is, and once. */
function remember<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as V;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

/** `time` is that of the latest edition of any list; null: before all of them. */
type Asked = { readonly editions: Editions; readonly time: Micros | null; readonly read: Read };

function findList(list: string, asked: Asked): ListContents | null {
  const own = asked.editions.get(list);
  if (own !== undefined) return editionAt(own, asked);
  const dot = list.indexOf(".");
  return dot < 0 ? fromRegions(list, asked) : fromWhole(list.slice(0, dot), asked);
}

function editionAt(editions: readonly ListEdition[], { time, read }: Asked): ListContents {
  const latest = time === null ? undefined : editions.findLast((edition) => edition.time <= time);
  const current = latest ?? editions[0]!;
  const same = editions.filter((edition) => edition.time === current.time).map(read);
  return { ...same.reduce(eitherOf), provenance: latest?.inferred === false ? "recorded" : "inferred" };
}

/** Two that were shown at one instant: what both hold, for sure. */
function eitherOf(a: NamedAddresses, b: NamedAddresses): NamedAddresses {
  const inside = a.inside.minus(a.inside.minus(b.inside));
  const doubtful = [a.doubtful, b.doubtful, b.inside].reduce((all, set) => all.union(set), a.inside);
  return { inside, doubtful: doubtful.minus(inside) };
}

/** A tag of one region, where only the tag of all regions is known: somewhere in that. */
function fromWhole(whole: string, asked: Asked): ListContents | null {
  const found = asked.editions.get(whole);
  if (found === undefined) return null;
  const { inside, doubtful, provenance } = editionAt(found, asked);
  return { inside: AddressSet.none, doubtful: inside.union(doubtful), provenance };
}

/** A tag of all regions, where only some of its regions are known: those, and perhaps more. */
function fromRegions(whole: string, asked: Asked): ListContents | null {
  const regions = [...asked.editions].filter(([list]) => list.startsWith(`${whole}.`));
  if (regions.length === 0) return null;
  const known = regions.map(([, editions]) => editionAt(editions, asked));
  const inside = known.reduce((all, region) => all.union(region.inside), AddressSet.none);
  return { inside, doubtful: unknownAddresses.doubtful, provenance: "inferred" };
}

/** A prefix that can't be read may be any. */
function contentsOf(edition: ListEdition): NamedAddresses {
  const prefixes = edition.prefixes.map(parsePrefix);
  const inside = AddressSet.ofPrefixes(prefixes.filter((prefix) => prefix !== null));
  return { inside, doubtful: prefixes.includes(null) ? unknownAddresses.doubtful : AddressSet.none };
}
