// Community ID v1, so that a flow can be found again in Zeek, Suricata and any SIEM (DOMAIN 5.1). ICMP uses its type
// and the counterpart's as ports; types without a counterpart keep their order.

import { createHash } from "node:crypto";
import { type Address, compareAddresses, hasPorts, isIcmp, isV4, protocolNumber } from "@conntrail/engine";

export type CommunityIdInput = {
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  /** ICMP type * 256 + code, of the opening packet. */
  readonly icmp: number;
};

const counterparts4 = [
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
  [10, 9],
];
const counterparts6 = [
  [128, 129],
  [133, 134],
  [135, 136],
  [130, 131],
  [144, 145],
  [139, 140],
];

/** With seed 0, as all tools do by default. */
export function communityId(flow: CommunityIdInput): string {
  const [sourcePort, destinationPort, oneWay] = portsOf(flow);
  const order = compareAddresses(flow.source, flow.destination) || sourcePort - destinationPort;
  const swap = !oneWay && order > 0;
  const ends = [bytesOf(flow.source), bytesOf(flow.destination)];
  const ports = [sourcePort, destinationPort];
  if (swap) for (const pair of [ends, ports]) pair.reverse();
  const head = Buffer.from([0, 0, ...ends.flat(), flow.protocol, 0]);
  const tail = hasPorts(flow.protocol) || isIcmp(flow.protocol) ? Buffer.alloc(4) : Buffer.alloc(0);
  if (tail.length > 0) {
    tail.writeUInt16BE(ports[0]!, 0);
    tail.writeUInt16BE(ports[1]!, 2);
  }
  return `1:${createHash("sha1").update(head).update(tail).digest("base64")}`;
}

function portsOf(flow: CommunityIdInput): [source: number, destination: number, oneWay: boolean] {
  if (!isIcmp(flow.protocol)) return [flow.sourcePort, flow.destinationPort, false];
  const type = flow.icmp >> 8;
  const pairs = flow.protocol === protocolNumber.icmp ? counterparts4 : counterparts6;
  for (const [request, reply] of pairs) {
    if (type === request) return [request, reply!, false];
    if (type === reply) return [reply, request!, false];
  }
  return [type, flow.icmp & 255, true];
}

function bytesOf(address: Address): number[] {
  const words = isV4(address) ? [address[3]] : address;
  return words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
}
