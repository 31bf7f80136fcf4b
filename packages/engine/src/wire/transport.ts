// Transport headers: TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792, RFC 4443). What a short capture left
// of a header is kept.

import { type Packet, packetMark } from "../traffic/packet.js";
import { i32, u16 } from "./big-endian.js";
import { type DecodeOutcome, decodeOutcome } from "./decode-outcome.js";
import { readEndpoints } from "./endpoints.js";
import type { Frame, IpHeader } from "./frame.js";
import { protocolNumber } from "./protocol.js";

const tcpMinHeaderLength = 20;
const udpHeaderLength = 8;
const sctpHeaderLength = 12;
/** The rest of the header depends on the type; all count as 8 bytes, as those of queries and errors are. */
const icmpHeaderLength = 8;
const icmpMinHeaderLength = 4;

/** Reads the transport header of a packet that is no later fragment. Malformed where it can't stand in its IP packet. */
export function readTransport(frame: Frame, out: Packet): DecodeOutcome {
  if (!readEndpoints(frame, frame.ip, out.flow)) out.marks |= packetMark.portsMissing;
  switch (out.flow.protocol) {
    case protocolNumber.tcp:
      return readTcp(frame, out);
    case protocolNumber.udp:
      return readUdp(frame, out);
    case protocolNumber.sctp:
      return measure(frame.ip, sctpHeaderLength, out);
    case protocolNumber.icmp:
    case protocolNumber.icmp6:
      return readIcmp(frame, out);
    default:
      return measure(frame.ip, 0, out);
  }
}

/** The payload by the IP header's account. Only a first fragment may end inside its transport header. */
function measure(ip: IpHeader, headerLength: number, out: Packet): DecodeOutcome {
  const length = ip.end - ip.transportAt - headerLength;
  out.payloadLength = Math.max(0, length);
  return length >= 0 || ip.moreFragments ? decodeOutcome.packet : decodeOutcome.malformed;
}

function readTcp(frame: Frame, out: Packet): DecodeOutcome {
  const { bytes, ip } = frame;
  const at = ip.transportAt;
  const readable = ip.limit - at;
  if (readable < tcpMinHeaderLength) return readTcpPart(frame, readable, out);
  out.sequence = i32(bytes, at + 4) >>> 0;
  out.acknowledgement = i32(bytes, at + 8) >>> 0;
  out.flags = bytes[at + 13]!;
  if (bytes[at + 14] === 0 && bytes[at + 15] === 0) out.marks |= packetMark.zeroWindow;
  return measureTcp(ip, (bytes[at + 12]! >> 4) * 4, out);
}

function measureTcp(ip: IpHeader, headerLength: number, out: Packet): DecodeOutcome {
  return headerLength < tcpMinHeaderLength ? decodeOutcome.malformed : measure(ip, headerLength, out);
}

/** A header of which `readable` bytes, fewer than 20, were captured; without its own length 20 bytes are assumed. */
function readTcpPart(frame: Frame, readable: number, out: Packet): DecodeOutcome {
  const { bytes, ip } = frame;
  const at = ip.transportAt;
  if (readable >= 8) out.sequence = i32(bytes, at + 4) >>> 0;
  if (readable >= 12) out.acknowledgement = i32(bytes, at + 8) >>> 0;
  if (readable >= 14) out.flags = bytes[at + 13]!;
  if (readable >= 16 && u16(bytes, at + 14) === 0) out.marks |= packetMark.zeroWindow;
  return measureTcp(ip, readable >= 13 ? (bytes[at + 12]! >> 4) * 4 : tcpMinHeaderLength, out);
}

/** A UDP length of 0 is that of a jumbogram (RFC 2675) or of segmentation offload. */
function readUdp(frame: Frame, out: Packet): DecodeOutcome {
  const { bytes, ip } = frame;
  const at = ip.transportAt;
  const length = ip.limit - at >= 6 ? u16(bytes, at + 4) : 0;
  const lies = length !== 0 && (length < udpHeaderLength || (!ip.moreFragments && length > ip.end - at));
  return lies ? decodeOutcome.malformed : measure(ip, udpHeaderLength, out);
}

function readIcmp(frame: Frame, out: Packet): DecodeOutcome {
  const { bytes, ip } = frame;
  const at = ip.transportAt;
  if (ip.limit - at >= 2) out.flags = u16(bytes, at);
  const outcome = measure(ip, icmpMinHeaderLength, out);
  out.payloadLength = Math.max(0, ip.end - at - icmpHeaderLength);
  return outcome;
}
