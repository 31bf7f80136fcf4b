import { copyFileSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captureOf } from "../../../../bench/capture.mjs";
import { changeRecords, fileOf, tagFiles } from "../support/changing-evidence.js";
import {
  conntrail,
  evidenceIds,
  exampleEvidence,
  exampleTakenAt,
  importExample,
  json,
  killed,
  newCase,
  temporaryDirectory,
  verified,
} from "../support/conntrail.js";

const files = readdirSync(exampleEvidence)
  .sort()
  .map((name) => join(exampleEvidence, name));

const reference = newCase();
importExample(reference);
const expected = verified(reference).viewsDigest;

function rotations<T>(list: readonly T[]): T[][] {
  return list.map((_, index) => [...list.slice(index), ...list.slice(0, index)]);
}

describe("the same evidence gives equal views", () => {
  test.each(
    [...rotations(files), [...files].reverse()].map((order) => [
      order.map((file) => file.split("/").at(-1)).join(", "),
      order,
    ]),
  )("in the order %s, one command a file", (_, order) => {
    const directory = newCase();
    for (const file of order as string[]) expect(importExample(directory, [file]).code).toBe(0);
    expect(verified(directory)).toMatchObject({ intact: true, viewsDigest: expected, rebuiltDigest: expected });
  });

  test("twice, and then it adds no evidence", () => {
    const directory = newCase();
    importExample(directory);
    const before = evidenceIds(directory);
    expect(importExample(directory).code).toBe(0);
    expect(evidenceIds(directory)).toEqual(before);
    expect(verified(directory).viewsDigest).toBe(expected);
  });

  test("from gzip, from standard input, and under other names", () => {
    const directory = newCase();
    const packed = join(temporaryDirectory(), "x.bin");
    writeFileSync(packed, gzipSync(readFileSync(join(exampleEvidence, "capture.pcap"))));
    importExample(directory, [packed]);
    const log = readFileSync(join(exampleEvidence, "activity-log.jsonl"));
    expect(conntrail(["import", "-", "--case", directory], { input: log }).code).toBe(0);
    importExample(directory, [exampleEvidence]);
    expect(verified(directory).viewsDigest).toBe(expected);
  });

  test("with the Activity Log split over two files in the middle of an operation", () => {
    const lines = readFileSync(join(exampleEvidence, "activity-log.jsonl"), "utf8").trim().split("\n");
    for (let cut = 1; cut < lines.length; cut += 3) {
      const parts = [lines.slice(cut), lines.slice(0, cut + 1)].map((part) => {
        const path = join(temporaryDirectory(), "part.jsonl");
        writeFileSync(path, part.join("\r\n"));
        return path;
      });
      const directory = newCase();
      importExample(directory, [...parts, ...files.filter((file) => !file.endsWith(".jsonl"))]);
      expect(verified(directory).viewsDigest).toBe(expected);
    }
  });

  test("after kill -9 at any moment of an import, and the same import again", async () => {
    const large = join(temporaryDirectory(), "large.pcap");
    writeFileSync(large, captureOf({ seed: 7, packets: 400_000 }));
    const import_ = (directory: string) => [exampleEvidence, large, "--case", directory, "--taken-at", exampleTakenAt];
    const [undisturbed, directory] = [newCase(), newCase()];
    expect(conntrail(["import", ...import_(undisturbed)]).code).toBe(0);
    let stopped = 0;
    for (const delay of [90, 130, 170, 210, 250, 290, 330, 370, 420, 480, 560, 700, 900, 1200]) {
      if (await killed(["import", ...import_(directory)], delay)) stopped++;
    }
    expect(stopped).toBeGreaterThan(2);
    expect(conntrail(["import", ...import_(directory)]).code).toBe(0);
    const { viewsDigest } = verified(undisturbed);
    expect(verified(directory)).toMatchObject({ intact: true, viewsDigest, rebuiltDigest: viewsDigest });
  });
});

