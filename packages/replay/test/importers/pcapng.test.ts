import { describe, expect, it } from "vitest";
import { type ByteOrder, pcapngBlocks } from "../../../engine/test/support/capture-file.js";
import { arp, bytesOf, ethernet, ipv4, linuxSll2, payload, tcp, v4Ends } from "../../../engine/test/support/frames.js";
import { importerFor } from "../../src/importers/all-importers.js";
import { pcapng } from "../../src/importers/pcapng.js";
import { framesByPlace, packetLines, readCapture } from "../support/capture-reading.js";

const packet = ipv4(v4Ends, tcp());
const frame = ethernet(packet);
const flow = "6 192.0.2.1:50000 > 198.51.100.2:22";
const micros = 1_700_000_000_123_456n;
const time = "2023-11-14T22:13:20.123456Z";

const little = pcapngBlocks("little");
const oneInterface = bytesOf(little.section(), little.interface(1, 0));

describe.each<ByteOrder>(["little", "big"])("a %s-endian pcapng file", (order) => {
  const blocks = pcapngBlocks(order);

  it("is recognised, and its enhanced and obsolete packet blocks are read", async () => {
    const bytes = bytesOf(
      ...[blocks.section(), blocks.interface(1, 262_144), blocks.enhanced(0, micros, frame)],
      ...[blocks.obsolete(0, micros, frame)],
    );
    expect(importerFor(bytes)).toBe(pcapng);
    const read = await readCapture(pcapng, bytes);
    expect(packetLines(read)).toEqual([`1 ${time} ${flow}`, `2 ${time} ${flow}`]);
    expect([read.problems, read.notes]).toEqual([[], []]);
  });

  it("gives simple packet blocks the time of the packet before them, and says so", async () => {
    const bytes = bytesOf(
      ...[blocks.section(), blocks.interface(1, 60), blocks.simple(frame)],
      ...[blocks.enhanced(0, micros, frame), blocks.simple(frame), blocks.simple(frame, 4000)],
    );
    const read = await readCapture(pcapng, bytes);
    expect(packetLines(read)).toEqual([2, 3, 4].map((record) => `${record} ${time} ${flow}`));
    expect(read.notes).toEqual(["2 packets carry no time; each was given that of the packet before it in the file"]);
    expect(read.problems).toMatchObject([
      {
        record: 1,
        message:
          "left out 1 frame without a time, before any that has one; write the capture with enhanced packet blocks",
      },
    ]);
  });

  it("tells once, as last counted, how many packets an interface and the system dropped, and since when", async () => {
    const bytes = bytesOf(
      ...[blocks.section(), blocks.interface(1, 0), blocks.interface(1, 0), blocks.enhanced(0, micros, frame)],
      ...[blocks.statistics(0, micros + 5n, blocks.instant(2, micros - 7n), blocks.count(7, 3))],
      ...[blocks.statistics(0, micros + 9n, blocks.instant(2, micros - 7n), blocks.count(5, 2), blocks.count(7, 4))],
      ...[blocks.statistics(1, micros + 9n, blocks.count(4, 100), blocks.count(7, 0))],
      ...[blocks.section(), blocks.interface(1, 0), blocks.statistics(0, micros + 9n, blocks.count(7, 1))],
    );
    const [at, kind] = [Number(micros), "dropped"];
    expect((await readCapture(pcapng, bytes)).dropped).toEqual([
      { kind, place: "#0", span: [at - 7, at + 9], droppedBy: "interface", packets: 2 },
      { kind, place: "#0", span: [at - 7, at + 9], droppedBy: "system", packets: 4 },
      { kind, place: "#2", span: [at, at + 9], droppedBy: "system", packets: 1 },
    ]);
  });

  it("has interfaces with clocks of their own", async () => {
    const nanos = micros * 1000n + 999n;
    const resolutions: readonly (readonly [number, bigint])[] = [
      [9, nanos],
      [6, micros],
      [3, micros / 1000n],
      [0, micros / 1_000_000n],
      [10, nanos * 10n],
      [0x80 | 20, (micros * 2n ** 20n) / 1_000_000n + 1n],
      [0x80 | 10, (micros * 2n ** 10n) / 1_000_000n],
    ];
    const bytes = bytesOf(
      blocks.section(),
      ...resolutions.map(([resolution]) => blocks.interface(1, 0, blocks.resolution(resolution))),
      ...resolutions.map(([, units], index) => blocks.enhanced(index, units, frame)),
    );
    const times = packetLines(await readCapture(pcapng, bytes, { place: "nic-1" })).map((line) => line.split(" ")[1]);
    expect(times).toEqual([
      ...[time, time, "2023-11-14T22:13:20.123000Z", "2023-11-14T22:13:20.000000Z", time, time],
      "2023-11-14T22:13:20.123046Z",
    ]);
  });

  it("has interfaces whose times begin at an offset", async () => {
    const offsets = [1_700_000_000n, -100n];
    const bytes = bytesOf(
      blocks.section(),
      ...offsets.map((offset) => blocks.interface(1, 0, blocks.option(2, payload(5)), blocks.offset(offset))),
      ...[blocks.enhanced(0, 123_456n, frame), blocks.enhanced(1, micros + 100_000_000n, frame)],
    );
    const read = await readCapture(pcapng, bytes, { place: "nic-1" });
    expect(packetLines(read)).toEqual([`1 ${time} ${flow}`, `2 ${time} ${flow}`]);
  });
});

