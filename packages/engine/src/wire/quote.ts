// The packet whose head an ICMP error quotes (RFC 792, RFC 4443): enough of it to find the flow that the error is about.

import { type Packet, packetMark } from "../traffic/packet.js";
import { decodeOutcome } from "./decode-outcome.js";
import { readEndpoints } from "./endpoints.js";
import type { Frame } from "./frame.js";
import { isIcmpError } from "./icmp.js";
import { readIpHeader } from "./ip.js";
import { isIcmp } from "./protocol.js";

const icmpHeaderLength = 8;

/**
 * Sets `quotes` and `quoted` where the packet is an ICMP error whose quote shows a whole flow key. A quote too short
 * for its ports, or of a later fragment, names no flow and counts as none.
 */
export function readQuote(frame: Frame, out: Packet): void {
  const { ip, quotedIp } = frame;
  out.quotes = false;
  if (!isIcmp(out.flow.protocol) || !isIcmpError(out.flow.protocol, out.flags >> 8)) return;
  if ((out.marks & packetMark.portsMissing) !== 0) return;
  quotedIp.start = ip.transportAt + icmpHeaderLength;
  quotedIp.limit = ip.limit;
  if (quotedIp.start >= quotedIp.limit || !isSameVersion(frame)) return;
  if (readIpHeader(frame, quotedIp, out.quoted) !== decodeOutcome.packet || quotedIp.fragmentOffset > 0) return;
  out.quotes = readEndpoints(frame, quotedIp, out.quoted);
}

function isSameVersion(frame: Frame): boolean {
  return frame.bytes[frame.quotedIp.start]! >> 4 === frame.bytes[frame.ip.start]! >> 4;
}
