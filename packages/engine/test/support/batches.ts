// Batches for tests of their bytes: any at all, and those of orderly conversations.

import fc from "fast-check";
import type { FlowDictionary, PacketBatch } from "../../src/index.js";
import { newPacket, PacketBatchBuilder, tcpFlag } from "../../src/index.js";
import type { Random } from "./random.js";

const word = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));
const short = fc.oneof(fc.constantFrom(0, 443, 0xffff), fc.integer({ min: 0, max: 0xffff }));
const byte = fc.oneof(fc.constantFrom(6, 17, 1), fc.integer({ min: 0, max: 255 }));
const safe = Number.MAX_SAFE_INTEGER;
const instant = fc.oneof(
  fc.integer({ min: 1_700_000_000_000_000, max: 1_700_000_000_100_000 }),
  fc.constantFrom(-safe, safe, 0, 1, -1, 2 ** 31, 2 ** 52),
  fc.integer({ min: -safe, max: safe }),
);

const anyDictionary: fc.Arbitrary<FlowDictionary> = fc.nat(12).chain((count) =>
  fc.record({
    count: fc.constant(count),
    words: column(Uint32Array, fc.oneof(fc.constantFrom(0, 0xffff, 0x0a000001), word), count * 8),
    ports: column(Uint16Array, short, count * 2),
    protocols: column(Uint8Array, byte, count),
    icmp: column(Uint16Array, short, count),
  }),
);

/** Arbitrary values in every column; flows are in the dictionary, and times safe integers. */
export const anyBatch: fc.Arbitrary<PacketBatch> = fc
  .tuple(anyDictionary, fc.nat(40))
  .map(([flows, count]) => ({ flows, count: flows.count === 0 ? 0 : count }))
  .chain(({ flows, count }) => {
    const limit = Math.max(flows.count * 2 - 1, 0);
    return fc.record({
      count: fc.constant(count),
      flows: fc.constant(flows),
      time: column(Float64Array, instant, count),
      frame: column(Uint32Array, word, count),
      flow: column(Uint32Array, fc.nat(limit), count),
      ipLength: column(Uint32Array, word, count),
      payloadLength: column(Uint32Array, word, count),
      flags: column(Uint16Array, short, count),
      sequence: column(Uint32Array, word, count),
      acknowledgement: column(Uint32Array, word, count),
      marks: column(Uint8Array, byte, count),
      fragmentId: column(Uint32Array, word, count),
      quoted: column(Int32Array, fc.integer({ min: -1, max: limit }), count),
    });
  });

function column<T>(
  type: { from(values: readonly number[]): T },
  values: fc.Arbitrary<number>,
  length: number,
): fc.Arbitrary<T> {
  return fc.array(values, { minLength: length, maxLength: length }).map((numbers) => type.from(numbers));
}

type Side = { sequence: number; address: number; port: number };

/** Downloads over TCP, one after the other, each a handshake, segments with an acknowledgement for two, and a close. */
export function downloads(count: number, segments: number, random: Random): PacketBatch {
  const builder = new PacketBatchBuilder(count * (segments * 2 + 8));
  const packet = newPacket();
  packet.time = 1_700_000_000_000_000;
  const send = (from: Side, to: Side, flags: number, payloadLength = 0) => {
    packet.time += random.below(100);
    packet.frame++;
    packet.flow.words.set([0, 0, 0xffff, from.address, 0, 0, 0xffff, to.address]);
    Object.assign(packet.flow, { protocol: 6, sourcePort: from.port, destinationPort: to.port });
    const acknowledgement = (flags & tcpFlag.ack) === 0 ? 0 : to.sequence;
    Object.assign(packet, {
      flags,
      payloadLength,
      ipLength: 40 + payloadLength,
      sequence: from.sequence,
      acknowledgement,
    });
    builder.add(packet);
    from.sequence = (from.sequence + payloadLength + (flags & tcpFlag.fin) + ((flags & tcpFlag.syn) >> 1)) >>> 0;
  };
  for (let index = 0; index < count; index++) {
    const client = { sequence: random.below(2 ** 32), address: 0x0a000001, port: 32_768 + index };
    const server = { sequence: random.below(2 ** 32), address: 0x0a000002, port: 443 };
    send(client, server, tcpFlag.syn);
    send(server, client, tcpFlag.syn | tcpFlag.ack);
    send(client, server, tcpFlag.ack);
    send(client, server, tcpFlag.ack | tcpFlag.psh, 300);
    for (let segment = 0; segment < segments; segment++) {
      send(server, client, tcpFlag.ack, 1460);
      if (segment % 2 === 1) send(client, server, tcpFlag.ack);
    }
    send(server, client, tcpFlag.ack | tcpFlag.fin);
    send(client, server, tcpFlag.ack | tcpFlag.fin);
    send(server, client, tcpFlag.ack);
  }
  return builder.finish();
}

/** Packets in which nothing can be predicted, of `flowCount` flows. */
export function noise(count: number, flowCount: number, random: Random): PacketBatch {
  const any32 = () => random.below(2 ** 32);
  const filled = (length: number, value: () => number) => Array.from({ length }, value);
  return {
    count,
    flows: {
      count: flowCount,
      words: Uint32Array.from(filled(flowCount * 8, any32)),
      ports: Uint16Array.from(filled(flowCount * 2, any32)),
      protocols: Uint8Array.from(filled(flowCount, any32)),
      icmp: Uint16Array.from(filled(flowCount, any32)),
    },
    time: Float64Array.from(filled(count, () => random.below(2 ** 50))),
    frame: Uint32Array.from(filled(count, any32)),
    flow: Uint32Array.from(filled(count, () => random.below(flowCount * 2))),
    ipLength: Uint32Array.from(filled(count, any32)),
    payloadLength: Uint32Array.from(filled(count, any32)),
    flags: Uint16Array.from(filled(count, any32)),
    sequence: Uint32Array.from(filled(count, any32)),
    acknowledgement: Uint32Array.from(filled(count, any32)),
    marks: Uint8Array.from(filled(count, any32)),
    fragmentId: Uint32Array.from(filled(count, any32)),
    quoted: Int32Array.from(filled(count, () => random.below(flowCount * 2 + 1) - 1)),
  };
}
