// An IP header of either version.

import type { PacketFlow } from "../traffic/packet.js";
import type { DecodeOutcome } from "./decode-outcome.js";
import type { Frame, IpHeader } from "./frame.js";
import { readIpv4Header } from "./ipv4.js";
import { readIpv6Header } from "./ipv6.js";

/** Reads the header at `ip.start` into `ip` and the addresses and protocol of `flow`; its first byte is known to be there. */
export function readIpHeader(frame: Frame, ip: IpHeader, flow: PacketFlow): DecodeOutcome {
  return frame.bytes[ip.start]! >> 4 === 4 ? readIpv4Header(frame, ip, flow) : readIpv6Header(frame, ip, flow);
}
