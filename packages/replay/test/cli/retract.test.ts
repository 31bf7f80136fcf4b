// `conntrail retract` takes a wrong import back, and `conntrail sources` shows what there is to retract.

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  conntrail,
  exampleEvidence,
  importExample,
  json,
  ndjson,
  newCase,
  temporaryDirectory,
  verified,
} from "../support/conntrail.js";

type Source = {
  sha256: string;
  names: string[];
  newEvents: number;
  first: string;
  retracted: { because: string } | null;
};

const capture = fileNamed(/\.pcap/);
const activityLog = fileNamed(/activity/);

function fileNamed(pattern: RegExp): string {
  return join(exampleEvidence, readdirSync(exampleEvidence).find((name) => pattern.test(name))!);
}

function others(file: string): string[] {
  return readdirSync(exampleEvidence)
    .map((name) => join(exampleEvidence, name))
    .filter((path) => path !== file);
}

function sourcesOf(directory: string): Source[] {
  return ndjson<Source>(conntrail(["sources", "--case", directory, "-o", "ndjson"]));
}

function retract(directory: string, source: string, ...more: string[]) {
  return conntrail(["retract", source, "--case", directory, "--by", "ann", ...more]);
}

test.each([
  ["the capture", capture],
  ["the Activity Log", activityLog],
])("%s, retracted, is as if it had never been imported; imported again, it is back", (_, file) => {
  const [directory, never] = [newCase(), newCase()];
  importExample(directory);
  importExample(never, others(file));
  const before = verified(directory);
  const ran = retract(directory, file, "--because", "of another network");
  expect(ran.code, ran.err).toBe(0);
  expect(ran.out).toContain("taken back: of another network");
  expect(verified(directory)).toMatchObject({ intact: true, viewsDigest: verified(never).viewsDigest });
  const known = conntrail(["flows", "--case", directory, "--known-at", `@${before.events}`, "-o", "json"]);
  expect(json<object[]>(known)).not.toEqual([]);
  const again = importExample(directory, [file]);
  expect(again.err).toContain("it had been retracted: what is imported now counts again");
  expect(verified(directory)).toMatchObject({ intact: true, viewsDigest: before.viewsDigest });
});

test("what two files say stays when the first is retracted, and goes with the second", () => {
  const copied = join(temporaryDirectory(), "copy.jsonl");
  writeFileSync(copied, `${readFileSync(activityLog, "utf8").trimEnd()}\n\n`);
  const [directory, never] = [newCase(), newCase()];
  importExample(directory, [exampleEvidence]);
  importExample(never, others(activityLog));
  const { viewsDigest } = verified(directory);
  expect(importExample(directory, [copied]).code).toBe(0);
  expect(retract(directory, activityLog).code).toBe(0);
  expect(verified(directory).viewsDigest).toBe(viewsDigest);
  const edit = ndjson<{ position: number; type: string; retracted: boolean }>(
    conntrail(["log", "--case", directory, "-o", "ndjson"]),
  ).find(({ type }) => type === "security-rule-deleted")!;
  expect(edit.retracted).toBe(true);
  const shown = json(conntrail(["log", "show", String(edit.position), "--case", directory]));
  expect(shown).toMatchObject({ retracted: true, standsBy: { sha256: sourcesOf(directory).at(-1)!.sha256 } });
  expect(retract(directory, copied).code).toBe(0);
  expect(verified(directory).viewsDigest).toBe(verified(never).viewsDigest);
});

test("a snapshot under the wrong time is put right by importing it again under the right one", () => {
  const [directory, right] = [newCase(), newCase()];
  const importAt = (where: string, time: string) =>
    conntrail(["import", exampleEvidence, "--case", where, "--taken-at", time]);
  importAt(directory, "2020-01-01T00:00:00Z");
  for (const { sha256 } of sourcesOf(directory)) expect(retract(directory, sha256.slice(0, 12)).code).toBe(0);
  importAt(directory, "2026-11-21T05:01:01.676737Z");
  importAt(right, "2026-11-21T05:01:01.676737Z");
  expect(verified(directory).viewsDigest).toBe(verified(right).viewsDigest);
});

test("retracting what is retracted says so and adds nothing", () => {
  const directory = newCase();
  importExample(directory);
  retract(directory, capture);
  const { events } = verified(directory);
  const ran = retract(directory, capture);
  expect(ran).toMatchObject({ code: 0, out: "" });
  expect(ran.err).toMatch(/was retracted already, at log position \d+/);
  expect(verified(directory).events).toBe(events);
});

test("what names no source, or several, is a usage error that lists those it may be", () => {
  const directory = newCase();
  importExample(directory);
  const [one] = sourcesOf(directory);
  const copied = join(temporaryDirectory(), "same.json");
  copyFileSync(fileNamed(/nsg/), copied);
  const unknown = retract(directory, "nothing.json");
  expect(unknown).toMatchObject({ code: 2, out: "" });
  expect(unknown.err).toContain(`${one!.sha256.slice(0, 12)} (${one!.names[0]})`);
  expect(retract(directory, one!.sha256.slice(0, 5)).code).toBe(2);
  for (const text of ["a", "b"]) {
    writeFileSync(copied, readFileSync(fileNamed(/nsg/), "utf8").replace(/\}\s*$/, `}${text === "a" ? "\n" : "\n\n"}`));
    importExample(directory, [copied]);
  }
  const ambiguous = retract(directory, copied);
  expect(ambiguous.code).toBe(2);
  expect(ambiguous.err).toContain(" or ");
});

test("sources are listed with names, times and counts, and whether they are retracted", () => {
  const directory = newCase();
  importExample(directory);
  retract(directory, capture, "--because", "of another network");
  const sources = sourcesOf(directory);
  expect(sources).toHaveLength(readdirSync(exampleEvidence).length);
  const taken = sources.find(({ names }) => names.includes(capture))!;
  expect(taken).toMatchObject({ format: "pcap", retracted: { who: "ann", because: "of another network" } });
  expect(taken.first).toMatch(/^2026-11-21T/);
  expect(sources.filter(({ retracted }) => retracted !== null)).toEqual([taken]);
  expect(conntrail(["sources", "--case", directory]).out).toContain(taken.sha256.slice(0, 12));
});

test("importing a repeated file again adds no evidence and no repetition", () => {
  const copied = join(temporaryDirectory(), "copy.jsonl");
  writeFileSync(copied, `${readFileSync(activityLog, "utf8").trimEnd()}\n\n`);
  const directory = newCase();
  importExample(directory);
  const repeats = () =>
    ndjson<{ type: string }>(conntrail(["log", "--case", directory, "-o", "ndjson"])).filter(
      ({ type }) => type === "evidence-repeated",
    ).length;
  importExample(directory, [copied]);
  expect(repeats()).toBe(1);
  importExample(directory, [copied, activityLog]);
  expect(repeats()).toBe(1);
});
