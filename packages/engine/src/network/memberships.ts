// Whose addresses the members of a group are: of application security groups, and of AWS security groups.

import type { InterfaceSeen, ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import type { Micros } from "../time.js";
import { type Address, parseAddress } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { membershipKey, type NetworkEvidence } from "./network-evidence.js";
import { knownAt } from "./network-space.js";

export type Memberships = { readonly members: ReadonlyMap<string, AddressSet>; readonly unsettled: AddressSet };

export function memberships(
  present: readonly InterfaceSeen["data"][],
  evidence: NetworkEvidence,
  time: Micros,
): Memberships {
  const all = present.flatMap((data) =>
    data.addresses.flatMap(({ address: text }) => {
      const address = parseAddress(text);
      return address === null ? [] : [{ address, groups: groupsOf(data, text, evidence, time) }];
    }),
  );
  const settled = all.flatMap(({ address, groups }) =>
    (groups ?? []).map((group) => ({ group: group.toLowerCase(), address })),
  );
  const byGroup = groupBy(settled, ({ group }) => group);
  const addresses = (list: readonly { readonly address: Address }[]) =>
    AddressSet.ofAddresses(list.map(({ address }) => address));
  return {
    members: new Map([...byGroup].map(([group, list]) => [group, addresses(list)])),
    unsettled: addresses(all.filter(({ groups }) => groups === null)),
  };
}

/** Application security groups are an address's; AWS security groups the interface's, for all of its addresses. */
function groupsOf(
  data: InterfaceSeen["data"],
  address: string,
  evidence: NetworkEvidence,
  time: Micros,
): readonly ResourceId[] | null {
  if (data.platform === "aws") return knownAt(evidence.interfaceGroups, data.interface, time);
  return knownAt(evidence.memberships, membershipKey(data.interface, address), time);
}
