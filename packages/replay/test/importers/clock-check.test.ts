import { formatInstant, parseInstant } from "@conntrail/engine";
import { describe, expect, it, test } from "vitest";
import { captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import { ethernet, ipv4, tcp, v4Ends } from "../../../engine/test/support/frames.js";
import { awsCloudtrail } from "../../src/importers/aws-cloudtrail.js";
import { azureActivityLog } from "../../src/importers/azure-activity-log.js";
import { ClockCheck, type ClockExpectation } from "../../src/importers/clock-check.js";
import { readEpoch } from "../../src/importers/epoch.js";
import type { Problem } from "../../src/importers/importer.js";
import { pcap } from "../../src/importers/pcap.js";
import { readCapture } from "../support/capture-reading.js";
import { readWith } from "../support/importing.js";

const syn = ethernet(ipv4(v4Ends, tcp()));

const at = (text: string) => parseInstant(text)!.time;
const now = () => at("2026-03-18T12:00:00Z");

function told(times: readonly string[], expected: Partial<ClockExpectation> = {}): string[] {
  const clock = new ClockCheck({ now, orderToleranceMicros: null, unit: null, ...expected });
  times.forEach((time, index) => {
    clock.hear(at(time), index + 1);
  });
  return [...clock.told()].map((item) => {
    if (item.kind === "problem") return `${item.problem.kind} ${item.problem.record}: ${item.problem.message}`;
    return item.kind === "note" ? item.message : item.kind;
  });
}

describe("the clock check", () => {
  it("says nothing of times before now, whatever their order", () => {
    expect(told(["2026-03-18T11:00:00Z", "2000-01-01T00:00:00Z", "2026-03-18T12:05:00Z"])).toEqual([]);
  });

  it("tells times later than the import once, with their number, the first and the latest", () => {
    const [late, ...rest] = told(["2026-03-18T11:00:00Z", "2026-03-18T12:05:01Z", "2031-01-01T00:00:00Z"]);
    expect(late).toMatch(
      /^clock 2: 2 records, the first of them here, have a time later .* up to 2031-01-01T00:00:00Z/,
    );
    expect(rest).toEqual([]);
  });

  it("tells times before the year 2000", () => {
    expect(told(["1970-01-21T07:00:00Z"])).toEqual([
      expect.stringMatching(/^clock 1: this record has a time before the year 2000, down to 1970-01-21T07:00:00Z/),
    ]);
  });

  it("tells of records that stand farther behind than the format allows, as a note", () => {
    const times = ["2026-03-18T10:00:10Z", "2026-03-18T10:00:09Z", "2026-03-18T10:00:01Z", "2026-03-18T10:00:02Z"];
    expect(told(times, { orderToleranceMicros: 1_000_000 })).toEqual([
      "2 records stand out of order, by up to 9 s; the first is record 3",
    ]);
  });

  it("does not take a time of the future for the latest", () => {
    const times = ["2026-03-18T10:00:00Z", "2040-01-01T00:00:00Z", "2026-03-18T10:00:01Z"];
    expect(told(times, { orderToleranceMicros: 0 })).toHaveLength(1);
  });

  it("looks at the clock again while a capture goes on", () => {
    let hour = 12;
    const clock = new ClockCheck({
      now: () => at(`2026-03-18T${hour}:00:00Z`),
      orderToleranceMicros: null,
      unit: null,
    });
    clock.hear(at("2026-03-18T12:00:00Z"), 1);
    hour = 13;
    clock.hear(at("2026-03-18T13:00:00Z"), 2);
    expect([...clock.told()]).toEqual([]);
  });

  it("tells a unit once that is not the documented one", () => {
    const clock = new ClockCheck({ now, orderToleranceMicros: null, unit: "seconds" });
    for (const [index, unit] of (["seconds", "milliseconds", "milliseconds"] as const).entries()) {
      clock.hearUnit(unit, index + 1);
    }
    expect([...clock.told()]).toEqual([
      {
        kind: "note",
        message: "2 times are in milliseconds where the format has seconds, and read as such; the first is in record 2",
      },
    ]);
  });
});

describe("importers tell of times that can't be right", () => {
  const problemsOf = ({ problems }: { readonly problems: readonly Problem[] }) =>
    problems.map(({ kind, record, message }) => `${kind} ${record}: ${message}`);

  it("in CloudTrail, of calls that are followed", async () => {
    const record = (eventTime: string) => ({
      eventTime,
      eventSource: "ec2.amazonaws.com",
      eventName: "DeleteSecurityGroup",
      requestParameters: { groupId: "sg-0123456789abcdef0" },
    });
    const records = ["2026-03-18T10:00:00Z", "2062-03-18T10:00:00Z"].map(record);
    const read = await readWith(awsCloudtrail, JSON.stringify(records));
    expect(problemsOf(read)).toEqual([expect.stringMatching(/^clock 2: this record has a time later/)]);
  });

  it("in the Activity Log, also against the time of receipt", async () => {
    const record = (eventTimestamp: string, submissionTimestamp: string) => ({
      eventTimestamp,
      submissionTimestamp,
      operationName: "Microsoft.Network/networkSecurityGroups/delete",
      status: "Succeeded",
      resourceId: "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/nsg",
    });
    const records = [
      record("2026-03-18T10:00:00Z", "2026-03-18T10:03:00Z"),
      record("2026-03-18T11:00:00Z", "2026-03-18T10:03:00Z"),
    ];
    const read = await readWith(azureActivityLog, JSON.stringify(records));
    expect(problemsOf(read)).toEqual([
      expect.stringMatching(/^clock 2: this record has a time later than that at .* received it, by up to 3420 s/),
    ]);
  });

  it("in captures, with records out of order as a note", async () => {
    const seconds = [1_773_828_000, 1_773_828_003, 1_773_828_001, 90, 4_000_000_000];
    const read = await readCapture(pcap, pcapFile(seconds.map((second) => captured(syn, { seconds: second }))));
    expect(problemsOf(read)).toEqual([
      expect.stringMatching(/^clock 5: this record has a time later/),
      expect.stringMatching(/^clock 4: this record has a time before the year 2000/),
    ]);
    expect(read.notes).toEqual(["1 record stands out of order, by up to 2 s; the first is record 3"]);
  });
});

test.each([
  ["1773828000", "seconds", "2026-03-18T10:00:00.000000Z"],
  ["1773828000.000001", "seconds", "2026-03-18T10:00:00.000001Z"],
  ["1773828000.1234569", "seconds", "2026-03-18T10:00:00.123456Z"],
  [1773828000, "seconds", "2026-03-18T10:00:00.000000Z"],
  ["1773828000123", "milliseconds", "2026-03-18T10:00:00.123000Z"],
  ["1773828000123.4", "milliseconds", "2026-03-18T10:00:00.123400Z"],
  [1773828000123, "milliseconds", "2026-03-18T10:00:00.123000Z"],
  ["1773828000123456", "microseconds", "2026-03-18T10:00:00.123456Z"],
  ["1773828000123456789", "nanoseconds", "2026-03-18T10:00:00.123456Z"],
  ["0", "seconds", "1970-01-01T00:00:00.000000Z"],
  ["8639999999", "seconds", "2243-10-16T23:59:59.000000Z"],
  ["100000000000", "milliseconds", "1973-03-03T09:46:40.000000Z"],
])("%s is a time in %s: %s", (value, unit, time) => {
  const read = readEpoch(value)!;
  expect([read.unit, formatInstant(read.micros)]).toEqual([unit, time]);
});

test.each(["", "-", "soon", "2026-03-18", "99999999999", "1e9", "9".repeat(30)])("`%s` is no such time", (text) => {
  expect(readEpoch(text)).toBeNull();
});
