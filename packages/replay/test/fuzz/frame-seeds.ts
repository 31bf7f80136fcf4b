// Frames to begin from: every link type with every header that the decoder reads.

import { linkType } from "@conntrail/engine";
import {
  arp,
  bytesOf,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  linuxSll,
  linuxSll2,
  loopback,
  other,
  payload,
  routing,
  sctp,
  tcp,
  u32,
  udp,
  v4Ends,
  v6Ends,
} from "../../../engine/test/support/frames.js";

export type FrameSeed = { readonly linkType: number; readonly bytes: Uint8Array };

const quote4 = ipv4(v4Ends, tcp({ payload: payload(8) }));
const quote6 = ipv6(v6Ends, udp({ payload: payload(8) }));
const packets4: readonly Uint8Array[] = [
  ipv4(v4Ends, tcp({ payload: payload(20), options: payload(12) })),
  ipv4(v4Ends, udp({ payload: payload(9) }), { options: payload(8) }),
  ipv4(v4Ends, sctp(5000, 5001, payload(16))),
  ipv4(v4Ends, icmp(8, 0, bytesOf(u32(0x0001_0002), payload(8)))),
  ipv4(v4Ends, icmp(3, 1, bytesOf(u32(0), quote4))),
  ipv4(v4Ends, other(47, payload(12))),
];
const packets6: readonly Uint8Array[] = [
  ipv6(v6Ends, tcp({ payload: payload(5) }), { extensions: [hopByHop(37), destinationOptions()], payloadLength: 0 }),
  ipv6(v6Ends, udp({ payload: payload(9) }), { extensions: [routing(1), fragment(5, 0, true)] }),
  ipv6(v6Ends, udp({ payload: payload(9) }), { extensions: [fragment(5, 3, false)] }),
  ipv6(v6Ends, icmp6(128, 0, bytesOf(u32(0x0001_0002), payload(8)))),
  ipv6(v6Ends, icmp6(1, 4, bytesOf(u32(0), quote6))),
];
const packets = [...packets4, ...packets6];

export function frameSeeds(): FrameSeed[] {
  const of = (type: number, frames: readonly Uint8Array[]) => frames.map((bytes) => ({ linkType: type, bytes }));
  return [
    ...of(linkType.ethernet, [...packets.map((packet) => ethernet(packet)), arp()]),
    ...of(linkType.ethernet, [
      ethernet(packets4[0]!, [
        [0x88a8, 7],
        [0x8100, 1],
      ]),
    ]),
    ...of(linkType.ethernet, [ethernet(packets4[0]!, new Array(9).fill([0x8100, 1]))]),
    ...of(linkType.linuxSll, packets.map(linuxSll)),
    ...of(linkType.linuxSll2, packets.map(linuxSll2)),
    ...of(linkType.null, [...packets4.map((packet) => loopback(2, packet, "little"))]),
    ...of(
      linkType.loop,
      packets6.map((packet) => loopback(30, packet, "big")),
    ),
    ...[linkType.raw, linkType.rawBsd, linkType.rawOpenBsd].flatMap((type) => of(type, packets)),
    ...of(linkType.ipv4, packets4),
    ...of(linkType.ipv6, packets6),
  ];
}

/** More flows than a dictionary begins with. */
export function manyFlows(): Uint8Array[] {
  return Array.from({ length: 200 }, (_, port) => ethernet(ipv4(v4Ends, udp({ sourcePort: 1024 + port }))));
}
