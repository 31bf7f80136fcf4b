import { describe, expect, it } from "vitest";
import { captured, pcapFile, pcapngBlocks } from "../../../engine/test/support/capture-file.js";
import {
  arp,
  bytesOf,
  ethernet,
  ipv4,
  ipv6,
  payload,
  tcp,
  udp,
  v4Ends,
  v6Ends,
} from "../../../engine/test/support/frames.js";
import { Random } from "../../../engine/test/support/random.js";
import { pcap } from "../../src/importers/pcap.js";
import { pcapng } from "../../src/importers/pcapng.js";
import { readCapture } from "../support/capture-reading.js";

const frames = [
  ethernet(ipv4(v4Ends, tcp({ payload: payload(20) }))),
  ethernet(ipv6(v6Ends, udp({ payload: payload(20) }))),
  arp(),
];
const blocks = pcapngBlocks("little");
const seeds = [
  { importer: pcap, bytes: pcapFile(frames.map((frame) => captured(frame))), headerBytes: 4 },
  {
    importer: pcapng,
    bytes: bytesOf(
      ...[blocks.section(), blocks.interface(1, 0, blocks.resolution(9)), blocks.enhanced(0, 1n << 60n, frames[0]!)],
      ...[blocks.block(5, payload(12)), blocks.simple(frames[1]!), blocks.obsolete(0, 1n << 60n, frames[2]!)],
      ...[pcapngBlocks("big").section(), pcapngBlocks("big").interface(1, 0)],
      pcapngBlocks("big").enhanced(0, 1n << 50n, frames[0]!),
    ),
    headerBytes: 12,
  },
];

/** The shortest record of either format. */
const minRecordBytes = 12;

describe.each(seeds)("a damaged $importer.format file", ({ importer, bytes, headerBytes }) => {
  it("is read to its end or to where it can't be, and no more packets come out than it has records", async () => {
    const random = new Random(20_261_121);
    for (let run = 0; run < 1500; run++) {
      const damaged = bytes.slice(0, random.chance(0.7) ? bytes.length : headerBytes + random.below(bytes.length));
      const changes = 1 + random.below(4);
      for (let change = 0; change < changes; change++) {
        damaged[headerBytes + random.below(damaged.length)] = random.pick([0, 1, 255, random.below(256)]);
      }
      const read = await readCapture(importer, damaged, { chunkBytes: 1 + random.below(200) });
      const records = read.records.at(-1) ?? 0;
      const packets = read.batches.reduce((sum, { batch }) => sum + batch.count, 0);
      expect([run, packets <= records, records <= damaged.length / minRecordBytes]).toEqual([run, true, true]);
    }
  });
});
