// `conntrail gaps` over evidence with holes, and answers that rest on them.

import { describe, expect, test } from "vitest";
import { conntrail, importExample, json, ndjson, newCase } from "../support/conntrail.js";
import { droppingCapture, groupLogs, networkFiles, takenAt, vpcLog, written } from "../support/gap-evidence.js";

type Told = { kind: string; of: string; title: string; from: string; to: string; because?: string };

function caseOf(...files: readonly string[]): string {
  const directory = newCase();
  conntrail(["import", ...files, "--case", directory, "--taken-at", takenAt]);
  return directory;
}

function gapsOf(directory: string, ...more: readonly string[]): Told[] {
  return ndjson<Told>(conntrail(["gaps", "--case", directory, "-o", "ndjson", ...more]));
}

/** `missing nsg-web … 03-04`. */
function lines(told: readonly Told[]): string[] {
  return told.map(({ title, of, from, to }) => `${title}: ${of} ${from.slice(11, 16)}-${to.slice(11, 16)}`);
}

const holes = groupLogs(
  (mac, hour) => hour === 3 || (mac.endsWith("1") && hour === 7) || (mac.endsWith("3") && hour === 9),
);
const skips = vpcLog((window) =>
  window < 6 ? "NODATA" : [19, 20, 21].includes(window) ? "SKIPDATA" : Math.floor(window / 6) === 5 ? null : "OK",
);
const files = written({ ...holes, ...networkFiles(), "vpc.log": skips, "capture.pcapng": droppingCapture() });
const holed = caseOf(...files);

const everything = [
  "missing: NSG flow log of nsg-web 03:00-04:00",
  "missing: VPC flow log at eni-1 05:00-06:00",
  "missing: NSG flow log of nsg-web at 000d3af80003 09:00-10:00",
  "likely missing: NSG flow log of nsg-web at 000d3af80001 07:00-08:00",
  "SKIPDATA ×3: VPC flow log at eni-1 03:10-03:39",
];

describe("gaps", () => {
  test("of every kind are told, in one line first", () => {
    const told = gapsOf(holed);
    expect(lines(told.filter(({ kind }) => kind === "missing-hours" || kind === "skipped"))).toEqual(everything);
    const others = told.map(({ title, of }) => `${title}: ${of}`).slice(everything.length);
    expect(others).toEqual([
      "3 packets dropped: capture.pcapng#0",
      "interface not known: VPC flow log at eni-1",
      "not watched: vm4-nic",
      "flow timeout unset: vnet-a",
      "rules inferred: nsg-web",
      "changes not told: Activity Log",
    ]);
    const ran = conntrail(["gaps", "--case", holed]);
    expect(ran.code).toBe(1);
    expect(ran.out.split("\n")[0]).toBe(
      "11 gaps: nsg-web hour 2026-03-18 03 missing, and 3 hours more; eni-1 SKIPDATA ×3; 3 packets dropped at " +
        "capture.pcapng#0; no interface known for 1 sensor or capture; vm4-nic not watched; and more.",
    );
    expect(ran.out).toContain("6 reports of quiet times (NODATA), which are no gaps");
  });

  test("are those of a span, and of an interface", () => {
    const inSpan = gapsOf(holed, "--since", "2026-03-18T05:30:00Z", "--until", "2026-03-18T08:00:00Z");
    expect(lines(inSpan).slice(0, 2)).toEqual([everything[1], everything[3]]);
    const atThird = gapsOf(holed, "--interface", "vm3-nic").filter(({ kind }) => kind === "missing-hours");
    expect(lines(atThird)).toEqual([everything[0], everything[2]]);
    expect(conntrail(["gaps", "--case", holed, "--interface", "nobody"]).code).toBe(2);
  });

  test("are counted whole where the table is short", () => {
    const { out } = conntrail(["gaps", "--case", holed, "--limit", "2"]);
    expect(out).toContain("and 9 more gaps: see --limit");
  });

  test("are the same in whatever order, and in however many commands, the evidence is imported", () => {
    const expected = json(conntrail(["gaps", "--case", holed, "-o", "json"]));
    const other = newCase();
    const reversed = files.toReversed();
    for (const some of [reversed.slice(0, 3), reversed.slice(3, 20), reversed.slice(20), files.slice(0, 9)]) {
      conntrail(["import", ...some, "--case", other, "--taken-at", takenAt]);
    }
    expect(json(conntrail(["gaps", "--case", other, "-o", "json"]))).toEqual(expected);
  });

  test("there are none in the example but for the seconds before its log begins", () => {
    const directory = newCase();
    importExample(directory);
    expect(gapsOf(directory).map(({ kind }) => kind)).toEqual(["rules-late", "changes"]);
  });

  test("of a case without traffic there are none, and it ends with 0", () => {
    const ran = conntrail(["gaps", "--case", caseOf(...written(networkFiles()))]);
    expect([ran.code, ran.out]).toEqual([0, "No traffic is in the case, so there is nothing to miss.\n"]);
  });
});

