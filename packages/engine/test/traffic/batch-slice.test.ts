import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodePacketBatch,
  encodeInParts,
  encodePacketBatch,
  maxBatchBytes,
  maxBatchPackets,
  type PacketBatch,
  slicePacketBatch,
} from "../../src/index.js";
import { anyBatch, downloads, noise } from "../support/batches.js";
import { Random } from "../support/random.js";

/** Each packet with its flow spelled out, so that batches with other dictionaries can be compared. */
function packetsOf(batch: PacketBatch): unknown[] {
  const { flows } = batch;
  const spelled = (directed: number) => {
    const flow = directed >> 1;
    const words = [...flows.words.subarray(flow * 8, flow * 8 + 8)];
    const ports = [...flows.ports.subarray(flow * 2, flow * 2 + 2)];
    return [directed & 1, words, ports, flows.protocols[flow], flows.icmp[flow]];
  };
  const { flow, quoted, count: _, flows: __, ...columns } = batch;
  return Array.from(flow, (directed, index) => [
    spelled(directed),
    quoted[index]! < 0 ? null : spelled(quoted[index]!),
    ...Object.values(columns).map((column) => column[index]),
  ]);
}

describe("a slice of a batch", () => {
  it("holds the same packets, and no flow that none of them names", () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(40), fc.nat(40), (batch, a, b) => {
        const [from, to] = [Math.min(a, b, batch.count), Math.min(Math.max(a, b), batch.count)];
        const slice = slicePacketBatch(batch, from, to);
        expect(packetsOf(slice)).toEqual(packetsOf(batch).slice(from, to));
        const named = new Set([...slice.flow, ...slice.quoted].filter((flow) => flow >= 0).map((flow) => flow >> 1));
        expect(named.size).toBe(slice.flows.count);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a batch encoded in parts", () => {
  it("is one part where its bytes are few enough", () => {
    const batch = downloads(20, 50, new Random(2));
    expect(encodeInParts(batch)).toEqual([{ batch, columns: encodePacketBatch(batch) }]);
  });

  it("has the same packets in parts of at most 512 KiB, even where nothing can be predicted", () => {
    const batch = noise(maxBatchPackets, 3000, new Random(2));
    const parts = encodeInParts(batch);
    expect(parts.length).toBeGreaterThan(1);
    for (const { batch: part, columns } of parts) {
      expect(columns.length).toBeLessThanOrEqual(maxBatchBytes);
      expect(decodePacketBatch(columns).count).toBe(part.count);
    }
    expect(parts.flatMap(({ batch: part }) => [...part.sequence])).toEqual([...batch.sequence]);
  });

  it("is not cut below one packet", () => {
    const parts = encodeInParts(noise(4, 2, new Random(2)), 10);
    expect(parts.map(({ batch }) => batch.count)).toEqual([1, 1, 1, 1]);
  });
});
