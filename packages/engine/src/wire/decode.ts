// From a captured frame to the packet that the engine keeps of it: link layer, IP, transport, checksums. Allocates
// nothing, reads no byte outside the frame, and never throws, whatever the bytes.

import { type Packet, packetMark } from "../traffic/packet.js";
import { type DecodeOutcome, decodeOutcome } from "./decode-outcome.js";
import type { Frame, IpHeader } from "./frame.js";
import { readIpHeader } from "./ip.js";
import { locateIp } from "./link.js";
import { readQuote } from "./quote.js";
import { readTransport } from "./transport.js";
import { hasBadHeader, hasBadTransport } from "./verification.js";

/** Fills all of `out` but `time` and `frame`; after any outcome but `packet` its content means nothing. */
export function decodeFrame(frame: Frame, out: Packet): DecodeOutcome {
  const outcome = decodePacket(frame, out);
  return outcome === decodeOutcome.truncated && isWhole(frame) ? decodeOutcome.malformed : outcome;
}

/** Headers that end early in a frame captured whole were sent like that. */
function isWhole(frame: Frame): boolean {
  return frame.end - frame.start >= frame.originalLength;
}

function decodePacket(frame: Frame, out: Packet): DecodeOutcome {
  const { ip } = frame;
  const at = locateIp(frame);
  if (at < 0) return at as DecodeOutcome;
  ip.start = at;
  ip.limit = frame.end;
  const outcome = readIpHeader(frame, ip, out.flow);
  if (outcome !== decodeOutcome.packet) return outcome;
  return bound(frame) ? readPayload(frame, out) : decodeOutcome.malformed;
}

/** Sets the packet's end and the limit of what may be read; false where it claims more than its frame had on the wire. */
function bound(frame: Frame): boolean {
  const { ip } = frame;
  const wireEnd = frame.start + frame.originalLength;
  ip.end = ip.length === 0 ? wireEnd : ip.start + ip.length;
  ip.limit = Math.min(frame.end, ip.end);
  return ip.end <= wireEnd && ip.transportAt <= ip.end;
}

function readPayload(frame: Frame, out: Packet): DecodeOutcome {
  const { ip } = frame;
  out.ipLength = ip.end - ip.start;
  out.flags = 0;
  out.sequence = 0;
  out.acknowledgement = 0;
  out.quotes = false;
  readFragment(ip, out);
  const outcome = ip.fragmentOffset > 0 ? readLaterFragment(frame, out) : readTransport(frame, out);
  if (outcome !== decodeOutcome.packet) return outcome;
  if (ip.limit < ip.end) out.marks |= packetMark.cutShort;
  verify(frame, out);
  if (ip.fragmentOffset === 0) readQuote(frame, out);
  return decodeOutcome.packet;
}

function verify(frame: Frame, out: Packet): void {
  if (hasBadHeader(frame)) out.marks |= packetMark.badChecksum | packetMark.badHeader;
  else if (hasBadTransport(frame, out.flow)) out.marks |= packetMark.badChecksum;
}

function readFragment(ip: IpHeader, out: Packet): void {
  const isFragment = ip.moreFragments || ip.fragmentOffset > 0;
  out.fragmentId = isFragment ? ip.fragmentId : 0;
  out.marks = isFragment ? (ip.fragmentOffset > 0 ? packetMark.laterFragment : packetMark.firstFragment) : 0;
}

function readLaterFragment(frame: Frame, out: Packet): DecodeOutcome {
  out.flow.sourcePort = 0;
  out.flow.destinationPort = 0;
  out.flow.icmp = 0;
  out.payloadLength = frame.ip.end - frame.ip.transportAt;
  return decodeOutcome.packet;
}
