// Whether the checksums of a packet are right, as far as the capture can tell. Machines that leave checksums to their
// network card capture wrong ones of what they send; to know that is the semantics' business.

import type { PacketFlow } from "../traffic/packet.js";
import { u16 } from "./big-endian.js";
import type { Frame, IpHeader } from "./frame.js";
import { folded, goodSum, onesComplementSum, pseudoHeaderSum } from "./internet-checksum.js";
import { protocolNumber } from "./protocol.js";

/** True where the checksum of a transport which was captured whole is wrong. */
export function hasBadTransport(frame: Frame, flow: PacketFlow): boolean {
  return isVerifiable(frame.ip) && isBadTransport(frame, flow);
}

function isVersion4(frame: Frame): boolean {
  return frame.bytes[frame.ip.start]! >> 4 === 4;
}

/** True where the IPv4 header's checksum is wrong. */
export function hasBadHeader(frame: Frame): boolean {
  const { start, transportAt } = frame.ip;
  return isVersion4(frame) && onesComplementSum(frame, start, transportAt) !== goodSum;
}

function isVerifiable(ip: IpHeader): boolean {
  return ip.limit === ip.end && !ip.moreFragments && ip.fragmentOffset === 0 && ip.finalDestination;
}

function isBadTransport(frame: Frame, flow: PacketFlow): boolean {
  const { transportAt, end } = frame.ip;
  switch (flow.protocol) {
    case protocolNumber.tcp:
    case protocolNumber.icmp6:
      return !isGood(frame, end, pseudoHeaderSum(flow, end - transportAt));
    case protocolNumber.icmp:
      return !isGood(frame, end, 0);
    case protocolNumber.udp:
      return hasBadUdp(frame, flow);
    default:
      return false;
  }
}

/** UDP covers its own length, which may end before the IP packet does; over IPv4 a checksum of zero is none. */
function hasBadUdp(frame: Frame, flow: PacketFlow): boolean {
  const { transportAt, end } = frame.ip;
  if (isVersion4(frame) && u16(frame.bytes, transportAt + 6) === 0) return false;
  const length = u16(frame.bytes, transportAt + 4) || end - transportAt;
  return !isGood(frame, transportAt + length, pseudoHeaderSum(flow, length));
}

function isGood(frame: Frame, end: number, pseudoHeader: number): boolean {
  return folded(onesComplementSum(frame, frame.ip.transportAt, end) + pseudoHeader) === goodSum;
}
