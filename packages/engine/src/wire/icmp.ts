// ICMP and ICMPv6 as a flow record sees them: queries pair with replies by their identifier, errors quote a packet of
// another flow (RFC 792, RFC 950, RFC 4443), and all else stands alone.

import { protocolNumber } from "./protocol.js";

const v4Queries = new Map([
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
]);
const v6Queries = new Map([[128, 129]]);
const v4Errors = new Set([3, 4, 5, 11, 12]);
const v6Errors = new Set([1, 2, 3, 4]);

function queriesOf(protocol: number) {
  return protocol === protocolNumber.icmp ? v4Queries : v6Queries;
}

/** The type of the request that a message of this type belongs to; null where it is neither request nor reply. */
export function icmpRequestType(protocol: number, type: number): number | null {
  for (const [request, reply] of queriesOf(protocol)) if (type === request || type === reply) return request;
  return null;
}

/** Queries expect an answer, so they can begin a flow. */
export function isIcmpRequest(protocol: number, type: number): boolean {
  return queriesOf(protocol).has(type);
}

export function isIcmpReply(protocol: number, type: number): boolean {
  for (const reply of queriesOf(protocol).values()) if (type === reply) return true;
  return false;
}

export function isIcmpError(protocol: number, type: number): boolean {
  return protocol === protocolNumber.icmp ? v4Errors.has(type) : v6Errors.has(type);
}
