import { describe, expect, test } from "vitest";
import { conntrail, exampleEvidence, importExample, json, ndjson, newCase, type Ran } from "../support/conntrail.js";

type Event = { position: number; type: string; id: string; actor: { who: string; correlationId: string } };
type Appended = { appended: Event[]; remarks: string[]; refused: string | null };

/** Runs commands one after the other in one case, each at its time on one day. */
function laboratory() {
  const directory = newCase();
  const run = (time: string, ...args: string[]) =>
    conntrail([...args, "--at", `2026-03-18T${time}Z`, "--by", "alice", "--case", directory]);
  const ask = (...args: string[]) => conntrail([...args, "--case", directory]);
  return { directory, run, ask };
}

const ssh = [
  "--priority",
  "100",
  "--direction",
  "inbound",
  "--access",
  "allow",
  "--protocol",
  "tcp",
  "--to-port",
  "22",
];

function smallNetwork() {
  const lab = laboratory();
  const steps: [string, ...string[]][] = [
    ["09:00", "network", "add", "vnet", "--prefix", "10.1.0.0/16", "--subnet", "web=10.1.0.0/24"],
    ["09:01", "group", "add", "nsg-web"],
    ["09:02", "interface", "add", "vm1-nic", "--address", "10.1.0.4", "--subnet", "web", "--group", "nsg-web"],
    ["10:00", "rule", "set", "nsg-web", "ssh", ...ssh, "--from", "203.0.113.7"],
    ["11:00", "rule", "delete", "nsg-web", "ssh"],
  ];
  const ran = steps.map(([time, ...args]) => lab.run(time, ...args));
  return { ...lab, ran };
}

function expectCode(ran: Ran, code: number): void {
  expect(ran.code, ran.err).toBe(code);
}

describe("a case that is entered by hand", () => {
  const { ran, ask, run } = smallNetwork();

  test("is made by its first command, and each says where its event stands", () => {
    for (const one of ran) expectCode(one, 0);
    expect(ran[0]!.err).toContain("no case was found: made one");
    expect(ran[3]!.out).toMatch(/^appended at log position 4: 2026-03-18T10:00:00\.000000Z ssh written, succeeded: /);
  });

  test("answers as any other, and says that it was entered by hand", () => {
    const why = ask("why", "203.0.113.7", "10.1.0.4:22/tcp", "--at", "2026-03-18T10:30Z");
    expectCode(why, 0);
    expect(why.out).toMatch(
      /ALLOWED .*[\s\S]*`ssh` v1 .*entered by hand[\s\S]*entered by hand: log positions 1, 2, 3, 4/,
    );
    const data = json<{ enteredByHand: number[] }>(
      ask("why", "203.0.113.7", "10.1.0.4:22/tcp", "--at", "2026-03-18T10:30Z", "-o", "json"),
    );
    expect(data.enteredByHand).toEqual([1, 2, 3, 4]);
    expect(ask("at", "2026-03-18T10:30Z").out).toMatch(/ssh: .*\(entered by hand\)/);
    expect(ask("log").out).toMatch(/security-rule-written +alice .*entered by hand/);
  });

  test("gives rules their versions, with who entered them, and opens no view for it", () => {
    const history = ask("rules", "--history", "--group", "nsg-web", "-o", "ndjson");
    const versions = ndjson<{ rule: string; begunBy: object; endedBy: object }>(history);
    expect(versions.find(({ rule }) => rule === "ssh")).toMatchObject({
      version: 1,
      from: "2026-03-18T10:00:00.000000Z",
      to: "2026-03-18T11:00:00.000000Z",
      begunBy: { who: "alice", byHand: true, position: 4 },
      endedBy: { who: "alice", byHand: true, position: 5 },
    });
    expect(ask("rules", "--at", "2026-03-18T10:30Z").out).toMatch(/ssh .*recorded, entered by hand/);
  });

  test("takes the same command at the same instant once", () => {
    const again = run("10:00", "rule", "set", "nsg-web", "ssh", ...ssh, "--from", "203.0.113.7", "-o", "json");
    expectCode(again, 0);
    expect(json<Appended>(again)).toMatchObject({ appended: [], refused: null });
    const flush = () => json<Appended>(run("12:00", "flow", "flush", "--interface", "vm1-nic", "-o", "json"));
    expect([flush(), flush()].map(({ appended }) => appended.length)).toEqual([1, 0]);
  });

  test("verifies", () => {
    const verified = json<{ intact: boolean; viewsDigest: string; rebuiltDigest: string }>(
      ask("verify", "--rebuild", "-o", "json"),
    );
    expect(verified.intact).toBe(true);
    expect(verified.rebuiltDigest).toBe(verified.viewsDigest);
  });
});

