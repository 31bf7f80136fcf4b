// `conntrail check` over a day that holds every class: what it prints, how it ends, and that nothing of the order of
// arrival shows.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { checkedEvidence, checkedTakenAt } from "../support/checked-evidence.js";
import { conntrail, json, ndjson, newCase, verified } from "../support/conntrail.js";

type Address = { file: string; record: number; position: number; index: number };
type Told = { outcome: string; clue: object | null; evidence: Address; source: string };
type Answer = {
  judged: number;
  compared: number;
  agreed: number;
  explained: number;
  unexplained: number;
  notCompared: number;
  outcomes: Record<string, number>;
  disagreements: Told[];
  more: number;
};

const files = checkedEvidence();

function caseOf(...commands: readonly (readonly string[])[]): string {
  const directory = newCase();
  for (const imported of commands) {
    const { code, err } = conntrail(["import", ...imported, "--case", directory, "--taken-at", checkedTakenAt]);
    expect(code, err).toBe(0);
  }
  return directory;
}

const named = (name: string) => files.find((file) => file.endsWith(`/${name}`))!;
const directory = caseOf(files);
const check = (...more: string[]) => conntrail(["check", "--case", directory, ...more]);
const answer = (...more: string[]) => json<Answer>(check("-o", "json", ...more));

describe("the answer", () => {
  const { out, code } = check();

  it("comes first, in one line", () => {
    expect(out.split("\n")[0]).toBe(
      "89.7 % of 98 flow-log tuples agree; 7 differ for a known cause; 3 are unexplained; 2 more could not be compared.",
    );
  });

  it("ends with 1 where something is unexplained", () => {
    expect(code).toBe(1);
  });

  it("counts every class", () => {
    expect(answer().outcomes).toEqual({
      agrees: 87,
      "other-rule": 1,
      "no-verdict": 1,
      "no-interface": 1,
      "unknown-policy": 1,
      "edit-in-the-same-minute": 1,
      "opened-before": 1,
      "denied-elsewhere": 1,
      "after-close": 1,
      "public-access-blocked": 1,
      "platform-rule": 1,
      "address-list": 1,
      unexplained: 3,
    });
  });

  it("adds up", () => {
    const { judged, compared, agreed, explained, unexplained, notCompared } = answer();
    expect([judged, compared]).toEqual([compared + notCompared, agreed + explained + unexplained]);
  });

  it.each([
    ["UserRule_allow-ssh", "33.3 %   2 unexplained, 1 opened before, 1 at an edit"],
    ["UserRule_allow-https", "80       100.0 %"],
    ["UserRule_allow-web", "100.0 %  1 by another rule"],
    ["nsg-ghost/UserRule_x", "-        1 of no known interface"],
  ])("has a line for %s", (rule, cells) => {
    const line = out.split("\n").find((own) => own.includes(` ${rule} `));
    expect(line?.trimEnd().endsWith(cells), line).toBe(true);
  });

  it("says what it rests on, and what to import", () => {
    expect(out).toContain("our own verdicts: 98 inferred");
    expect(out).toContain("`storage` in 2 editions: 2026-03-10, 2026-03-20");
    expect(out).toMatch(/To compare more, import\n {2}for VNet .*`az network nsg show --name nsg-ghost`/);
  });

  test.each([
    ["unexplained", "the rule that the log names had ended 2026-03-18T12:00:00.000000Z by dave@contoso.example"],
    ["denied elsewhere", "`no-telnet` of nsg-edge at the subnet gate"],
    ["by a list of another date", "the edition of `Storage` in force 2026-03-20T00:00:00.000000Z"],
    ["opened before", "the rules before the edit of 2026-03-18T12:00:00.000000Z by dave@contoso.example"],
    ["at an edit", "edited 2026-03-18T12:00:00.000000Z by dave@contoso.example"],
    ["after the close", "the same connection from 2026-03-18T10:00:00.000000Z to 2026-03-18T10:00:59.000000Z"],
    ["by another rule", "no evidence shows a rule of that name in nsg-web"],
  ])("of what is %s, the cause", (title, cause) => {
    const [told] = out.split("\n").flatMap((line, at, all) => (line.startsWith(`${title}: `) ? [all[at + 3]] : []));
    expect(told).toContain(cause);
  });

  it("tells clues in JSON with instants as text", () => {
    const told = answer().disagreements.find(({ outcome }) => outcome === "after-close");
    expect(told?.clue).toEqual({
      is: "own-record",
      openedAt: "2026-03-18T10:00:00.000000Z",
      lastSeen: "2026-03-18T10:00:59.000000Z",
    });
  });

  it("leads from each disagreement to its record in the evidence", () => {
    const { disagreements } = answer();
    expect(disagreements).toHaveLength(10);
    for (const { evidence, source } of disagreements) {
      const { position, index } = evidence;
      const shown = conntrail(["log", "show", `${position}.${index}`, "--source", "--case", directory]);
      expect(shown.code, shown.err).toBe(0);
      expect(shown.out).toContain(source);
    }
  });
});

