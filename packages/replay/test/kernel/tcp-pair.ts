// Two ends of a TCP connection, each with the sequence number that is due next, and the segments they send.

import { bytesOf, payload, tcp, u16 } from "../../../engine/test/support/frames.js";
import type { Datagram } from "./datagram.js";
import type { Connection, Surroundings } from "./talk.js";

export type Peer = { readonly address: string; readonly port: number; next: number };
export type Pair = { readonly client: Peer; readonly server: Peer };

/** What follows the flags in `says` tells a reader what kind of moment it is. */
export type Segment = {
  readonly flags: string;
  readonly bytes?: number;
  readonly shift?: number;
  readonly moment?: string;
};

export function pairOf({ random }: Surroundings, connection: Connection): Pair {
  const { source, destination, sourcePort, destinationPort } = connection;
  return {
    client: { address: source, port: sourcePort, next: random.below(0x1_0000_0000) },
    server: { address: destination, port: destinationPort, next: random.below(0x1_0000_0000) },
  };
}

/** `shift` moves the sequence number away from the one that is due, and leaves that as it is. */
export function segment(around: Surroundings, from: Peer, to: Peer, part: Segment): Datagram {
  const { flags, bytes = 0, shift, moment } = part;
  const transport = tcp({
    sourcePort: from.port,
    destinationPort: to.port,
    sequence: (from.next + (shift ?? 0)) >>> 0,
    acknowledgement: flags.includes("A") ? to.next : 0,
    flags: flags === "" ? "." : flags,
    options: optionsOf(flags),
    payload: payload(bytes),
  });
  if (shift === undefined) from.next = (from.next + bytes + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  const ends = { source: from.address, destination: to.address };
  return around.maker.whole(ends, transport, `tcp ${flags || "no flags"}${moment === undefined ? "" : ` ${moment}`}`);
}

/** As every stack says it in a SYN: the largest segment that it takes (RFC 9293 section 3.7.1). */
export function optionsOf(flags: string): Uint8Array {
  return flags.includes("S") ? bytesOf(2, 4, u16(1460)) : new Uint8Array(0);
}
