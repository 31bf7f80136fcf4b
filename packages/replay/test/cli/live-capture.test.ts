import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captured, pcapFile, pcapngBlocks } from "../../../engine/test/support/capture-file.js";
import { bytesOf, ethernet, ipv4, tcp, v4Ends } from "../../../engine/test/support/frames.js";
import { conntrail, json, ndjson, newCase, temporaryDirectory, verified } from "../support/conntrail.js";
import { LiveImport, storedFrames } from "../support/live-import.js";

const syn = ethernet(ipv4(v4Ends, tcp()));
const whole = pcapFile(Array.from({ length: 12 }, (_, index) => captured(syn, { seconds: 1_700_000_000 + index })));
const recordBytes = 16 + syn.length;

/** The file up to behind so many records, and so many bytes more. */
const upTo = (records: number, more = 0) => whole.subarray(0, 24 + records * recordBytes + more);
const between = (from: number, to: number) => upTo(to).subarray(upTo(from).length);
const frames = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryDirectory(), "tee.pcap");
  writeFileSync(path, bytes);
  return path;
}

type Report = { files: { added: number; known: number; problemCount: number; notes: string[] }[] };

function imported(directory: string, bytes: Uint8Array): Report["files"][number] {
  return json<Report>(conntrail(["import", fileOf(bytes), "--case", directory, "-o", "json"])).files[0]!;
}

type ImportRecord = { type: string; source: { sha256: string }; data: { sha256?: string; records: number } };

function importRecords(directory: string): ImportRecord[] {
  const events = ndjson<ImportRecord>(conntrail(["log", "--case", directory, "-o", "ndjson"]));
  return events.filter(({ type }) => type.startsWith("import-"));
}

describe("a capture on standard input", () => {
  test("is in the log while it goes on, and questions are answered of what there is", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(3));
    await live.holds(frames(3));
    const flows = json<{ packets_forward: number }[]>(conntrail(["flows", "--case", live.directory, "-o", "json"]));
    expect(flows.map(({ packets_forward }) => packets_forward)).toEqual([3]);
    live.write(between(3, 7));
    await live.holds(frames(7));
    const ran = await live.end();
    expect(ran.code).toBe(0);
    expect(verified(live.directory)).toMatchObject({ intact: true });
  });

  test("is named by header and first record, and its whole hash follows", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(2));
    await live.holds(frames(2));
    live.write(between(2, 5));
    await live.end();
    const [started, finished] = importRecords(live.directory);
    expect(started!.source.sha256).toBe(sha256(upTo(1)));
    expect(finished).toMatchObject({ source: started!.source, data: { sha256: sha256(upTo(5)), records: 5 } });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it, and all that came is kept", async (signal) => {
    const live = new LiveImport(newCase());
    live.write(upTo(2));
    await live.holds(frames(2));
    live.write(between(2, 6));
    live.write(whole.subarray(upTo(6).length, upTo(6).length + 20));
    const ran = await live.signal(signal);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain("note: it was stopped inside a record");
    expect(storedFrames(live.directory)).toEqual(frames(6));
    expect(importRecords(live.directory).map(({ type }) => type)).toEqual(["import-started", "import-finished"]);
    expect(verified(live.directory)).toMatchObject({ intact: true });
  });

  test("whose writer ends inside a record has a problem, and all records before it", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(3, 20));
    const ran = await live.end();
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("record 4: the file ends inside this record");
    expect(storedFrames(live.directory)).toEqual(frames(3));
  });

  test("may be gzip, or pcapng with several interfaces", async () => {
    const packed = new LiveImport(newCase());
    packed.write(gzipSync(upTo(4)));
    expect((await packed.end()).code).toBe(0);
    expect(storedFrames(packed.directory)).toEqual(frames(4));
    const { section, interface: one, enhanced } = pcapngBlocks("little");
    const head = bytesOf(section(), one(1, 0), one(1, 0));
    const block = (of: number, time: bigint) => enhanced(of, 1_700_000_000_000_000n + time, syn);
    const live = new LiveImport(newCase());
    live.write(bytesOf(head, block(0, 1n), block(1, 2n)));
    await live.holds([1, 2]);
    live.write(block(1, 3n));
    expect((await live.signal("SIGINT")).code).toBe(0);
    expect(storedFrames(live.directory)).toEqual([1, 2, 3]);
  });
});

describe("a capture that came on standard input is the same in a file", () => {
  test("after it was finished: nothing is added", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(4));
    await live.holds(frames(4));
    live.write(between(4, 9));
    await live.end();
    const { viewsDigest } = verified(live.directory);
    expect(imported(live.directory, upTo(9))).toMatchObject({ added: 0, known: 9 });
    expect(verified(live.directory)).toMatchObject({ viewsDigest, rebuiltDigest: viewsDigest });
  });

  test("after kill -9: what was acknowledged is there, and the rest is added", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(5));
    await live.holds(frames(5));
    live.write(between(5, 8));
    await live.signal("SIGKILL");
    expect(storedFrames(live.directory).slice(0, 5)).toEqual(frames(5));
    expect(imported(live.directory, whole).problemCount).toBe(0);
    expect(storedFrames(live.directory)).toEqual(frames(12));
    const finished = importRecords(live.directory).at(-1)!;
    expect(finished).toMatchObject({ source: { sha256: sha256(upTo(1)) }, data: { sha256: sha256(whole) } });
    expect(imported(live.directory, whole)).toMatchObject({ added: 0, known: 12 });
  });

  test("and on standard input once more", async () => {
    const directory = newCase();
    for (const expected of [upTo(6), upTo(6), whole]) {
      const again = new LiveImport(directory);
      again.write(expected);
      expect((await again.end()).code).toBe(0);
    }
    expect(storedFrames(directory)).toEqual(frames(12));
  });

  test("whichever of the two came first", async () => {
    const directory = newCase();
    expect(imported(directory, whole)).toMatchObject({ added: 12 });
    const live = new LiveImport(directory);
    live.write(whole);
    expect((await live.end()).code).toBe(0);
    expect(storedFrames(directory)).toEqual(frames(12));
  });

  test("another one that begins alike is not taken for it", async () => {
    const live = new LiveImport(newCase());
    live.write(upTo(4));
    await live.end();
    const other = bytesOf(upTo(1), between(2, 6));
    expect(imported(live.directory, other)).toMatchObject({ added: 5, known: 0 });
  });
});

test("evidence that is no capture is read from standard input whole", () => {
  const directory = newCase();
  const ran = conntrail(["import", "-", "--case", directory, "--taken-at", "2026-03-18T12:00:00Z"], {
    input: '{"changeNumber": 1, "cloud": "Public", "values": []}',
  });
  expect(ran.err).not.toContain("our fault");
  expect(conntrail(["import", "-", "-", "--case", directory], { input: "" }).code).toBe(2);
});
