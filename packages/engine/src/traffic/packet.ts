// One IP packet as the decoder leaves it: a single mutable object that is used again for every frame, so that decoding
// allocates nothing. Addresses are in the order they stand in the packet.

/** Bits of a packet's `marks`. */
export const packetMark = {
  /** TCP window field of zero. */
  zeroWindow: 1,
  /** A checksum of the IP or transport header is wrong, where enough was captured to tell. */
  badChecksum: 2,
  /** First fragment of several: has the transport header. */
  firstFragment: 4,
  /** A later fragment: ports are those of the first fragment with the same `fragmentId`. */
  laterFragment: 8,
  /** The transport header was not captured whole: ports are not known. */
  portsMissing: 16,
  /** The capture ends before the packet does: not all of the payload was seen. */
  cutShort: 32,
  /** The IP header's own checksum is wrong; comes with `badChecksum`. */
  badHeader: 64,
} as const;

/** A flow as it stands in a packet: addresses as words, source first. */
export type PacketFlow = {
  /** Four words of the source, four of the destination; IPv4 as ::ffff:a.b.c.d. */
  readonly words: Uint32Array;
  protocol: number;
  /** TCP, UDP, SCTP ports; the identifier of an ICMP query in both; otherwise 0. */
  sourcePort: number;
  destinationPort: number;
  /** ICMP: type of the request times 256 for queries and replies, else type * 256 + code. Otherwise 0. */
  icmp: number;
};

export type Packet = {
  /** Microseconds since the Unix epoch. */
  time: number;
  /** Record number in its file, from 1. */
  frame: number;
  readonly flow: PacketFlow;
  /** Bytes of the IP packet as its header says, header included; of a BIG TCP packet the true length. */
  ipLength: number;
  /** Bytes behind the transport header, by the IP header's account. */
  payloadLength: number;
  /** TCP flag bits; ICMP: type * 256 + code; otherwise 0. */
  flags: number;
  sequence: number;
  acknowledgement: number;
  marks: number;
  /** IPv4 identification or the IPv6 fragment header's; 0 where the packet is no fragment. */
  fragmentId: number;
  /** An ICMP error quotes the head of a packet: its flow, in the quoted packet's own order. */
  quotes: boolean;
  readonly quoted: PacketFlow;
};

function newFlow(): PacketFlow {
  return { words: new Uint32Array(8), protocol: 0, sourcePort: 0, destinationPort: 0, icmp: 0 };
}

export function newPacket(): Packet {
  return {
    time: 0,
    frame: 0,
    flow: newFlow(),
    ipLength: 0,
    payloadLength: 0,
    flags: 0,
    sequence: 0,
    acknowledgement: 0,
    marks: 0,
    fragmentId: 0,
    quotes: false,
    quoted: newFlow(),
  };
}
