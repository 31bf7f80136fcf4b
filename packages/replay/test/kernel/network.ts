// The network that the kernel experiments take place in: machines with one interface each, in subnets of their own, and
// strangers outside. Addresses at which the platform judges for itself (DOMAIN 1.5) are left out.

export type Machine = {
  readonly interface: string;
  readonly subnet: string;
  readonly addresses: readonly string[];
  readonly subnetPrefixes: readonly string[];
};

export const machines: readonly Machine[] = [1, 2, 3].map((number) => ({
  interface: `vm${number}-nic`,
  subnet: `subnet${number}`,
  addresses: [`10.1.${number}.4`, `10.1.${number}.5`, `fd00:1:0:${number}::4`],
  subnetPrefixes: [`10.1.${number}.0/24`, `fd00:1:0:${number}::/64`],
}));

export const strangers: readonly string[] = [
  ...["203.0.113.5", "203.0.113.6", "198.51.100.23", "192.168.5.9", "10.2.0.7", "10.1.77.7", "100.64.0.5"],
  ...["2001:db8::5", "2600::1", "fd00:9::9", "fd00:1:0:77::7"],
];

export const virtualNetworkPrefixes: readonly string[] = ["10.1.0.0/16", "fd00:1::/48"];

/** The host's virtual address: in the VirtualNetwork tag, and all that AzureLoadBalancer is (DOMAIN 1.6). */
export const platformAddress = "168.63.129.16";

/** Not on the Internet, as DOMAIN 1.6 takes the tag. */
export const offInternet: readonly string[] = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "fc00::/7", "fe80::/10", "ff00::/8"],
];

export function machineOf(address: string): Machine | null {
  return machines.find(({ addresses }) => addresses.includes(address)) ?? null;
}

export function isV6(addressOrPrefix: string): boolean {
  return addressOrPrefix.includes(":");
}
