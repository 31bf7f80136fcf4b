// The service tags that are made of the network itself: VirtualNetwork, Internet, AzureLoadBalancer (DOMAIN 1.6).
// Classic spellings included. Tags from dated lists are not known here yet.

import { type Address, contains, equalAddresses, type Prefix, parseAddress, parsePrefix } from "../wire/address.js";

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

/** Whether the address is in the tag, as seen from an interface in this network; null where that is not known. */
export function inServiceTag(tag: string, address: Address, space: NetworkSpace): boolean | null {
  switch (tag.toLowerCase()) {
    case "virtualnetwork":
    case "virtual_network":
      return inVirtualNetwork(address, space);
    case "internet":
      return inInternet(address, space);
    case "azureloadbalancer":
    case "azure_loadbalancer":
      return equalAddresses(address, azurePlatformAddress);
    default:
      return null;
  }
}

function inVirtualNetwork(address: Address, space: NetworkSpace): boolean | null {
  if (equalAddresses(address, azurePlatformAddress)) return true;
  return space === null ? null : space.some((prefix) => contains(prefix, address));
}

function inInternet(address: Address, space: NetworkSpace): boolean | null {
  if (offInternet.some((prefix) => contains(prefix, address))) return false;
  const inside = inVirtualNetwork(address, space);
  return inside === null ? null : !inside;
}
