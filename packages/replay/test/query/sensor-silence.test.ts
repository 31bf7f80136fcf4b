// What silence of sensors comes to. A sensor is a line of hours: `#` reports, `q` says that it was quiet, `e` that it was
// for a while, `s` skipped, `.` nothing.

import { type Micros, microsPerHour, type ReportingSensor } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { type SeenByOthers, silenceGaps, type ToldHour } from "../../src/query/sensor-silence.js";

const nobody: SeenByOthers = () => false;
const begin = 400_000 * microsPerHour;

/** `nsg:web@m1`: kind, log, and MAC address or interface. */
function sensorOf(text: string): ReportingSensor {
  const [, kind, resource, at] = /^(\w+):(\w*)@(\w*)$/.exec(text)!;
  const named = at === "" ? null : at!;
  const log = resource === "" ? null : resource!;
  if (kind === "vpc") return { interface: named, kind: "aws-vpc", mac: null, resource: log };
  return { interface: null, kind: kind === "nsg" ? "azure-nsg" : "azure-vnet", mac: named, resource: log };
}

function toldBy(line: string): ToldHour[] {
  const [name, hours] = line.trim().split(/\s+/);
  const sensor = sensorOf(name!);
  return [...hours!].flatMap((mark, index) => (mark === "." ? [] : [toldIn(sensor, index, mark)]));
}

function toldIn(sensor: ReportingSensor, index: number, mark: string): ToldHour {
  const hour = begin + index * microsPerHour;
  const [from, to] = [hour + 10, hour + microsPerHour - 10] as [Micros, Micros];
  return {
    sensor,
    hour,
    first: from,
    last: to,
    reports: 3,
    noData: mark === "q" ? 3 : mark === "e" ? 1 : 0,
  };
}

function hourOf(time: Micros): number {
  return (time - begin) / microsPerHour;
}

/** `of because from-to ×silent`, or `of no-report from-to hours/of`. */
function linesOf(table: string, seenByOthers: SeenByOthers = nobody): string[] {
  const told = table.trim().split("\n").flatMap(toldBy);
  const gaps = silenceGaps(told, () => seenByOthers).map((gap) => {
    const { resource, interface: id, mac } = gap.sensor;
    const of = `${resource ?? ""}@${id ?? mac ?? ""}`;
    const span = `${hourOf(gap.from)}-${hourOf(gap.to)}`;
    if (gap.kind === "no-report") return `${of} no-report ${span} ${gap.hours}/${gap.ofHours} in ${gap.spans.length}`;
    return `${of} ${gap.because} ${span} ×${gap.silent}`;
  });
  return gaps.sort();
}

describe("hours without a report", () => {
  test.each([
    ["are none where a sensor reports in each", "nsg:web@m1 ####", []],
    ["are none before the first report and behind the last", "nsg:web@m1 ..##..", []],
    [
      "of a log with one interface may be quiet, and are one row",
      "nsg:web@m1 ##.#..##",
      ["web@m1 no-report 2-6 3/8 in 2"],
    ],
    ["are missing where the sensor reports quiet times too", "vnet:net@m1 #q.#", ["net@m1 reports-quiet-times 2-3 ×1"]],
    ["may be quiet where it had one empty record", "vnet:net@m1 #e.#", ["net@m1 no-report 2-3 1/4 in 1"]],
    ["are missing where a VPC had one quiet window", "vpc:@eni1 #e.#", ["@eni1 reports-quiet-times 2-3 ×1"]],
    [
      "are missing at all interfaces of a VPC where one of them reports quiet times",
      `vpc:@eni1 ##.##
       vpc:@eni2 q.qqq`,
      ["@eni1 reports-quiet-times 2-3 ×1", "@eni2 reports-quiet-times 1-2 ×1"],
    ],
    [
      "of all interfaces of a log at once are the log's, joined",
      `nsg:web@m1 ##..####
       nsg:web@m2 ##..####`,
      ["web@ whole-log-silent 2-4 ×2"],
    ],
    [
      "of a log that is silent more often than not say nothing",
      `nsg:web@m1 #...#...#
       nsg:web@m2 #...#...#`,
      ["web@m1 no-report 1-8 6/9 in 2", "web@m2 no-report 1-8 6/9 in 2"],
    ],
    [
      "of one interface that is seldom silent, while others of the log report, are likely missing",
      `nsg:web@m1 ########
       nsg:web@m2 ###..###`,
      ["web@m2 alone-silent 3-5 ×1"],
    ],
    [
      "of one that is often silent are not",
      `nsg:web@m1 ########
       nsg:web@m2 #.##.#.#`,
      ["web@m2 no-report 1-7 3/8 in 3"],
    ],
    [
      "are missing where another log saw traffic at the same interface",
      `nsg:web@m1 ###.#
       vnet:net@m1 #####`,
      ["web@m1 seen-by-others 3-4 ×1"],
    ],
    [
      "may be quiet where the other log was quiet, too",
      `nsg:web@m1 ###.#
       vnet:net@m1 ###q#`,
      ["web@m1 no-report 3-4 1/5 in 1"],
    ],
    [
      "are none where the interface's other group logged what passed",
      `nsg:web@m1 ##..##
       nsg:subnet@m1 #.##.#`,
      [],
    ],
    ["in which something was skipped are told as that", "vpc:@eni1 ##s##", []],
  ])("%s", (_, table, expected) => expect(linesOf(table)).toEqual(expected));

  test("are missing where others saw traffic of the interface", () => {
    const seen: SeenByOthers = ({ mac }, hour) => mac === "m1" && hourOf(hour as Micros) === 2;
    expect(linesOf("nsg:web@m1 ##.#.#", seen)).toEqual([
      "web@m1 no-report 4-5 1/6 in 1",
      "web@m1 seen-by-others 2-3 ×1",
    ]);
  });

  test("longer than a month are one row, and say nothing of the others", () => {
    const [first, second, ...later] = toldBy("nsg:web@m1 #.###.#");
    const before = (time: number) => (time - 40 * 24 * microsPerHour) as Micros;
    const old = [first!, second!].map((own) => ({ ...own, hour: before(own.hour), last: before(own.last) }));
    const told = silenceGaps([...later, ...old], () => nobody).map(({ kind, hours }) => `${kind} ${hours}`);
    expect(told).toEqual(["no-report 1", "no-report 1", "no-report 960"]);
  });

  test("are covered by a report that reaches into them", () => {
    const [first, last] = toldBy("zeek:@ #..#");
    const long = { ...first!, last: (begin + 2 * microsPerHour + 1) as Micros };
    expect(silenceGaps([long, last!], () => nobody)).toEqual([]);
  });

  test("come out alike in whatever order sensors are told", () => {
    const table = ["nsg:web@m1 ##..#.##", "nsg:web@m2 ##..####", "vpc:@eni1 #q.##", "nsg:db@m1 #######."];
    const expected = linesOf(table.join("\n"));
    for (let turn = 1; turn < table.length; turn++) {
      expect(linesOf([...table.slice(turn), ...table.slice(0, turn)].join("\n"))).toEqual(expected);
    }
    expect(linesOf(table.toReversed().join("\n"))).toEqual(expected);
  });
});