test("a source that was retracted leaves neither its gaps nor its coverage", () => {
  const sources = written({ "vpc.log": skips, ...groupLogs(() => false), ...networkFiles() });
  const directory = caseOf(...sources);
  const capture = written({ "capture.pcapng": droppingCapture() });
  const before = json(conntrail(["gaps", "--case", directory, "-o", "json"]));
  conntrail(["import", ...capture, "--case", directory]);
  expect(gapsOf(directory).map(({ kind }) => kind)).toContain("dropped");
  expect(conntrail(["retract", capture[0]!, "--case", directory, "--by", "ann"]).code).toBe(0);
  expect(json(conntrail(["gaps", "--case", directory, "-o", "json"]))).toEqual(before);
  const vpc = sources.find((path) => path.endsWith("vpc.log"))!;
  conntrail(["retract", vpc, "--case", directory, "--by", "ann"]);
  const left = gapsOf(directory).map(({ kind }) => kind);
  expect(left).not.toContain("skipped");
  expect(left).not.toContain("missing-hours");
  const hour = sources.find((path) => path.includes("/h=04/") && path.includes("0001/"))!;
  conntrail(["retract", hour, "--case", directory, "--by", "ann"]);
  expect(lines(gapsOf(directory))[0]).toBe("likely missing: NSG flow log of nsg-web at 000d3af80001 04:00-05:00");
});

test("records that could not be read are a gap of their source", () => {
  const log = vpcLog(() => "OK")
    .split("\n")
    .toSpliced(40, 1, "2 123456789012 eni-1 broken")
    .join("\n");
  const told = gapsOf(caseOf(...written({ "vpc.log": log })));
  expect(told.map(({ kind }) => kind)).toEqual(["unread-records", "unplaced"]);
});

describe("why, where no flow record is known and the rules deny", () => {
  const asked = (at: string, to = "10.1.0.4") => {
    const args = ["why", "198.51.100.9", `${to}:22/tcp`, "--at", `2026-03-18T${at}:00Z`, "--case", holed, "-o", "json"];
    const ran = conntrail(args);
    const { verdict, standing, unseen } = json<{ verdict: string; standing: string; unseen: { gaps: Told[] } }>(ran);
    return [ran.code, verdict, standing, unseen.gaps.map(({ title }) => title)];
  };
  test.each([
    ["is unknown in a missing hour", asked("03:30"), [3, "unknown", "unknown", ["missing"]]],
    ["is inferred while a record opened there could be live", asked("04:02"), [0, "deny", "inferred", ["missing"]]],
    ["rests on no gap when it could not", asked("04:10"), [0, "deny", "inferred", []]],
    ["is inferred in an hour that is likely missing", asked("07:30"), [0, "deny", "inferred", ["likely missing"]]],
    ["is not touched by another interface's gap", asked("07:30", "10.1.0.5"), [0, "deny", "inferred", []]],
    [
      "is inferred at an interface that nobody watches",
      asked("10:00", "10.1.0.99"),
      [0, "deny", "inferred", ["not watched"]],
    ],
  ])("%s", (_, told, expected) => expect(told).toEqual(expected));

  test("names the gap", () => {
    const { out } = conntrail(["why", "198.51.100.9", "10.1.0.4:22", "--at", "2026-03-18T03:30:00Z", "--case", holed]);
    expect(out).toMatch(/^UNKNOWN/);
    expect(out).toContain(
      "What may have gone unseen\n  missing: NSG flow log of nsg-web, 2026-03-18T03:00:00.000000Z to",
    );
  });

  test("asks about a new connection whatever was lost", () => {
    const ran = conntrail([
      "why",
      "198.51.100.9",
      "10.1.0.4:22",
      "--at",
      "2026-03-18T03:30:00Z",
      "--new",
      "--case",
      holed,
    ]);
    expect([ran.code, ran.out.split(" ")[0]]).toEqual([0, "DENIED"]);
  });
});

test.each([
  [["flows"], "6 gaps"],
  [["flows", "--since", "2026-03-18T10:00:00Z"], null],
  [["traffic"], "6 gaps"],
  [["verdicts"], "6 gaps"],
  [["rules", "--hits"], "6 gaps"],
  [["at", "2026-03-18T04:00:00Z"], "3 gaps"],
])("%j tells beside its answer what was lost", (args, expected) => {
  const { err } = conntrail([...args, "--case", holed]);
  if (expected === null) expect(err).not.toContain("gap");
  else expect(err).toContain(`${expected}, see \`conntrail gaps\``);
});
