// What the experiments send: one IP datagram, whole or in fragments, with words for a reader.

import {
  bytesOf,
  destinationOptions,
  type Ends,
  hopByHop,
  internetChecksum,
  ipv4,
  ipv6,
  type Transport,
  u16,
  u32,
} from "../../../engine/test/support/frames.js";
import type { Random } from "../../../engine/test/support/random.js";
import { isV6 } from "./network.js";

export type Datagram = Ends & {
  /** In the order of sending; several are fragments of one. */
  readonly packets: readonly Uint8Array[];
  readonly says: string;
};

const v4HeaderBytes = 20;
const v6HeaderBytes = 40;
const nothing = new Uint8Array(0);
const noOperations = bytesOf(1, 1, 1, 0);
const moreFragments = 0x2000;
const fragmentUnit = 8;
/** TCP's header is in the first fragment: IPv6 tracks no other (RFC 8200, 4.5), and flags in a second one nobody reads. */
const leastFirstUnits = 3;

/** Makes datagrams with identifications of their own. */
export class DatagramMaker {
  #identification = 0;

  constructor(private readonly random: Random) {}

  /** Now and then with options, or extension headers, that change nothing. */
  whole(ends: Ends, transport: Transport, says: string): Datagram {
    this.#identification++;
    const dressed = this.random.chance(0.04);
    const packet = isV6(ends.source)
      ? ipv6(ends, transport, { extensions: dressed ? [this.random.pick([hopByHop(), destinationOptions()])] : [] })
      : ipv4(ends, transport, { id: this.#identification & 0xffff, options: dressed ? noOperations : nothing });
    return { ...ends, packets: [packet], says: dressed ? `${says} with options` : says };
  }

  /** In two or three fragments, in order or the last one first, where it is long enough for that. */
  inFragments(datagram: Datagram): Datagram {
    const cuts = this.#cuts(datagram);
    if (cuts.length === 0) return datagram;
    const [packet] = datagram.packets as [Uint8Array];
    const fragments = fragmentsOf(packet, headerBytes(datagram), cuts).map((part) => this.#identified(part));
    return this.random.chance(0.7)
      ? { ...datagram, packets: fragments, says: `${datagram.says} in fragments` }
      : { ...datagram, packets: fragments.toReversed(), says: `${datagram.says} in fragments, the last one first` };
  }

  #cuts(datagram: Datagram): number[] {
    if (datagram.says.endsWith("with options")) return [];
    const units = Math.ceil((datagram.packets[0]!.length - headerBytes(datagram)) / fragmentUnit);
    if (units <= leastFirstUnits + 1) return [];
    const cut = () => (leastFirstUnits + this.random.below(units - leastFirstUnits)) * fragmentUnit;
    return [...new Set([cut(), cut()])].sort((one, other) => one - other);
  }

  #identified(packet: Uint8Array): Uint8Array {
    if (packet[0]! >> 4 === 6) packet.set(u32(this.#identification), v6HeaderBytes + 4);
    return packet;
  }
}

function headerBytes({ source }: Datagram): number {
  return isV6(source) ? v6HeaderBytes : v4HeaderBytes;
}

function fragmentsOf(packet: Uint8Array, headerBytes: number, cuts: readonly number[]): Uint8Array[] {
  const body = packet.subarray(headerBytes);
  const header = packet.subarray(0, headerBytes);
  return [0, ...cuts].map((from, index) => {
    const part = body.subarray(from, cuts[index] ?? body.length);
    const isLast = index === cuts.length;
    return headerBytes === v6HeaderBytes
      ? v6Fragment(header, from, isLast, part)
      : v4Fragment(header, from, isLast, part);
  });
}

function v4Fragment(header: Uint8Array, offset: number, isLast: boolean, part: Uint8Array): Uint8Array {
  const own = header.slice();
  own.set(u16(own.length + part.length), 2);
  own.set(u16((offset / 8) | (isLast ? 0 : moreFragments)), 6);
  own.set(u16(0), 10);
  own.set(u16(internetChecksum(own)), 10);
  return bytesOf(own, part);
}

/** RFC 8200, 4.5. */
function v6Fragment(header: Uint8Array, offset: number, isLast: boolean, part: Uint8Array): Uint8Array {
  const fragmentHeader = bytesOf(header[6]!, 0, u16(offset | (isLast ? 0 : 1)), u32(0));
  const own = header.slice();
  own.set(u16(fragmentHeader.length + part.length), 4);
  own[6] = 44;
  return bytesOf(own, fragmentHeader, part);
}
