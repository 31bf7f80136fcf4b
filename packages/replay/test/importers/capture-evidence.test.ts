// Captures that nobody on the project made. Expected are what tshark 4.0 says of them.

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodePacketBatch, encodePacketBatch, packetMark } from "@conntrail/engine";
import { describe, expect, it } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import { framesByPlace, packetLines, type ReadCapture, readCapture, sha256 } from "../support/capture-reading.js";
import { contextOf } from "../support/importing.js";

const folder = fileURLToPath(new URL("../../../../../shared/evidence/pcap/", import.meta.url));
const present = existsSync(folder);
if (!present) console.log(`skipped: no real captures, since there is no folder ${folder}`);

type Expected = {
  readonly file: string;
  readonly records: number;
  readonly packets: number;
  readonly notes?: readonly string[];
  /** Packets by protocol. */
  readonly protocols: Readonly<Record<number, number>>;
  /** Packets by mark, those with none left out. */
  readonly marks?: Partial<Record<keyof typeof packetMark, number>>;
  readonly first: string;
  readonly last: string;
};

const captures: readonly Expected[] = [
  {
    file: "many-protocols.pcap",
    records: 4709,
    packets: 4699,
    notes: ["10 frames carry no IP: 6 LLC, 4 ARP"],
    protocols: { 1: 109, 6: 4321, 17: 269 },
    marks: { zeroWindow: 11 },
    first: "1 2010-06-29T19:41:35.135052Z 1 10.118.10.1 > 10.118.10.2",
    last: "4709 2015-01-03T13:05:30.099620Z 6 54.231.140.80:80 > 10.0.0.1:55224",
  },
  {
    file: "VlanPackets.pcap",
    records: 26,
    packets: 20,
    notes: ["6 frames carry no IP: 6 LLC"],
    protocols: { 1: 20 },
    first: "1 2010-06-29T19:41:35.135052Z 1 10.118.10.1 > 10.118.10.2",
    last: "20 2010-06-29T19:41:43.715133Z 1 10.209.20.4 > 10.209.20.3",
  },
  {
    file: "ip4_fragments.pcap",
    records: 53,
    packets: 53,
    protocols: { 17: 53 },
    marks: { firstFragment: 9, laterFragment: 41 },
    first: "1 2008-06-27T00:58:40.099921Z 17 10.118.213.212:789 > 10.118.213.211:2049",
    last: "53 2008-06-27T00:58:40.101918Z 17 10.118.213.212 > 10.118.213.211",
  },
  {
    file: "ip6_fragments.pcap",
    records: 36,
    packets: 36,
    protocols: { 17: 36 },
    marks: { firstFragment: 4, laterFragment: 32 },
    first: "1 2009-11-13T21:38:13.936423Z 17 fe80::21f:f3ff:fecd:f617:5353 > ff02::fb:5353",
    last: "36 2009-11-14T11:04:42.542149Z 17 fe80::2c23:b96c:78d:e116 > ff02::c",
  },
  {
    file: "raw_ip.pcap",
    records: 100,
    packets: 100,
    protocols: { 6: 92, 17: 8 },
    marks: { badChecksum: 46, badHeader: 46 },
    first: "1 2006-05-13T20:23:15.526632Z 6 2001:618:400::5199:cc70:35995 > 2001:618:1:8000::5:80",
    last: "100 2017-03-07T00:54:37.767141Z 6 10.0.0.1:55470 > 23.221.143.117:80",
  },
  {
    file: "sll.pcap",
    records: 518,
    packets: 511,
    notes: ["7 frames carry no IP: 7 ARP"],
    protocols: { 6: 483, 17: 28 },
    marks: { badChecksum: 174 },
    first: "1 2016-06-14T21:17:47.790511Z 17 10.0.0.138:520 > 10.0.0.255:520",
    last: "518 2016-06-14T21:18:38.808423Z 17 10.0.0.5:137 > 10.0.0.255:137",
  },
  {
    file: "null_loopback.pcap",
    records: 3,
    packets: 3,
    protocols: { 6: 1, 17: 2 },
    marks: { badChecksum: 1 },
    first: "1 2013-02-14T15:07:37.375051Z 6 ::1:49888 > ::1:81",
    last: "3 2014-10-11T19:35:23.956615Z 17 10.0.0.138:53 > 10.0.0.1:58125",
  },
  {
    file: "one_tcp_rst.pcap",
    records: 2,
    packets: 2,
    protocols: { 6: 2 },
    marks: { zeroWindow: 1, badChecksum: 1 },
    first: "1 2022-09-22T00:45:54.585086Z 6 10.1.1.13:45264 > 10.1.1.6:20000",
    last: "2 2022-09-22T00:45:54.585435Z 6 10.1.1.6:20000 > 10.1.1.13:45264",
  },
  {
    file: "one_tcp_stream_max_seq.pcap",
    records: 36,
    packets: 36,
    protocols: { 6: 36 },
    first: "1 2017-04-06T22:06:23.915793Z 6 10.0.0.1:61541 > 81.218.72.15:80",
    last: "36 2017-04-06T22:06:39.576249Z 6 10.0.0.1:61541 > 81.218.72.15:80",
  },
];

