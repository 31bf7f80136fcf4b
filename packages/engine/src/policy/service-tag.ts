// What service tags stand for: those made of the network itself, the platform's own addresses, and all others as dated
// lists show them (DOMAIN 1.5, 1.6). Classic spellings included.

import { type Address, type Prefix, parseAddress, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import type { ListsAt } from "./address-list.js";
import { type NamedAddresses, unknownAddresses } from "./rule-match.js";

/** Virtual address of the host: WireServer, DNS, DHCP, health probes; the same in all regions (DOMAIN 1.5). */
export const azurePlatformAddress: Address = parseAddress("168.63.129.16")!;

/** Instance metadata (IMDS), of Azure and of AWS. */
export const metadataAddress: Address = parseAddress("169.254.169.254")!;

/** Windows licences of the public cloud: kms.core.windows.net, and azkms.core.windows.net since October 2022. */
export const azureLicenceAddresses: readonly Address[] = ["23.102.135.246", "20.118.99.224", "40.83.235.53"].map(
  (text) => parseAddress(text)!,
);

/** Not on the Internet: RFC 1918, RFC 6598, loopback, link-local, multicast, class E, unique local addresses. */
const offInternet: readonly Prefix[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/127",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
].map((text) => parsePrefix(text)!);

/** Address space of a virtual network and of all that is connected to it. Not `whole`: other addresses may be in it too. */
export type NetworkSpace = { readonly prefixes: readonly Prefix[]; readonly whole: boolean };

/** Of a network that nobody saw: any address may be in it, and none is for sure outside. */
export const unseenSpace: NetworkSpace = { prefixes: [], whole: false };

const noLists: ListsAt = { find: () => null };

/** What a service tag stands for, as seen from an interface in this network; AWS prefix lists are named alike. */
export function serviceTagContents(tag: string, space: NetworkSpace, lists: ListsAt = noLists): NamedAddresses {
  const name = tag.toLowerCase();
  switch (name) {
    case "virtualnetwork":
    case "virtual_network":
      return tagsOfNetwork(space).virtualNetwork;
    case "internet":
      return tagsOfNetwork(space).internet;
    default:
      return platformTags.get(name) ?? lists.find(name) ?? unknownAddresses;
  }
}

/** Tags that no published list has: they follow from the network, or are addresses of the platform (DOMAIN 1.6). */
export function isOfNetworkOrPlatform(tag: string): boolean {
  const name = tag.toLowerCase();
  return platformTags.has(name) || tagsFromNetwork.has(name);
}

const tagsFromNetwork: ReadonlySet<string> = new Set(["virtualnetwork", "virtual_network", "internet"]);

const exactly = (inside: AddressSet): NamedAddresses => ({ inside, doubtful: AddressSet.none });
const platformOnly = AddressSet.ofAddresses([azurePlatformAddress]);

/** In no list that is published (DOMAIN 1.6). */
const platformTags: ReadonlyMap<string, NamedAddresses> = new Map([
  ["azureloadbalancer", exactly(platformOnly)],
  ["azure_loadbalancer", exactly(platformOnly)],
  ["azureplatformdns", exactly(platformOnly)],
  ["azureplatformimds", exactly(AddressSet.ofAddresses([metadataAddress]))],
  ["azureplatformlkm", exactly(AddressSet.ofAddresses(azureLicenceAddresses))],
]);

const onInternet = AddressSet.ofPrefixes(offInternet).complement();

type NetworkTags = { readonly virtualNetwork: NamedAddresses; readonly internet: NamedAddresses };

const known = new WeakMap<NetworkSpace, NetworkTags>();

/** Made once for each network, and not for each packet. */
function tagsOfNetwork(space: NetworkSpace): NetworkTags {
  const made = known.get(space) ?? makeTags(space);
  known.set(space, made);
  return made;
}

function makeTags({ prefixes, whole }: NetworkSpace): NetworkTags {
  const inside = AddressSet.ofPrefixes(prefixes).union(platformOnly);
  const outside = onInternet.minus(inside);
  if (whole) return { virtualNetwork: exactly(inside), internet: exactly(outside) };
  const virtualNetwork = { inside, doubtful: inside.complement() };
  return { virtualNetwork, internet: { inside: AddressSet.none, doubtful: outside } };
}