describe("where switches, associations, memberships and lists change in mid-traffic", () => {
  const changes = fileOf("changes.jsonl", changeRecords.join("\n"));
  const tags = tagFiles();
  const takenAt = new Map([
    [tags[0]!, "2026-11-20T00:00:00Z"],
    [tags[1]!, "2026-11-21T04:56:30Z"],
  ]);
  const imported = (directory: string, file: string) =>
    expect(
      conntrail(["import", file, "--case", directory, "--taken-at", takenAt.get(file) ?? exampleTakenAt]).code,
    ).toBe(0);
  const digestOf = (...ordered: string[]) => {
    const directory = newCase();
    for (const file of ordered) imported(directory, file);
    return verified(directory);
  };
  const all = [...files, changes, ...tags];
  const changed = digestOf(...all).viewsDigest;

  test("the views are other than without", () => {
    expect(changed).not.toBe(expected);
    expect(digestOf(...files, changes).viewsDigest).not.toBe(changed);
  });

  test("and the same in any order, and twice", () => {
    const half = Math.floor(all.length / 2);
    expect(digestOf(...all.toReversed())).toMatchObject({ intact: true, viewsDigest: changed, rebuiltDigest: changed });
    expect(digestOf(...all.slice(half), ...all.slice(0, half), changes, ...tags).viewsDigest).toBe(changed);
  });

  test("and with the records split over two files, in the middle of an operation", () => {
    const parts = [changeRecords.slice(3), changeRecords.slice(0, 5)].map((part) =>
      fileOf("part.jsonl", part.join("\n")),
    );
    expect(digestOf(...tags, ...parts, ...files).viewsDigest).toBe(changed);
  });
});

test("a command that appends, killed at any moment, has appended all of its events or none", async () => {
  const directory = newCase();
  const network = ["network", "add", "vnet", "--prefix", "10.1.0.0/16", "--subnet", "web=10.1.0.0/24"];
  const at = ["--at", "2026-03-18T09:00Z", "--by", "alice", "--case", directory];
  expect(conntrail([...network, ...at]).code).toBe(0);
  expect(conntrail(["group", "add", "nsg-web", ...at]).code).toBe(0);
  const rule = (name: string, priority: number) => [
    ...["rule", "set", "nsg-web", name, "--priority", String(priority), "--direction", "inbound", "--access", "allow"],
    ...["--protocol", "tcp", "--to-port", "22", "--from", "203.0.113.7", ...at],
  ];
  let stopped = 0;
  const delays = [40, 120, 180, 220, 260, 300, 340, 400, 500];
  for (const [index, delay] of delays.entries()) {
    if (await killed(rule(`r${index}`, 100 + index), delay)) stopped++;
    expect(conntrail(rule(`r${index}`, 100 + index)).code).toBe(0);
  }
  expect(stopped).toBeGreaterThan(1);
  const rules = json<{ type: string }[]>(conntrail(["log", "--case", directory, "-o", "json"]));
  expect(rules.filter(({ type }) => type === "security-rule-written")).toHaveLength(delays.length);
  const { intact, viewsDigest, rebuiltDigest } = verified(directory);
  expect({ intact, rebuiltDigest }).toEqual({ intact: true, rebuiltDigest: viewsDigest });
});

describe("a snapshot without a stated time", () => {
  test("is taken at its file's time, which the import says, and adds nothing under another time", () => {
    const directory = newCase();
    const copy = join(temporaryDirectory(), "nsg.json");
    copyFileSync(join(exampleEvidence, "nsg-web.json"), copy);
    expect(conntrail(["import", copy, "--case", directory]).err).toContain("modification time");
    const before = evidenceIds(directory);
    utimesSync(copy, new Date(0), new Date(0));
    conntrail(["import", copy, "--case", directory]);
    expect(evidenceIds(directory)).toEqual(before);
  });

  test("yields to a stated one of the same content, whichever came first", () => {
    const [one, other] = [newCase(), newCase()];
    conntrail(["import", exampleEvidence, "--case", one]);
    importExample(one);
    importExample(other);
    conntrail(["import", exampleEvidence, "--case", other]);
    expect(verified(one).viewsDigest).toBe(expected);
    expect(verified(other).viewsDigest).toBe(expected);
  });
});
