// The service tags that are made of the network itself: VirtualNetwork, Internet, AzureLoadBalancer (DOMAIN 1.6).
// Classic spellings included. Tags from dated lists are not known here yet.

import { type Address, type Prefix, parseAddress, parsePrefix } from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import { type NamedAddresses, unknownAddresses } from "./rule-match.js";

/** Virtual address of the host: WireServer, DNS, DHCP, health probes; the same in all regions (DOMAIN 1.5). */
export const azurePlatformAddress: Address = parseAddress("168.63.129.16")!;

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

/** Address space of a virtual network and of all that is connected to it; null: never seen. */
export type NetworkSpace = readonly Prefix[] | null;

/** What a service tag stands for, as seen from an interface in this network. */
export function serviceTagContents(tag: string, space: NetworkSpace): NamedAddresses {
  switch (tag.toLowerCase()) {
    case "virtualnetwork":
    case "virtual_network":
      return inVirtualNetwork(space);
    case "internet":
      return inInternet(space);
    case "azureloadbalancer":
    case "azure_loadbalancer":
      return { inside: platformOnly, doubtful: AddressSet.none };
    default:
      return unknownAddresses;
  }
}

const platformOnly = AddressSet.ofAddresses([azurePlatformAddress]);
const onInternet = AddressSet.ofPrefixes(offInternet).complement();

function inVirtualNetwork(space: NetworkSpace): NamedAddresses {
  if (space === null) return { inside: platformOnly, doubtful: AddressSet.everything };
  return { inside: AddressSet.ofPrefixes(space).union(platformOnly), doubtful: AddressSet.none };
}

function inInternet(space: NetworkSpace): NamedAddresses {
  const network = inVirtualNetwork(space);
  if (space === null) return { inside: AddressSet.none, doubtful: onInternet.minus(platformOnly) };
  return { inside: onInternet.minus(network.inside), doubtful: AddressSet.none };
}
