// Making a virtual network with its subnets, and its flow timeout.

import type { SubnetShown, VirtualNetworkSeen } from "../event.js";
import { azureLimits, isAzureName, unusableInNetworks } from "../policy/azure-limits.js";
import { nameOfId, sameId } from "../resource-id.js";
import { contains, formatPrefix, type Prefix, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { alreadySo, type ControlState, type Decided, decided, refused } from "./decided.js";
import { done } from "./group-command.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { newId, resolve } from "./resolve.js";

export type AddNetwork = {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly subnets: readonly { readonly name: string; readonly prefixes: readonly string[] }[];
};

export function addNetwork(state: ControlState, command: AddNetwork): Decided {
  const id = newId("network", command.name);
  const names = [nameOfId(id), ...command.subnets.map(({ name }) => name)];
  const badName = names.find((name) => !isAzureName(name));
  if (badName !== undefined) return refused({ refused: "bad-name", name: badName });
  const data = networkData(id, command);
  if (isRefusal(data)) return refused(data);
  const same = state.inventory.networks.find((known) => sameId(known.id, id));
  if (same === undefined) return decided(state, [{ type: "virtual-network-seen", data }]);
  return showsSame(state, data) ? alreadySo : refused({ refused: "exists", kind: "network", id });
}

function networkData(id: string, command: AddNetwork): VirtualNetworkSeen["data"] | Refusal {
  const own = readPrefixes(command.prefixes);
  if (isRefusal(own)) return own;
  const subnets = command.subnets.map((subnet) => readSubnet(`${id}/subnets/${subnet.name}`, subnet));
  const refusal = subnets.find(isRefusal) ?? placeRefusal(own, subnets as readonly SubnetShown[]);
  if (refusal !== null) return refusal;
  return {
    network: id,
    name: nameOfId(id),
    addressPrefixes: own.map(formatPrefix),
    subnets: subnets as readonly SubnetShown[],
    peerings: [],
    flowTimeoutMinutes: null,
    instant: "stated",
    begins: true,
  };
}

function readPrefixes(texts: readonly string[]): readonly Prefix[] | Refusal {
  const entries = texts.flatMap((text) => text.split(","));
  const prefixes = entries.map(parsePrefix);
  const bad = prefixes.indexOf(null);
  if (bad >= 0) return { refused: "bad-field", field: "prefix", text: entries[bad]! };
  return prefixes as readonly Prefix[];
}

function readSubnet(id: string, { name, prefixes }: AddNetwork["subnets"][number]): SubnetShown | Refusal {
  const read = readPrefixes(prefixes);
  if (isRefusal(read)) return read;
  return { subnet: id, name, addressPrefixes: read.map(formatPrefix), group: null, routeTable: null };
}

/** Prefixes that no network can have, subnets outside it, and prefixes that overlap [A17]. */
function placeRefusal(own: readonly Prefix[], subnets: readonly SubnetShown[]): Refusal | null {
  const unusable = unusableInNetworks.flatMap((text) => parsePrefix(text) ?? []);
  const space = AddressSet.ofPrefixes(own);
  const inner = subnets.flatMap(({ name, addressPrefixes }) =>
    addressPrefixes.map((text) => ({ name, text, prefix: parsePrefix(text)! })),
  );
  const outside = inner.find(({ prefix }) => AddressSet.ofPrefixes([prefix]).minus(space).size > 0);
  if (outside !== undefined) return { refused: "prefix-outside-network", prefix: outside.text, subnet: outside.name };
  return firstOverlap(own, unusable) ?? firstOverlap(inner.map(({ prefix }) => prefix));
}

/** Of one list with the other, or, where there is no other, among themselves. */
function firstOverlap(prefixes: readonly Prefix[], others?: readonly Prefix[]): Refusal | null {
  for (const [index, prefix] of prefixes.entries()) {
    const other = (others ?? prefixes.slice(0, index)).find((candidate) => overlap(prefix, candidate));
    if (other !== undefined) {
      return { refused: "prefix-overlaps", prefix: formatPrefix(prefix), other: formatPrefix(other) };
    }
  }
  return null;
}

/** Two prefixes overlap only where one holds the other. */
function overlap(a: Prefix, b: Prefix): boolean {
  return contains(a, b.address) || contains(b, a.address);
}

function showsSame(state: ControlState, data: VirtualNetworkSeen["data"]): boolean {
  const { networks, subnets } = state.inventory;
  const prefixes = networks.find(({ id }) => sameId(id, data.network))!.addressPrefixes;
  const same = data.subnets.every(({ subnet, addressPrefixes }) => {
    const known = subnets.find(({ id }) => sameId(id, subnet))?.addressPrefixes ?? [];
    return JSON.stringify(known) === JSON.stringify(addressPrefixes);
  });
  return same && JSON.stringify(prefixes) === JSON.stringify(data.addressPrefixes);
}

/** Null: the platform's default. */
export type SetFlowTimeout = { readonly network: string; readonly minutes: number | null };

export function setFlowTimeout(state: ControlState, { network, minutes }: SetFlowTimeout): Decided {
  const found = resolve(state.inventory.networks, "network", network);
  if (isRefusal(found)) return refused(found);
  const [lowest, highest] = [azureLimits.shortestFlowTimeoutMinutes, azureLimits.longestFlowTimeoutMinutes];
  if (minutes !== null && (minutes < lowest || minutes > highest || !Number.isInteger(minutes))) {
    return refused({ refused: "out-of-range", field: "flow timeout", value: minutes, range: { lowest, highest } });
  }
  if ((state.inventory.setting(found.id, "flowTimeoutMinutes") ?? null) === minutes) return alreadySo;
  const data = { ...done, resource: found.id, setting: "flowTimeoutMinutes", value: minutes } as const;
  return decided(state, [{ type: "setting-written", data }]);
}
