import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import { arp, bytesOf, ethernet, ipv4, tcp, udp, v4Ends } from "../../../engine/test/support/frames.js";
import { conntrail, json, newCase, temporaryDirectory, verified } from "../support/conntrail.js";

/** Several batches of two hours, and large enough to be read in threads; `broken` ends it inside a record. */
function largeCapture(broken: boolean): Uint8Array {
  const frames = Array.from({ length: 2000 }, (_, index) => {
    const ports = { sourcePort: 1024 + index, destinationPort: 443 };
    const frame = index % 50 === 0 ? arp() : ethernet(ipv4(v4Ends, index % 3 === 0 ? udp(ports) : tcp(ports)));
    return captured(frame, { seconds: 1_700_003_000 + index, fraction: index });
  });
  const part = pcapFile(frames);
  const records = Array.from({ length: 80 }, () => part.subarray(24));
  return bytesOf(part, ...records, part.subarray(24, broken ? 50 : 24));
}

type Report = {
  files: [{ added: number; known: number; records: number; problems: { record: number; kind: string }[] }];
};

function imported(directory: string, bytes: Uint8Array): Report["files"][0] {
  const path = join(temporaryDirectory(), "large");
  writeFileSync(path, bytes);
  return json<Report>(conntrail(["import", path, "--case", directory, "-o", "json"])).files[0];
}

test.each([false, true])("a large capture gives the same events in threads as in one (cut off: %s)", (broken) => {
  const content = largeCapture(broken);
  const [inThreads, inOne] = [newCase(), newCase()];
  const report = imported(inThreads, content);
  expect(report).toMatchObject({ added: 162_000 - 81 * 40, records: 162_000 });
  expect(report.problems.map(({ record }) => record)).toEqual(broken ? [162_001] : []);
  expect(imported(inOne, gzipSync(content, { level: 1 }))).toEqual({ ...report, name: expect.anything() });
  const { viewsDigest } = verified(inOne);
  expect(verified(inThreads)).toMatchObject({ intact: true, viewsDigest });
  expect(imported(inOne, content)).toMatchObject({ added: 0 });
  expect(verified(inOne).viewsDigest).toBe(viewsDigest);
});

/** Some are the same reports, some are of other interfaces, and one is none. */
function largeFlowLog(): Uint8Array {
  const line = (index: number) =>
    `2 123456789010 eni-${index % 90} 10.0.0.${index % 250} 10.0.1.4 ${1024 + (index % 900)} 443 6 ${index % 7} 4249 1700000010 1700000070 ACCEPT OK\n`;
  return Buffer.from(`${Array.from({ length: 90_000 }, (_, index) => line(index)).join("")}2 123456789010 eni-1\n`);
}

test("a large flow log gives the same events in a thread of its own as in one for all", () => {
  const content = largeFlowLog();
  const [inThreads, inOne] = [newCase(), newCase()];
  const report = imported(inThreads, content);
  expect(report).toMatchObject({ added: 90_000, records: 90_001, problems: [{ record: 90_001 }] });
  expect(imported(inOne, gzipSync(content, { level: 1 }))).toEqual({ ...report, name: expect.anything() });
  const { viewsDigest } = verified(inOne);
  expect(verified(inThreads)).toMatchObject({ intact: true, viewsDigest });
  expect(imported(inThreads, content)).toMatchObject({ added: 0 });
});

test("a large flow log that is packed is read in threads as well, up to where it is broken", () => {
  const packed = gzipSync(largeFlowLog(), { level: 0 });
  const [whole, cut] = [newCase(), newCase()];
  expect(imported(whole, packed)).toMatchObject({ added: 90_000, problems: [{ record: 90_001 }] });
  const { added, problems } = imported(cut, packed.subarray(0, packed.length - 1_000_000));
  expect(added).toBeGreaterThan(70_000);
  expect(problems.map(({ kind }) => kind)).toContain("unreadable");
  // its lines come again every 31,500, so that the rest says nothing new
  expect(imported(cut, packed)).toMatchObject({ added: 0, known: 90_000 });
  expect(verified(cut).viewsDigest).toBe(verified(whole).viewsDigest);
});
