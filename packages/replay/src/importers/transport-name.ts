// Protocols by the names that sensors write: Zeek's, Suricata's and those of /etc/protocols.

import { parseProtocol } from "@conntrail/engine";

/** For a protocol that a log names and nobody numbers: reserved by IANA, so that no packet has it. */
export const unknownProtocol = 255;

const others: ReadonlyMap<string, number> = new Map([
  ["hopopt", 0],
  ["igmp", 2],
  ["ipv4", 4],
  ["ipip", 4],
  ["ip-encap", 4],
  ["egp", 8],
  ["dccp", 33],
  ["ipv6", 41],
  ["rsvp", 46],
  ["ipv6-icmp", 58],
  ["eigrp", 88],
  ["ospf", 89],
  ["ospfigp", 89],
  ["pim", 103],
  ["vrrp", 112],
  ["l2tp", 115],
  ["udplite", 136],
]);

/** `unknownProtocol` where the name says nothing; digits are the number itself. */
export function protocolOfName(name: string): number {
  return others.get(name.toLowerCase()) ?? parseProtocol(name) ?? unknownProtocol;
}