describe.runIf(present)("real evidence", () => {
  it.each(captures)("$file has the packets that tshark finds", async (expected) => {
    const read = await readEvidence(expected.file);
    const lines = packetLines(read);
    expect([read.records.at(-1), lines.length, read.notes, read.problems]).toEqual([
      ...[expected.records, expected.packets, expected.notes ?? [], []],
    ]);
    expect([lines[0], lines.at(-1)]).toEqual([expected.first, expected.last]);
    expect(countBy(lines, (line) => line.split(" ")[2]!)).toEqual(expected.protocols);
    expect(countMarks(read)).toEqual(expected.marks ?? {});
  });

  it("many_interfaces-1.pcapng has interfaces of two link types", async () => {
    const read = await readEvidence("many_interfaces-1.pcapng");
    const frames = framesByPlace(read);
    expect([read.records.at(-1), read.problems]).toEqual([64, []]);
    expect(Object.entries(frames).map(([place, of]) => [place, of.length])).toEqual([
      ["#0", 62],
      ["#10", 2],
    ]);
    expect(packetLines(read)[0]).toBe("1 2015-08-16T19:35:25.701607Z 17 192.168.1.139:17500 > 255.255.255.255:17500");
  });

  it("takes at most twelve bytes a packet in the log, and comes back exactly", async () => {
    for (const { file } of captures) {
      for (const { batch } of (await readEvidence(file)).batches) {
        const bytes = encodePacketBatch(batch);
        expect(decodePacketBatch(bytes)).toEqual(batch);
        if (batch.count > 30) expect(bytes.length / batch.count).toBeLessThan(12);
      }
    }
  });

  it("is read from a file as from memory", async () => {
    const read = await readEvidence("many-protocols.pcap");
    const path = `${folder}many-protocols.pcap`;
    const importer = importerFor(readFileSync(path))!;
    const context = contextOf({ sha256 });
    const content = () => createReadStream(path, { highWaterMark: 10_007 });
    for await (const item of importer.read({ name: path, head: new Uint8Array(0), content }, context)) {
      if (item.kind === "packets") expect(item.batch).toEqual(read.batches[0]!.batch);
    }
  });
});

async function readEvidence(file: string): Promise<ReadCapture> {
  const content = readFileSync(folder + file);
  return readCapture(importerFor(content)!, content);
}

function countMarks({ batches }: ReadCapture): Record<string, number> {
  const marks = batches.flatMap(({ batch }) => [...batch.marks]);
  const set = Object.entries(packetMark).flatMap(([name, bit]) => marks.filter((of) => of & bit).map(() => name));
  return countBy(set, (name) => name);
}

function countBy(items: readonly string[], key: (item: string) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
