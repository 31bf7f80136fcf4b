// Fragments of a packet come together before Zeek looks at it. Batches keep no offsets, so the last fragment is known
// by its length: shorter than the first, or no multiple of eight (RFC 791). What stays incomplete is left out, as there.

import { microsPerMinute } from "../time.js";
import { packetMark } from "../traffic/packet.js";
import { addressAt } from "../traffic/packet-view.js";
import { addressKey } from "../wire/address.js";
import type { ClockedBatch } from "./file-order.js";
import { newZeekPacket, readZeekPacket, type ZeekPacket } from "./zeek-packet.js";

type Assembly = {
  readonly since: number;
  first: ZeekPacket | null;
  /** Payload of later fragments. */
  laterBytes: number;
  /** Of all fragments so far, as IP packets. */
  longest: number;
  hasLast: boolean;
};

/** Zeek's frag_timeout. */
const patienceMicros = 5 * microsPerMinute;
const maxAssemblies = 65_536;

export class DatagramAssembly {
  readonly #assemblies = new Map<string, Assembly>();

  /** The whole packet, at the time of the fragment that completes it; null where more is to come. */
  take(traffic: ClockedBatch, index: number): ZeekPacket | null {
    const fragment = readZeekPacket(traffic, index, newZeekPacket());
    const key = keyOf(fragment, traffic.batch.fragmentId[index]!);
    const assembly = this.#assembly(key, fragment.time);
    add(assembly, fragment, (traffic.batch.marks[index]! & packetMark.laterFragment) !== 0);
    if (assembly.first === null || !assembly.hasLast) return null;
    this.#assemblies.delete(key);
    return whole(assembly.first, assembly.laterBytes, fragment);
  }

  #assembly(key: string, time: number): Assembly {
    const known = this.#assemblies.get(key);
    if (known !== undefined && time - known.since <= patienceMicros) return known;
    this.#assemblies.delete(key);
    this.#forget(time);
    const assembly = { since: time, first: null, laterBytes: 0, longest: 0, hasLast: false };
    this.#assemblies.set(key, assembly);
    return assembly;
  }

  #forget(time: number): void {
    for (const [key, { since }] of this.#assemblies) {
      if (this.#assemblies.size < maxAssemblies && time - since <= patienceMicros) return;
      this.#assemblies.delete(key);
    }
  }
}

function add(assembly: Assembly, fragment: ZeekPacket, isLater: boolean): void {
  const { payloadLength, ipLength } = fragment;
  if (isLater) assembly.laterBytes += payloadLength;
  else assembly.first = fragment;
  const differs = assembly.longest > 0 && ipLength !== assembly.longest;
  assembly.hasLast ||= differs || (isLater && payloadLength % 8 !== 0);
  assembly.longest = Math.max(assembly.longest, ipLength);
}

function whole(first: ZeekPacket, laterBytes: number, { time }: ZeekPacket): ZeekPacket {
  return {
    ...first,
    time,
    payloadLength: first.payloadLength + laterBytes,
    ipLength: first.ipLength + laterBytes,
  };
}

function keyOf({ flows, flow, from, protocol }: ZeekPacket, id: number): string {
  const [source, destination] = [addressAt(flows, flow, from), addressAt(flows, flow, 1 - from)];
  return `${addressKey(source)} ${addressKey(destination)} ${protocol} ${id}`;
}