describe("the interfaces of a pcapng file", () => {
  const sections = bytesOf(
    ...[little.section(), little.interface(1, 0), little.interface(276, 0), little.interface(105, 0)],
    ...[little.enhanced(1, micros, linuxSll2(packet)), little.enhanced(0, micros, frame)],
    ...[little.enhanced(2, micros, frame), little.enhanced(1, micros, linuxSll2(packet))],
    ...[pcapngBlocks("big").section(), pcapngBlocks("big").interface(101, 0)],
    pcapngBlocks("big").enhanced(0, micros, packet),
  );

  it("are places numbered through the file, each with its link type, and frames through all packets", async () => {
    const read = await readCapture(pcapng, sections);
    expect(framesByPlace(read)).toEqual({ "#0": [2], "#1": [1, 4], "#3": [5] });
    expect(read.problems).toMatchObject([
      {
        record: 3,
        message: `left out interface \`#2\` with its only frame: link type \`105\` (802.11) is not supported; capture on Ethernet, raw IP or Linux \`any\``,
      },
    ]);
  });

  it("are one place where the user names it", async () => {
    expect(framesByPlace(await readCapture(pcapng, sections, { place: "nic-1" }))).toEqual({ "nic-1": [1, 2, 4, 5] });
  });

  it("have a number even where there is but one", async () => {
    const bytes = bytesOf(oneInterface, little.enhanced(0, micros, frame));
    expect(framesByPlace(await readCapture(pcapng, bytes))).toEqual({ "#0": [1] });
  });

  it("that no block describes are told", async () => {
    const bytes = bytesOf(oneInterface, little.enhanced(1, micros, frame), little.enhanced(0, micros, frame));
    const read = await readCapture(pcapng, bytes);
    expect(framesByPlace(read)).toEqual({ "#0": [2] });
    expect(read.problems).toMatchObject([
      {
        record: 1,
        message: "left out 1 frame of an interface that the file does not describe; copy or capture the file again",
      },
    ]);
  });

  it("are at most 4096 in a section", async () => {
    const bytes = bytesOf(little.section(), ...Array.from({ length: 4097 }, () => little.interface(1, 0)));
    const { problems } = await readCapture(pcapng, bytes);
    expect(problems[0]!.message).toMatch(/^a section describes more than 4096 interfaces/);
  });
});

