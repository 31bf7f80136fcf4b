import { describe, expect, it } from "vitest";
import { type CapturedFrame, captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import {
  arp,
  bytesOf,
  ethernet,
  ipv4,
  loopback,
  payload,
  tcp,
  udp,
  v4Ends,
} from "../../../engine/test/support/frames.js";
import { importerFor } from "../../src/importers/all-importers.js";
import { pcap } from "../../src/importers/pcap.js";
import { framesByPlace, packetLines, readCapture } from "../support/capture-reading.js";
import { contextOf } from "../support/importing.js";

const syn = ethernet(ipv4(v4Ends, tcp()));
const query = ethernet(ipv4(v4Ends, udp({ payload: payload(30) })));
const flow = "6 192.0.2.1:50000 > 198.51.100.2:22";

function synAt(fraction: number): CapturedFrame {
  return captured(syn, { fraction });
}

describe("a pcap file", () => {
  it.each([
    ["microseconds, little-endian", { magic: 0xa1b2c3d4, order: "little" }, 123_456],
    ["microseconds, big-endian", { magic: 0xa1b2c3d4, order: "big" }, 123_456],
    ["nanoseconds, little-endian", { magic: 0xa1b23c4d, order: "little" }, 123_456_999],
    ["nanoseconds, big-endian", { magic: 0xa1b23c4d, order: "big" }, 123_456_999],
    ["Kuznetzov's records", { magic: 0xa1b2cd34, order: "little", recordPadding: 8 }, 123_456],
  ] as const)("of %s is recognised and read", async (_, more, fraction) => {
    const bytes = pcapFile([synAt(fraction), synAt(fraction)], more);
    expect(importerFor(bytes)).toBe(pcap);
    expect(packetLines(await readCapture(pcap, bytes))).toEqual([
      `1 2023-11-14T22:13:20.123456Z ${flow}`,
      `2 2023-11-14T22:13:20.123456Z ${flow}`,
    ]);
  });

  it("may carry flags and the length of frame check sequences above its link type", async () => {
    expect(packetLines(await readCapture(pcap, pcapFile([synAt(0)], { linkType: 0x24000001 })))).toHaveLength(1);
  });

  it("has times up to the year 2106", async () => {
    const bytes = pcapFile([captured(syn, { seconds: 0xffffffff, fraction: 999_999 })]);
    expect(packetLines(await readCapture(pcap, bytes))).toEqual([`1 2106-02-07T06:28:15.999999Z ${flow}`]);
  });

  it("reads the same in chunks of any size", async () => {
    const bytes = pcapFile([synAt(1), captured(query), captured(arp()), synAt(2), captured(query)]);
    const whole = await readCapture(pcap, bytes);
    for (const chunkBytes of [1, 2, 7, 24, 40, 61, 1000]) {
      expect(await readCapture(pcap, bytes, { chunkBytes })).toEqual(whole);
    }
  });

  it("with a record longer than the window is read", async () => {
    const big = ethernet(ipv4(v4Ends, tcp({ payload: payload(700_000) }), { totalLength: 0 }));
    const { batches } = await readCapture(pcap, pcapFile([captured(big), synAt(0)]));
    expect([...batches[0]!.batch.payloadLength]).toEqual([700_000, 0]);
  });

  it("with more packets than a batch takes makes several, and tells its progress", async () => {
    const { batches, records } = await readCapture(pcap, many(150_000));
    expect(batches.map(({ batch }) => batch.count)).toEqual([...Array(9).fill(16_384), 2544]);
    expect(batches.map(({ batch }) => batch.frame[0])).toEqual(
      Array.from({ length: 10 }, (_, index) => 1 + index * 16_384),
    );
    expect(records.at(-1)).toBe(150_000);
    expect(records.length).toBeGreaterThanOrEqual(3);
  });

  it("without packets is told, and no problem", async () => {
    const { problems, notes, records } = await readCapture(pcap, pcapFile([]));
    expect([problems, notes, records]).toEqual([[], ["the capture holds no packets"], [0]]);
  });
});

describe("the place of a capture", () => {
  const bytes = pcapFile([synAt(1), synAt(2), synAt(3), synAt(4)]);

  it("is the source where the user names none", async () => {
    expect(framesByPlace(await readCapture(pcap, bytes))).toEqual({ "": [1, 2, 3, 4] });
    expect(framesByPlace(await readCapture(pcap, bytes, { place: "nic-1" }))).toEqual({ "nic-1": [1, 2, 3, 4] });
  });

  it("has each frame once: those stored already are left out, and no batch spans them", async () => {
    const asked: string[] = [];
    const isStored = (place: string, frame: number) => {
      asked.push(`${place} ${frame}`);
      return frame === 2 || frame === 3;
    };
    const read = await readCapture(pcap, bytes, { place: "nic-1", isStored });
    expect(read.batches.map(({ batch }) => [...batch.frame])).toEqual([[1], [4]]);
    expect(asked).toEqual(["nic-1 1", "nic-1 2", "nic-1 3", "nic-1 4"]);
    expect(read.records.at(-1)).toBe(4);
  });
});

describe("a damaged pcap file", () => {
  it("keeps all before a record that is cut off, wherever it was cut", async () => {
    const bytes = pcapFile([synAt(1), synAt(2), synAt(3)]);
    const last = 24 + 2 * (16 + syn.length);
    for (let length = last + 1; length < bytes.length; length++) {
      const read = await readCapture(pcap, bytes.subarray(0, length));
      expect(framesByPlace(read)).toEqual({ "": [1, 2] });
      const message =
        "the file ends inside this record; copy it again if its source has the rest; the 2 records before it were read";
      expect(read.problems).toMatchObject([{ record: 3, message }]);
    }
  });

  it("is read up to a record of absurd length, for which nothing is allocated", async () => {
    for (const length of [2 ** 31, 0xffffffff, 16_777_217]) {
      const bytes = bytesOf(pcapFile([synAt(1)]), pcapFile([synAt(2), synAt(3)]).subarray(24));
      new DataView(bytes.buffer).setUint32(24 + 16 + syn.length + 8, length, true);
      const read = await readCapture(pcap, bytes);
      expect(framesByPlace(read)).toEqual({ "": [1] });
      const message = `a record claims ${length} bytes, more than any capture takes; the file is damaged here, copy or capture it again; the record before it was read`;
      expect(read.problems).toMatchObject([{ record: 2, message }]);
    }
  });

  it("that ends inside its header is told", async () => {
    for (let length = 4; length < 24; length++) {
      const { problems } = await readCapture(pcap, pcapFile([]).subarray(0, length));
      expect(problems).toMatchObject([
        { record: null, message: "the file ends inside its pcap header; copy it again" },
      ]);
    }
  });
});

describe("frames without a packet", () => {
  it("are counted by kind where they carry no IP", async () => {
    const lldp = bytesOf(payload(12), 0x88, 0xcc, payload(40));
    const bytes = pcapFile([captured(arp()), captured(lldp), synAt(0), captured(arp())]);
    const { notes, problems, records } = await readCapture(pcap, bytes);
    expect([notes, problems, records.at(-1)]).toEqual([["3 frames carry no IP: 2 ARP, 1 LLDP"], [], 4]);
  });

  it("are named by address family on a loopback", async () => {
    const bytes = pcapFile([captured(loopback(7, payload(20), "big"))], { linkType: 108 });
    expect((await readCapture(pcap, bytes)).notes).toEqual(["1 frame carries no IP: 1 address family 7"]);
  });

  it("are told once for each reason, with the first record and the count", async () => {
    const short = captured(syn.subarray(0, 20), { originalLength: syn.length });
    const lying = captured(syn.subarray(0, 40));
    const { problems } = await readCapture(pcap, pcapFile([synAt(0), lying, short, short, synAt(0), lying, short]));
    expect(problems).toMatchObject([
      {
        record: 2,
        message:
          "left out 2 frames, the first of them here, with headers that contradict the frame's length; compare with another capture of the same traffic",
      },
      {
        record: 3,
        message:
          "left out 3 frames, the first of them here, cut off by the capture inside the headers; capture with a larger snapshot length",
      },
    ]);
  });

  it("of a link type that is not supported are told once", async () => {
    const { problems, batches, records } = await readCapture(pcap, pcapFile([synAt(0), synAt(0)], { linkType: 105 }));
    const message = `left out the capture with its 2 frames: link type \`105\` (802.11) is not supported; capture on Ethernet, raw IP or Linux \`any\``;
    expect([problems, batches, records]).toEqual([[{ kind: "unsupported", record: 1, message }], [], [2]]);
  });
});

it("reading that is given up lets go of the content", async () => {
  let closed = false;
  async function* content() {
    try {
      for (;;) yield many(70_000);
    } finally {
      closed = true;
    }
  }
  const context = contextOf();
  for await (const item of pcap.read({ name: "test", head: new Uint8Array(0), content }, context)) {
    if (item.kind === "packets") break;
  }
  expect(closed).toBe(true);
});

/** The same frame again and again. */
function many(count: number): Uint8Array {
  const one = pcapFile([synAt(0)]);
  const record = one.subarray(24);
  const bytes = new Uint8Array(24 + count * record.length);
  bytes.set(one.subarray(0, 24));
  for (let index = 0; index < count; index++) bytes.set(record, 24 + index * record.length);
  return bytes;
}
