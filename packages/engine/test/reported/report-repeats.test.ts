// Which reports tell of the same, though one says more than the other: exports of one log in two formats.

import { describe, expect, it, test } from "vitest";
import type { ReportedFlow } from "../../src/index.js";
import { foldReports, type ReportText, report, row } from "../support/reporting.js";

const detail = (fields: object) => JSON.stringify(fields);
const v2 = row({ verdict: "allow", packetsForward: 3, bytesForward: 300, detail: detail({ version: "2" }) });
const counted = { packetsForward: 3, bytesForward: 300 };

function reportsOf(...reports: readonly ReportedFlow[]): number {
  const { hours } = foldReports([], [reports]);
  const [{ reports: count }] = hours as [(typeof hours)[number]];
  return count;
}

describe("a window told again", () => {
  test.each<[string, ReportText]>([
    ["with more fields", { detail: detail({ "vpc-id": "vpc-1", version: "4" }) }],
    ["with TCP flags", { flags: 2 }],
    ["with its direction", { direction: "inbound" }],
    ["without its verdict", { verdict: null, detail: detail({ version: "3" }) }],
  ])("%s, is the same one", (_, more) => {
    expect(reportsOf(v2, row({ ...counted, verdict: "allow", ...more }))).toBe(1);
  });

  test.each<[string, ReportText]>([
    ["other counts", { packetsForward: 4 }],
    ["another verdict", { verdict: "deny" }],
    ["another end of its window", { lastTime: "12:00:58" }],
    ["another number in its record", { ordinal: 1 }],
    ["the other way", { from: "10.0.0.4:22", to: "203.0.113.7:50000" }],
  ])("with %s, is another one", (_, more) => {
    expect(reportsOf(v2, row({ ...counted, verdict: "allow", ...more }))).toBe(2);
  });

  it("is another one where both tell a field, and not the same", () => {
    const told = (vpc: string) => row({ ...counted, detail: detail({ "vpc-id": vpc }) });
    expect(reportsOf(told("vpc-1"), told("vpc-2"), v2)).toBe(2);
  });

  it("counts with what says most of it", () => {
    const richer = row({ ...counted, flags: 18, detail: detail({ "vpc-id": "vpc-1", version: "4" }) });
    const { records } = foldReports([], [[v2, richer]]);
    expect(records.map(({ detail, openingTold, reports }) => [detail, openingTold, reports])).toEqual([
      [richer.detail, true, 1],
    ]);
  });

  it("keeps its verdict, whatever else the other format tells", () => {
    const unjudged = row({ ...counted, verdict: null, flags: 2, detail: detail({ "vpc-id": "vpc-1" }) });
    const { records } = foldReports([], [[unjudged, v2]]);
    expect(records.map(({ verdict }) => verdict)).toEqual(["allow"]);
  });
});

it("tuples of one group that differ in what is beside them are two", () => {
  expect(reportsOf(report({ detail: detail({ state: "C" }) }), report({ detail: detail({ state: "E" }) }))).toBe(2);
});

it("whole connections are told apart by all that is said of them", () => {
  const connection = (uid: object) => report({ kind: "connection", verdict: null, detail: detail(uid) });
  expect(reportsOf(connection({ uid: "C1" }), connection({ uid: "C1", service: "ssh" }))).toBe(2);
});
