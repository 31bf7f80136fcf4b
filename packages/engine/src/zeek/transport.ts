// How Zeek's `proto` names a transport protocol (`transport_proto` of its scripts).

import { protocolNumber } from "../wire/protocol.js";

export type ZeekTransport = "tcp" | "udp" | "icmp" | "unknown_transport";

export function zeekTransport(protocol: number): ZeekTransport {
  switch (protocol) {
    case protocolNumber.tcp:
      return "tcp";
    case protocolNumber.udp:
      return "udp";
    case protocolNumber.icmp:
    case protocolNumber.icmp6:
      return "icmp";
    default:
      return "unknown_transport";
  }
}
