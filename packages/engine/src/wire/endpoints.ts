// The part of a transport header that names a flow: ports, or the kind and identifier of an ICMP message. Read of
// packets and of the heads that ICMP errors quote.

import type { PacketFlow } from "../traffic/packet.js";
import { u16 } from "./big-endian.js";
import type { Frame, IpHeader } from "./frame.js";
import { icmpRequestType } from "./icmp.js";
import { hasPorts, isIcmp, protocolNumber } from "./protocol.js";

/** Fills ports and `icmp` of a flow whose protocol is known; false where not enough was captured to tell them. */
export function readEndpoints(frame: Frame, ip: IpHeader, flow: PacketFlow): boolean {
  const readable = ip.limit - ip.transportAt;
  flow.sourcePort = 0;
  flow.destinationPort = 0;
  flow.icmp = 0;
  if (hasPorts(flow.protocol)) return readable >= 4 && readPorts(frame.bytes, ip.transportAt, flow);
  if (isIcmp(flow.protocol)) return readable >= 2 && readIcmpKind(frame.bytes, ip, flow);
  return true;
}

function readPorts(bytes: Uint8Array, at: number, flow: PacketFlow): true {
  flow.sourcePort = u16(bytes, at);
  flow.destinationPort = u16(bytes, at + 2);
  return true;
}

function readIcmpKind(bytes: Uint8Array, ip: IpHeader, flow: PacketFlow): boolean {
  const at = ip.transportAt;
  const request = requestTypes[tableIndex(flow.protocol, bytes[at]!)]!;
  if (request === noRequest) {
    flow.icmp = u16(bytes, at);
    return true;
  }
  flow.icmp = request * 256;
  if (ip.limit - at < 6) return false;
  flow.sourcePort = u16(bytes, at + 4);
  flow.destinationPort = flow.sourcePort;
  return true;
}

const noRequest = -1;

/** `icmpRequestType` for every type of both protocols. */
const requestTypes = new Int16Array(512).fill(noRequest);
for (const protocol of [protocolNumber.icmp, protocolNumber.icmp6]) {
  for (let type = 0; type < 256; type++) {
    requestTypes[tableIndex(protocol, type)] = icmpRequestType(protocol, type) ?? noRequest;
  }
}

function tableIndex(protocol: number, type: number): number {
  return protocol === protocolNumber.icmp ? type : 256 + type;
}
