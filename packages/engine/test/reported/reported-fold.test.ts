// What becomes of reports: records opened, continued, ended, denied, and what their counts add up to; at the edges of
// files, too.

import { describe, expect, it, test } from "vitest";
import {
  formatAddress,
  type ReportedFlow,
  type ReportedRecord,
  type ReportedVerdict,
  type ReportKind,
} from "../../src/index.js";
import { at } from "../support/instants.js";
import { foldReports, type ReportText, report, row } from "../support/reporting.js";
import { type Row, rowsOf } from "../support/table.js";

const [client, server] = ["203.0.113.7:50000", "10.0.0.4:22"];

/** `way` is `>` from the client and `<` to it; `counts` packets and bytes there, then back, `.` where there are none. */
function reportOf({ time, last, kind, way, flags, verdict, counts }: Row): ReportText {
  const [there, back] = (counts ?? ".").split("+").map((part) => part.split("/").map(Number));
  const isCounted = counts !== "." && counts !== undefined;
  const [from, to] = way === "<" ? [server, client] : [client, server];
  return {
    time: time!,
    ...(last === undefined || last === "." ? {} : { lastTime: last }),
    kind: kind as ReportKind,
    from,
    to,
    ...(flags === undefined || flags === "." ? {} : { flags: Number(flags) }),
    ...(verdict !== undefined && { verdict: verdict as ReportedVerdict }),
    ...(isCounted && { packetsForward: there![0]!, bytesForward: there![1]! }),
    ...(isCounted && back !== undefined && { packetsBackward: back[0]!, bytesBackward: back[1]! }),
  };
}

function clock(time: number): string {
  return new Date(time / 1000).toISOString().slice(11, 19);
}

/** `opened told last ended reports opener forward backward`. */
function line(record: ReportedRecord): string {
  const { openedAt, openingTold, lastSeen, endedAt, reports, source, forward, backward } = record;
  const counts = [forward, backward].map(({ packets, bytes }) => `${packets ?? "?"}/${bytes ?? "?"}`);
  const ended = endedAt === null ? "-" : clock(endedAt);
  const told = openingTold ? "told" : "open";
  return [clock(openedAt), told, clock(lastSeen), ended, reports, formatAddress(source), ...counts].join(" ");
}

function recordsOf(made: (text: ReportText) => ReportedFlow, table: string): string[] {
  const { records } = foldReports([], [rowsOf(table).map((own) => made(reportOf(own)))]);
  return records.toSorted((a, b) => a.openedAt - b.openedAt).map(line);
}

