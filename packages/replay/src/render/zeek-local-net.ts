// What Zeek calls local where nobody told it: addresses that IANA's registries have as not routable over the Internet
// (`Site::private_address_space`, scripts/base/utils/site.zeek, 9.1-dev, 2026-08), and those as 6to4 (RFC 3056).

import { type Address, contains, parsePrefix } from "@conntrail/engine";

const v4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/24"],
  ...["239.0.0.0/8", "240.0.0.0/4", "255.255.255.255/32"],
];
const v6 = [
  ...["::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:2::/48", "2001:db8::/32", "fc00::/7"],
  ...["fe80::/10", "fec0::/10"],
];

const prefixes = [...v4, ...v6].map((text) => parsePrefix(text)!);
const v4Prefixes = v4.map((text) => parsePrefix(text)!);

export function isLocalToZeek(address: Address): boolean {
  if (prefixes.some((prefix) => contains(prefix, address))) return true;
  const inner = embedded(address);
  return inner !== null && v4Prefixes.some((prefix) => contains(prefix, inner));
}

/** The IPv4 address of 2002::/16; null elsewhere. */
function embedded([first, second]: Address): Address | null {
  return first >>> 16 === 0x2002 ? [0, 0, 0xffff, ((first << 16) | (second >>> 16)) >>> 0] : null;
}