describe("a part of it", () => {
  test.each([
    ["one rule, as the group has it", ["--rule", "allow-https"], 0, "100.0 % of 80 flow-log tuples agree; nothing"],
    ["one rule, as logged", ["--rule", "UserRule_allow-ssh"], 1, "33.3 % of 6 flow-log tuples agree; 2 differ"],
    ["a kind of sensor", ["--sensor", "aws-vpc"], 0, "60.0 % of 5 flow-log tuples agree; 2 differ"],
    [
      "a sensor by its MAC address",
      ["--sensor", "00-0D-3A-00-00-99"],
      3,
      "None of 1 flow-log tuple could be compared.",
    ],
    ["an hour", ["--between", "2026-03-18T14:00Z..2026-03-18T15:00Z"], 1, "0.0 % of 2 flow-log tuples agree; 2 are"],
    ["an hour without reports", ["--since", "2026-03-18T16:00Z"], 3, "No report of that time, rule and sensor"],
  ])("%s", (_, options, code, headline) => {
    const ran = check(...options);
    expect(ran.out.split("\n")[0]).toContain(headline);
    expect(ran.code).toBe(code);
  });

  it("so many disagreements as asked for, the worst first, and how many more there are", () => {
    const { disagreements, more } = answer("--limit", "2");
    expect(disagreements.map(({ outcome }) => outcome)).toEqual(["unexplained", "unexplained"]);
    expect(more).toBe(8);
    expect(check("--limit", "2").out).toContain("and 8 more: see --limit");
  });

  it("each disagreement a line", () => {
    const lines = ndjson<Told>(check("-o", "ndjson"));
    expect(lines.map(({ outcome }) => outcome)).toEqual(answer().disagreements.map(({ outcome }) => outcome));
  });

  it("before the log held any report", () => {
    const ran = check("--known-at", "@1");
    expect([ran.code, ran.out.split("\n")[0]]).toEqual([
      3,
      expect.stringContaining("import NSG, VNet or VPC flow logs"),
    ]);
  });
});

describe("the same evidence gives the same views", () => {
  const { viewsDigest } = verified(directory);

  test.each([
    ["in reverse", files.toReversed()],
    ["flow logs first", [...files.filter((file) => /PT1H|vpc\.log/.test(file)), ...files]],
    ["the edits last, and all twice", [...files.filter((file) => !file.includes("activity")), ...files]],
  ])("%s", (_, ordered) => {
    expect(verified(caseOf(...ordered.map((file) => [file])))).toMatchObject({
      intact: true,
      viewsDigest,
      rebuiltDigest: viewsDigest,
    });
  });

  test.each(["PT1H-nsg.json", "activity-log.json", "vpc.log", "ServiceTags_Public_20260320.json"])(
    "%s, retracted, is as if it had never been imported",
    (name) => {
      const [taken, never] = [caseOf(files), caseOf(files.filter((file) => file !== named(name)))];
      const ran = conntrail(["retract", named(name), "--by", "ann", "--case", taken]);
      expect(ran.code, ran.err).toBe(0);
      const digest = verified(never).viewsDigest;
      expect(digest).not.toBe(viewsDigest);
      expect(verified(taken)).toMatchObject({ viewsDigest: digest, rebuiltDigest: digest });
    },
  );
});

const realLogs = fileURLToPath(new URL("../../../../../shared/evidence/aws-vpc-flow-logs", import.meta.url));

test.skipIf(!existsSync(realLogs))("windows that two real logs tell in two formats count once", () => {
  const reports = ["v3_custom.log", "v4_custom.log"].map((name) => join(realLogs, name));
  expect(reports.map((file) => totalOf(caseOf([file])))).toEqual([2, 2]);
  expect(totalOf(caseOf(reports))).toBe(2);
});

function totalOf(directory: string): number {
  return json<{ reports: number }>(conntrail(["check", "--case", directory, "-o", "json"])).reports;
}
