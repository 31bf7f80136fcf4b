// Exports of flow logs that overlap: what the case has already is not new, and the views are those of either alone.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { conntrail, json, newCase, temporaryDirectory, verified } from "../support/conntrail.js";

const mac = "000D3A5B2C41";
const group = "/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-WEB";

/** A minute's record with three tuples; two of them are equal, and are two. */
function record(minute: number) {
  const seconds = 1_718_000_000 + minute * 60;
  const tuple = (port: number) => `${seconds},203.0.113.7,10.0.0.4,${port},443,T,I,A,B,,,,`;
  const flows = [{ rule: "UserRule_web", flows: [{ mac, flowTuples: [40000, 40001, 40001].map(tuple) }] }];
  return {
    time: new Date(seconds * 1000).toISOString(),
    category: "NetworkSecurityGroupFlowEvent",
    resourceId: group,
    properties: { Version: 2, flows },
  };
}

const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => record(from + index));

const directory = temporaryDirectory();
function exported(name: string, records: readonly object[]): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify({ records }));
  return path;
}
const whole = exported("whole.json", minutes(0, 60));
const early = exported("early.json", minutes(0, 40));
const late = exported("late.json", minutes(30, 60));
const twice = exported("twice.json", [...minutes(0, 5), ...minutes(0, 5)]);

function imported(into: string, ...files: readonly string[]) {
  return files.map((file) => {
    const ran = conntrail(["import", file, "--case", into, "-o", "json"]);
    const [told] = json<{ files: { added: number; known: number }[] }>(ran).files;
    return [told!.added, told!.known];
  });
}

test("of exports that overlap, only what the case lacks is new", () => {
  const parts = newCase();
  expect(imported(parts, early, late, whole)).toEqual([
    [120, 0],
    [60, 30],
    [0, 180],
  ]);
  const once = newCase();
  expect(imported(once, whole)).toEqual([[180, 0]]);
  expect(verified(parts).viewsDigest).toBe(verified(once).viewsDigest);
});

test("records that stand twice in one export are one each", () => {
  expect(imported(newCase(), twice)).toEqual([[15, 15]]);
});

test("what was shared with a source that is retracted stays, and is not new again", () => {
  const into = newCase();
  imported(into, early, late);
  conntrail(["retract", early, "--case", into]);
  expect(imported(into, early)).toEqual([[90, 30]]);
});
