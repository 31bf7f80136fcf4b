// What names in rules mean to one interface at one instant: service tags by its network and the lists of the day, groups
// by who is a member. The same object for the same meaning, so that what is made of it can be kept.

import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import type { ListsAt } from "./policy/address-list.js";
import type { NameContents, NamedAddresses } from "./policy/rule-match.js";
import { serviceTagContents } from "./policy/service-tag.js";
import { AddressSet } from "./wire/address-set.js";

const known = new WeakMap<PlacedInterface, WeakMap<ListsAt, NameContents>>();

/** `place` as `topology` has it. */
export function namesFor(place: PlacedInterface, topology: Topology, lists: ListsAt): NameContents {
  const found = known.get(place)?.get(lists);
  if (found !== undefined) return found;
  const made = makeNames(place, topology, lists);
  const ofPlace = known.get(place) ?? new WeakMap<ListsAt, NameContents>();
  known.set(place, ofPlace.set(lists, made));
  return made;
}

function makeNames(place: PlacedInterface, topology: Topology, lists: ListsAt): NameContents {
  const groups = new Map<string, NamedAddresses>();
  return {
    serviceTag: (tag) => serviceTagContents(tag, place.space, lists),
    group(id) {
      const members = groups.get(id) ?? membersOf(id, place, topology);
      groups.set(id, members);
      return members;
    },
  };
}

/** Members are interfaces in the network or beside it: what address no interface shows may be a member's, unless it lies outside. */
function membersOf(group: string, { memberSpace }: PlacedInterface, topology: Topology): NamedAddresses {
  const inside = topology.membersOf(group);
  const possible = memberSpace.whole ? AddressSet.ofPrefixes(memberSpace.prefixes) : AddressSet.everything;
  return { inside, doubtful: possible.minus(topology.addresses).union(topology.unsettledMembers) };
}
