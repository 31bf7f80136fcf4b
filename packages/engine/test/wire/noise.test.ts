import { describe, expect, it } from "vitest";
import { decodeFrame, decodeOutcome, linkType, newFrame, newPacket, PacketBatchBuilder } from "../../src/index.js";
import {
  bytesOf,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  linuxSll2,
  payload,
  tcp,
  u32,
  udp,
  v4Ends,
  v6Ends,
} from "../support/frames.js";
import { Random } from "../support/random.js";

const quote = ipv4(v4Ends, tcp({ payload: payload(8) }));
const seeds: readonly Uint8Array[] = [
  ethernet(ipv4(v4Ends, tcp({ payload: payload(40), options: payload(12) })), [[0x8100, 1]]),
  ethernet(ipv4(v4Ends, udp({ payload: payload(40) }), { options: payload(8) })),
  ethernet(ipv4(v4Ends, icmp(3, 1, bytesOf(u32(0), quote)))),
  ethernet(ipv6(v6Ends, tcp(), { extensions: [hopByHop(28), destinationOptions()], payloadLength: 0 })),
  ethernet(ipv6(v6Ends, udp({ payload: payload(9) }), { extensions: [fragment(5, 0, true)] })),
  linuxSll2(ipv6(v6Ends, icmp6(1, 4, bytesOf(u32(0), ipv6(v6Ends, udp()))))),
];

const outcomes: ReadonlySet<number> = new Set(Object.values(decodeOutcome));

describe("any bytes at all", () => {
  it("are decoded or refused, and what is decoded fits into a batch", () => {
    const random = new Random(20_261_121);
    const [frame, packet] = [newFrame(), newPacket()];
    for (let run = 0; run < 200_000; run++) {
      const bytes = mutated(random, random.pick(seeds));
      const end = random.below(bytes.length + 1);
      const originalLength = end + (random.chance(0.5) ? 0 : random.below(5000));
      Object.assign(frame, { bytes, start: 0, end, originalLength, linkType: random.pick(Object.values(linkType)) });
      const outcome = decodeFrame(frame, packet);
      if (!outcomes.has(outcome)) throw new Error(`run ${run}: outcome ${outcome}`);
      if (outcome === decodeOutcome.packet) checkPacket(run, originalLength);
    }

    function checkPacket(run: number, wireLength: number): void {
      const { ipLength, payloadLength, flow } = packet;
      const numbers = [ipLength, payloadLength, packet.flags, packet.sequence, flow.sourcePort, flow.icmp];
      const whole = numbers.every((number) => Number.isInteger(number) && number >= 0);
      if (!whole || ipLength > wireLength || payloadLength > ipLength) throw new Error(`run ${run}: ${numbers}`);
    }
  });

  it("make the same packet wherever they lie", () => {
    const random = new Random(7);
    for (let run = 0; run < 2000; run++) {
      const bytes = mutated(random, random.pick(seeds));
      const placed = new Uint8Array(bytes.length + 40).fill(random.below(256));
      const start = random.below(33);
      placed.set(bytes, start);
      expect(batchOf(placed, start, start + bytes.length)).toEqual(batchOf(bytes, 0, bytes.length));
    }
  });
});

function batchOf(bytes: Uint8Array, start: number, end: number) {
  const [frame, packet, builder] = [newFrame(), newPacket(), new PacketBatchBuilder(1)];
  Object.assign(frame, { bytes, start, end, originalLength: end - start, linkType: linkType.ethernet });
  const outcome = decodeFrame(frame, packet);
  if (outcome === decodeOutcome.packet) builder.add(packet);
  return { outcome, batch: builder.finish() };
}

function mutated(random: Random, seed: Uint8Array): Uint8Array {
  const bytes = seed.slice();
  const changes = random.below(4);
  for (let change = 0; change < changes; change++) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}
