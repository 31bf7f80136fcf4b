import { describe, expect, it } from "vitest";
import { type Micros, newPacket, PacketBatchBuilder } from "../../src/index.js";
import { packetAt, type TrafficBatch, TrafficMerge } from "../../src/traffic/merge.js";
import { Random } from "../support/random.js";

/** Times within a few microseconds, so that many are equal, and some of them descending. */
function batchesOf(random: Random, count: number): TrafficBatch[] {
  const batches = Array.from({ length: count }, (_, position) => {
    const builder = new PacketBatchBuilder(64);
    const start = random.below(40);
    const packet = newPacket();
    for (let frame = 1; frame <= 1 + random.below(64); frame++) {
      packet.time = (start + Math.floor(frame / 3) - random.below(3)) as Micros;
      packet.frame = position * 100 + frame;
      builder.add(packet);
    }
    const batch = builder.finish();
    const firstTime = Math.min(...batch.time) as Micros;
    return { place: "somewhere", sha256: String(position % 3), position, firstTime, batch };
  });
  return batches.sort((a, b) => a.firstTime - b.firstTime);
}

type Seen = { readonly time: number; readonly sha256: string; readonly frame: number };

function byFold(a: Seen, b: Seen): number {
  return a.time - b.time || a.sha256.localeCompare(b.sha256) || a.frame - b.frame;
}

describe("merging batches", () => {
  it("hands on every packet once, in the order of time, source and frame, however many at a time", () => {
    const random = new Random(5);
    for (let world = 0; world < 300; world++) {
      const batches = batchesOf(random, 1 + random.below(6));
      const most = random.chance(0.5) ? Number.POSITIVE_INFINITY : 1 + random.below(9);
      const seen: Seen[] = [];
      const merge = new TrafficMerge<TrafficBatch>(({ batch, sha256 }, run) => {
        for (let place = run.from; place < run.to; place++) {
          const index = packetAt(run, place);
          seen.push({ time: batch.time[index]!, sha256, frame: batch.frame[index]! });
        }
      });
      for (const traffic of batches) {
        while (!merge.drainBefore(traffic.firstTime, most));
        merge.push(traffic);
      }
      while (!merge.drainBefore(Number.POSITIVE_INFINITY, most));
      const all = batches.flatMap(({ batch, sha256 }) =>
        [...batch.time].map((time, index) => ({ time, sha256, frame: batch.frame[index]! })),
      );
      expect(seen).toEqual(all.sort(byFold));
    }
  });

  it("hands on no packet at or after the limit", () => {
    const [traffic] = batchesOf(new Random(1), 1);
    const limit = traffic!.firstTime + 5;
    const times: number[] = [];
    const merge = new TrafficMerge<TrafficBatch>(({ batch }, run) => {
      for (let place = run.from; place < run.to; place++) times.push(batch.time[packetAt(run, place)]!);
    });
    merge.push(traffic!);
    expect(merge.drainBefore(limit)).toBe(true);
    expect(times).toEqual([...traffic!.batch.time].filter((time) => time < limit).sort((a, b) => a - b));
  });
});