describe("blocks of other kinds", () => {
  it("are stepped over, however long", async () => {
    const statistics = little.block(5, payload(20));
    const long = little.block(0x80000bad, payload(900_000));
    const bytes = bytesOf(oneInterface, statistics, long, little.enhanced(0, micros, frame), long, statistics);
    for (const chunkBytes of [1000, 65_536, 1 << 22]) {
      const read = await readCapture(pcapng, bytes, { chunkBytes });
      expect(packetLines(read)).toEqual([`1 ${time} ${flow}`]);
      expect(read.problems).toEqual([]);
    }
  });

  it("make a file without packets no problem", async () => {
    const { problems, notes } = await readCapture(pcapng, oneInterface);
    expect([problems, notes]).toEqual([[], ["the capture holds no packets"]]);
  });
});

describe("a damaged pcapng file", () => {
  const good = bytesOf(oneInterface, little.enhanced(0, micros, frame));
  const kept = "; the record before it was read";

  async function problemOf(rest: Uint8Array) {
    const read = await readCapture(pcapng, bytesOf(good, rest));
    expect(framesByPlace(read)).toEqual({ "#0": [1] });
    return read.problems;
  }

  it("keeps all before a block that is cut off", async () => {
    const message = `the file ends inside this record; copy it again if its source has the rest${kept}`;
    for (const block of [little.enhanced(0, micros, frame), little.block(5, payload(40))]) {
      for (let length = 1; length < block.length - 4; length++) {
        expect(await problemOf(block.subarray(0, length))).toMatchObject([{ record: 2, message }]);
      }
    }
  });

  it("is read up to a block whose lengths are absurd or differ", async () => {
    const changed = (block: Uint8Array, at: number, length: number) => {
      const result = block.slice();
      new DataView(result.buffer).setUint32(at, length, true);
      return result;
    };
    const block = little.enhanced(0, micros, frame);
    const again = "copy or capture the file again";
    const cases: readonly (readonly [Uint8Array, string])[] = [
      [changed(block, 4, 8), `a block claims 8 bytes, less than any has; ${again}${kept}`],
      [changed(block, 4, 2 ** 31), `a block claims 2147483648 bytes, more than any has; ${again}${kept}`],
      [changed(block, block.length - 4, 12), `a block's length differs before and behind it; ${again}${kept}`],
      [changed(little.block(5, payload(4)), 12, 12), `a block's length differs before and behind it; ${again}${kept}`],
      [changed(little.section(), 8, 1), `a section header has no byte order; ${again}${kept}`],
    ];
    for (const [rest, message] of cases) expect(await problemOf(rest)).toMatchObject([{ record: 2, message }]);
  });

  it("goes on behind a packet block that claims more than it holds", async () => {
    const lying = little.enhanced(0, micros, frame);
    new DataView(lying.buffer).setUint32(20, frame.length + 4, true);
    const read = await readCapture(pcapng, bytesOf(good, lying, little.block(6), little.enhanced(0, micros, frame)));
    expect(framesByPlace(read)).toEqual({ "#0": [1, 4] });
    expect(read.problems).toMatchObject([
      {
        record: 2,
        message:
          "left out 2 frames, the first of them here, in blocks too short for what they claim; copy or capture the file again",
      },
    ]);
  });

  it("has no packets with times that can't be kept", async () => {
    const problems = await problemOf(
      bytesOf(little.enhanced(0, 2n ** 64n - 1n, frame), little.enhanced(0, 2n ** 53n, frame)),
    );
    expect(problems).toMatchObject([
      {
        record: 2,
        message:
          "left out 2 frames, the first of them here, with times beyond the year 2243; check the time resolution of the file's interfaces",
      },
    ]);
  });
});

it("frames without IP are noted in pcapng as in pcap", async () => {
  const bytes = bytesOf(oneInterface, little.enhanced(0, micros, arp()));
  expect((await readCapture(pcapng, bytes)).notes).toEqual(["1 frame carries no IP: 1 ARP"]);
});