describe("a refused command ends with 1, says why on standard error, and appends nothing", () => {
  const { ask, run } = smallNetwork();

  test.each<[string, readonly string[], RegExp]>([
    ["unknown group", ["rule", "delete", "nsg-x", "ssh"], /refused: there is no group `nsg-x` at .*: there is nsg-web/],
    ["unknown rule", ["rule", "delete", "nsg-web", "x"], /refused: group `nsg-web` has no rule `x`/],
    [
      "bad priority",
      ["rule", "set", "nsg-web", "x", "--priority", "99", "--direction", "inbound", "--access", "deny"],
      /refused: priority 99 is outside 100 to 4096/,
    ],
    ["default rule", ["rule", "delete", "nsg-web", "DenyAllInBound"], /refused: `DenyAllInBound` is a default rule/],
    [
      "taken address",
      ["interface", "add", "vm2-nic", "--address", "10.1.0.4", "--subnet", "web"],
      /refused: 10\.1\.0\.4 is the address of `vm1-nic`/,
    ],
    ["flow timeout", ["network", "set", "vnet", "--flow-timeout", "3"], /refused: flow timeout 3 is outside 4 to 30/],
    ["bad tag prefix", ["tag", "set", "Storage", "20.0.0.0/40"], /refused: `20\.0\.0\.0\/40` is no prefix: use /],
    ["unknown interface", ["flow", "flush", "--interface", "x"], /refused: there is no interface `x`/],
    ["unknown asg", ["asg", "set", "vm1-nic", "10.1.0.4", "x"], /refused: there is no application security group `x`/],
  ])("%s", (_, args, pattern) => {
    const before = ndjson(ask("log", "-o", "ndjson")).length;
    const ran = run("10:30", ...args);
    expectCode(ran, 1);
    expect(ran.out).toBe("");
    expect(ran.err).toMatch(pattern);
    expect(ndjson(ask("log", "-o", "ndjson"))).toHaveLength(before);
  });

  test("as JSON, too", () => {
    const ran = run("10:30", "rule", "delete", "nsg-web", "x", "-o", "json");
    expectCode(ran, 1);
    expect(json<Appended>(ran)).toMatchObject({ appended: [], refused: expect.stringContaining("has no rule `x`") });
  });

  test.each([
    [["group", "associate", "nsg-web"]],
    [["group", "set", "nsg-web", "--flush", "maybe"]],
    [["network", "add", "v", "--prefix", "10.0.0.0/8", "--subnet", "web"]],
    [["flow", "flush", "10.0.0.1"]],
    [["rule", "set", "nsg-web"]],
  ])("wrong usage is 2: %s", (args) => {
    expectCode(run("10:30", ...args), 2);
  });
});

describe("what is entered beside evidence", () => {
  const directory = newCase();
  importExample(directory, [exampleEvidence]);

  test("replaces the group at a subnet, and says which", () => {
    const run = (...args: string[]) => conntrail([...args, "--at", "2026-11-21T04:58:00Z", "--case", directory]);
    expectCode(run("group", "add", "nsg-lab"), 0);
    const ran = run("group", "associate", "nsg-lab", "--subnet", "web", "-o", "json");
    expectCode(ran, 0);
    expect(json<Appended>(ran)).toMatchObject({
      appended: [{ type: "association-written", actor: { correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) } }],
      remarks: ["this replaces nsg-web at the subnet gate of web"],
    });
  });

  test("an edit before later evidence of the rule is taken, and that is said", () => {
    const rule = "MicrosoftDefenderForCloud-JITRule-1463020894-7B1F0E52C9D84A36A5E1D2F37C6840B9";
    const args = ["rule", "set", "nsg-web", rule, "--to-port", "2222", "--at", "2026-11-21T04:56:00Z"];
    const ran = conntrail([...args, "--case", directory]);
    expectCode(ran, 0);
    expect(ran.err).toContain("the case holds 1 later event about this, the first at 2026-11-21T04:59:44.729890Z");
  });
});