describe("a log that tells of openings and ends", () => {
  test.each([
    [
      "a connection from its opening to its end",
      `time     kind      way counts
       12:00:00 opened    >   .
       12:05:00 continued >   10/1000+8/9000
       12:06:30 ended     >   2/100+1/60`,
      ["12:00:00 told 12:06:30 12:06:30 3 203.0.113.7 12/1100 9/9060"],
    ],
    [
      "an end whose opening the file has not",
      `time     kind  way counts
       12:00:10 ended >   1/74+0/0`,
      ["12:00:10 open 12:00:10 12:00:10 1 203.0.113.7 1/74 0/0"],
    ],
    [
      "an opening whose end the file has not",
      `time     kind   way
       12:00:10 opened >`,
      ["12:00:10 told 12:00:10 - 1 203.0.113.7 ?/? ?/?"],
    ],
    [
      "what goes on from before the file",
      `time     kind      way counts
       12:00:00 continued >   5/500+5/500
       12:05:00 continued >   5/500+5/500`,
      ["12:00:00 open 12:05:00 - 2 203.0.113.7 10/1000 10/1000"],
    ],
    [
      "an opening told twice: two records, the first without an end",
      `time     kind   way counts
       12:00:00 opened >   .
       12:03:00 opened >   .
       12:04:00 ended  >   1/60+1/60`,
      ["12:00:00 told 12:00:00 - 1 203.0.113.7 ?/? ?/?", "12:03:00 told 12:04:00 12:04:00 2 203.0.113.7 1/60 1/60"],
    ],
    [
      "five-tuples used again after the end",
      `time     kind   way
       12:00:00 opened >
       12:01:00 ended  >
       12:02:00 opened >`,
      ["12:00:00 told 12:01:00 12:01:00 2 203.0.113.7 ?/? ?/?", "12:02:00 told 12:02:00 - 1 203.0.113.7 ?/? ?/?"],
    ],
    [
      "an opening and its end of one second, in that order whatever the file's",
      `time     kind   way
       12:00:00 ended  >
       12:00:00 opened >`,
      ["12:00:00 told 12:00:00 12:00:00 2 203.0.113.7 ?/? ?/?"],
    ],
    [
      "what goes on after the end: another record, of whose opening nobody told",
      `time     kind      way counts
       12:00:00 opened    >   .
       12:01:00 ended     >   1/60+1/60
       12:06:00 continued >   2/120+2/120`,
      ["12:00:00 told 12:01:00 12:01:00 2 203.0.113.7 1/60 1/60", "12:06:00 open 12:06:00 - 1 203.0.113.7 2/120 2/120"],
    ],
    [
      "told from the other end: the same record, counted from its opener",
      `time     kind      way counts
       12:00:00 opened    >   .
       12:05:00 continued <   8/9000+10/1000
       12:06:00 ended     >   2/100+1/60`,
      ["12:00:00 told 12:06:00 12:06:00 3 203.0.113.7 12/1100 9/9060"],
    ],
    [
      "an attempt denied meanwhile leaves the record as it is",
      `time     kind      way counts
       12:00:00 opened    >   .
       12:01:00 denied    >   .
       12:05:00 continued >   1/60+1/60`,
      ["12:00:00 told 12:05:00 - 2 203.0.113.7 1/60 1/60"],
    ],
    [
      "whole connections stand alone, also where they overlap",
      `time     last     kind       way counts
       12:00:00 12:09:00 connection >   9/900+9/900
       12:02:00 12:03:00 connection >   1/60+1/60`,
      [
        "12:00:00 told 12:09:00 12:09:00 1 203.0.113.7 9/900 9/900",
        "12:02:00 told 12:03:00 12:03:00 1 203.0.113.7 1/60 1/60",
      ],
    ],
  ])("%s", (_, table, expected) => {
    expect(recordsOf(report, table)).toEqual(expected);
  });

  test.each([
    ["ends", "12:00:10 ended > 1/74+0/0", "12:00:10 ended > 2/80+0/0"],
    ["ends, of which one counts nothing", "12:00:10 ended > 1/74+0/0", "12:00:10 ended > ."],
    ["openings", "12:00:10 opened > .", "12:00:10 opened > 1/74+0/0"],
    ["openings from either side", "12:00:10 opened > .", "12:00:10 opened < ."],
  ])("has a record of its own for each of two %s of one second", (_, one, other) => {
    const reports = rowsOf(`time kind way counts\n${one}\n${other}`).map((own) => report(reportOf(own)));
    const { records } = foldReports([], [reports]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(2);
  });

  it("adds up the documented example of a bandwidth: 9,125 packets, 5,256,000 bytes", () => {
    const tuples = `time     kind      counts
      12:00:00 opened    .
      12:05:00 continued 1021/588096+8005/4610880
      12:10:00 ended     52/29952+47/27072`;
    const { records } = foldReports([], [rowsOf(tuples).map((own) => report(reportOf(own)))]);
    const [{ forward, backward }] = records as [ReportedRecord];
    expect(forward.packets! + backward.packets!).toBe(9_125);
    expect(forward.bytes! + backward.bytes!).toBe(5_256_000);
  });
});

describe("a log of windows, one row a way", () => {
  test.each([
    [
      "both ways of a connection are one record, from whom SYN alone came",
      `time     last     kind   way flags counts
       12:00:00 12:00:59 window <   18    8/900
       12:00:00 12:00:59 window >   2     10/700`,
      ["12:00:00 told 12:00:59 - 2 203.0.113.7 10/700 8/900"],
    ],
    [
      "SYN and ACK alone say that the other side opened it",
      `time     last     kind   way flags counts
       12:00:00 12:00:59 window <   18    8/900`,
      ["12:00:00 told 12:00:59 - 1 203.0.113.7 ?/? 8/900"],
    ],
    [
      "without flags, who was seen first",
      `time     last     kind   way counts
       12:00:00 12:00:59 window <   8/900
       12:01:00 12:01:59 window >   10/700`,
      ["12:00:00 open 12:01:59 - 2 10.0.0.4 8/900 10/700"],
    ],
    [
      "of one instant and without flags, the higher port",
      `time     last     kind   way counts
       12:00:00 12:00:59 window <   8/900
       12:00:00 12:00:59 window >   10/700`,
      ["12:00:00 open 12:00:59 - 2 203.0.113.7 10/700 8/900"],
    ],
    [
      "windows up to eleven minutes apart are one record",
      `time     last     kind   way counts
       12:00:00 12:00:59 window >   1/60
       12:11:59 12:12:59 window >   1/60`,
      ["12:00:00 open 12:12:59 - 2 203.0.113.7 2/120 ?/?"],
    ],
    [
      "windows farther apart are two",
      `time     last     kind   way counts
       12:00:00 12:00:59 window >   1/60
       12:12:00 12:12:59 window >   1/60`,
      ["12:00:00 open 12:00:59 - 1 203.0.113.7 1/60 ?/?", "12:12:00 open 12:12:59 - 1 203.0.113.7 1/60 ?/?"],
    ],
    [
      "a window lasts until its end, whenever it began",
      `time     last     kind   way counts
       12:00:00 12:09:59 window >   1/60
       12:01:00 12:01:59 window <   1/60`,
      ["12:00:00 open 12:09:59 - 2 203.0.113.7 1/60 1/60"],
    ],
    [
      "SYN in a later window than the first of its way is no opening of this record",
      `time     last     kind   way flags counts
       12:00:00 12:00:59 window <   0     3/300
       12:01:00 12:01:59 window <   0     3/300
       12:02:00 12:02:59 window <   18    3/300`,
      ["12:00:00 open 12:02:59 - 3 203.0.113.7 ?/? 9/900"],
    ],
    [
      "a rejected window does not go on with the record",
      `time     last     kind   way verdict counts
       12:00:00 12:00:59 window >   allow   1/60
       12:05:00 12:05:59 window >   deny    1/60
       12:11:59 12:12:59 window >   allow   1/60
       12:25:00 12:25:59 window >   allow   1/60`,
      ["12:00:00 open 12:12:59 - 2 203.0.113.7 2/120 ?/?", "12:25:00 open 12:25:59 - 1 203.0.113.7 1/60 ?/?"],
    ],
  ])("%s", (_, table, expected) => {
    expect(recordsOf(row, table)).toEqual(expected);
  });
});

it("groups that log one connection at one interface have a record each", () => {
  const reports = [report({}), report({ group: "edge" }), report({ time: "12:01", kind: "ended" })];
  const { records } = foldReports([], [reports]);
  expect(records.map(({ rule, endedAt }) => [rule?.group, endedAt]).sort()).toEqual([
    ["edge", null],
    ["web", at("12:01")],
  ]);
});

describe("reports that are no records", () => {
  it("denials are counted by sensor, rule, ends and port", () => {
    const denied = (time: string, from: string, more: ReportText = {}) =>
      report({ time, kind: "denied", from, rule: "UserRule_no", ...more });
    const reports = [
      denied("12:00", "203.0.113.7:1"),
      denied("12:05", "203.0.113.7:2"),
      denied("12:01", "203.0.113.8:1"),
      denied("12:02", "203.0.113.7:1", { to: "10.0.0.4:23" }),
    ];
    const { denials, records } = foldReports([], [reports]);
    expect(records).toEqual([]);
    expect(denials.map(({ first, last, count }) => [clock(first), clock(last), count])).toEqual([
      ["12:00:00", "12:05:00", 2],
      ["12:01:00", "12:01:00", 1],
      ["12:02:00", "12:02:00", 1],
    ]);
  });

  it("rejected windows are denials", () => {
    const { denials, records } = foldReports([], [[row({ verdict: "deny" })]]);
    expect([denials.length, records.length]).toEqual([1, 0]);
  });

  it("what was not seen or not kept counts for the sensor's hour alone", () => {
    const reports = [
      row({ time: "12:01", kind: "no-data", verdict: null }),
      row({ time: "12:02", kind: "skipped", verdict: null }),
      row({ time: "13:00", kind: "skipped", verdict: null }),
    ];
    const { records, hours, checks } = foldReports([], [reports]);
    expect([records, checks]).toEqual([[], []]);
    expect(hours.map(({ hour, reports, noData, skipped }) => [hour, reports, noData, skipped])).toEqual([
      [at("12:00"), 2, 1, 1],
      [at("13:00"), 1, 0, 1],
    ]);
  });
});

describe("the same report again", () => {
  const [one, other] = [report({ ordinal: 0 }), report({ ordinal: 1 })];

  it("adds nothing, from whatever file and record it comes", () => {
    const { records, hours } = foldReports([], [[one], [{ ...one, record: 7, offset: 4096 }, one]]);
    expect(records.map(({ reports }) => reports)).toEqual([1]);
    expect(hours.map(({ reports }) => reports)).toEqual([1]);
  });

  it("is another one where a record holds both", () => {
    const { records } = foldReports([], [[one, other]]);
    expect(records).toHaveLength(2);
    expect(new Set(records.map(({ id }) => id)).size).toBe(2);
  });
});
