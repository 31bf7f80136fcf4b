import { describe, expect, test } from "vitest";
import { conntrail, importExample, json, newCase } from "../support/conntrail.js";

type Diff = {
  different: boolean;
  groups: {
    name: string;
    rules: { change: string; rule: string; cause: { who: string } | null }[];
    regions: { direction: string; before: string; after: string; source: string[]; destination: string[] }[] | null;
    leftOut: number;
  }[];
  references: { name: string; come: string[]; gone: string[]; newlyAllowed: string[] }[];
  flows: { opened: string[]; ended: string[]; surviving: string[] };
};

describe("the recorded example", () => {
  const directory = newCase();
  importExample(directory);
  const diff = (span: string, ...args: string[]) => conntrail(["diff", span, "--case", directory, ...args]);

  test("shows the rule that came, what it opened, and the flow records that followed: 1", () => {
    const ran = diff("2026-11-21T04:50Z..2026-11-21T04:56Z", "--group", "nsg-web", "-o", "json");
    expect(ran.code).toBe(1);
    const [group] = json<Diff>(ran).groups;
    expect(group!.rules).toMatchObject([
      { change: "added", cause: { who: "Windows Azure Security Resource Provider", byHand: false } },
    ]);
    expect(group!.regions).toEqual([
      {
        direction: "inbound",
        before: "deny",
        after: "allow",
        protocols: [6],
        icmp: null,
        source: ["203.0.113.7"],
        sourcePorts: null,
        destination: ["10.1.0.4"],
        destinationPorts: [{ first: 22, last: 22 }],
      },
    ]);
    expect(group!.leftOut).toBe(0);
    expect(json<Diff>(ran).flows.opened.length).toBeGreaterThan(0);
  });

  test("shows the rule that went in words, and the flow record that survived", () => {
    const ran = diff("2026-11-21T04:56Z..");
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/nsg-web: \+0 −1 rules/);
    expect(ran.out).toMatch(/newly closed inbound: tcp from 203\.0\.113\.7 to 10\.1\.0\.4 port 22/);
    expect(ran.out).toMatch(/1 surviving/);
  });

  test("shows nothing where no rule is different: 0", () => {
    const ran = diff("2026-11-21T04:55Z..2026-11-21T04:56Z", "-o", "json");
    expect(ran.code).toBe(0);
    expect(json<Diff>(ran).different).toBe(false);
  });

  test("holds an edit at A, and none at B", () => {
    const edit = "2026-11-21T04:54:45.691465Z";
    expect(diff(`${edit}..2026-11-21T04:56Z`).code).toBe(1);
    expect(diff(`2026-11-21T04:50Z..${edit}`).code).toBe(0);
  });

  test.each([["no range"], ["2026-11-21"], ["a..b..c"]])("is refused for the span `%s`: 2", (span) => {
    expect(diff(span).code).toBe(2);
  });

  test("is refused for an unknown group: 2", () => {
    expect(diff("..", "--group", "nope").code).toBe(2);
  });
});

describe("a laboratory", () => {
  const directory = newCase();
  const run = (time: string, ...args: string[]) =>
    conntrail([...args, "--at", `2026-03-18T${time}Z`, "--by", "alice", "--case", directory]);
  const allow = ["--direction", "inbound", "--access", "allow", "--protocol", "tcp"];
  run("09:00", "network", "add", "vnet", "--prefix", "10.1.0.0/16", "--subnet", "web=10.1.0.0/24");
  run("09:00", "group", "add", "nsg-web");
  run("09:00", "interface", "add", "nic", "--address", "10.1.0.4", "--subnet", "web", "--group", "nsg-web");
  run("09:00", "tag", "set", "Storage", "20.0.0.0/24");
  run(
    "09:30",
    "rule",
    "set",
    "nsg-web",
    "rdp",
    ...allow,
    "--priority",
    "100",
    "--from",
    "Internet",
    "--to-port",
    "3389",
  );
  run(
    "09:30",
    "rule",
    "set",
    "nsg-web",
    "blob",
    ...allow,
    "--priority",
    "200",
    "--from",
    "Storage",
    "--to-port",
    "443",
  );
  run("10:00", "rule", "set", "nsg-web", "rdp", "--from", "203.0.113.0/24", "--priority", "150");
  run("10:30", "tag", "set", "Storage", "20.0.0.0/24", "20.0.2.0/24");
  const diff = (span: string, ...args: string[]) => conntrail(["diff", span, "--case", directory, ...args]);

  test("tells a change field by field, and what it closes by the names that rules use", () => {
    const { out } = diff("2026-03-18T10:00Z..2026-03-18T10:15Z");
    expect(out).toContain("nsg-web: +0 −0 rules, 1 changed, 1 priority moved");
    expect(out).toMatch(
      /~ `rdp`: priority 100 → 150; source Internet → 203\.0\.113\.0\/24, changed .* by alice .*entered by hand/,
    );
    expect(out).toMatch(/newly closed inbound: tcp from Internet but 203\.0\.113\.0\/24 to anywhere port 3389/);
  });

  test("shows what a tag that was written anew opens, and with --references the tag itself", () => {
    const { groups, references } = json<Diff>(diff("2026-03-18T10:15Z..", "--references", "-o", "json"));
    expect(groups[0]!.rules).toEqual([]);
    expect(groups[0]!.regions).toMatchObject([{ before: "deny", after: "allow", source: ["20.0.2.0/24"] }]);
    expect(references).toMatchObject([{ name: "Storage", come: ["20.0.2.0/24"], gone: [] }]);
  });

  test("tells that a group was made, without its default rules", () => {
    const { out, code } = diff("2026-03-18T08:00Z..2026-03-18T09:15Z");
    expect(code).toBe(1);
    expect(out).toContain("the group was made in the span");
    expect(out).not.toContain("DenyAllInBound");
  });
});
