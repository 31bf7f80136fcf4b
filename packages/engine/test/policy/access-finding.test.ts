import { describe, expect, it } from "vitest";
import {
  type AccessFinding,
  accessFindings,
  accessSetUps,
  accessState,
  buildNetworkHistory,
  type ControlEvent,
  endOfTime,
  type RequestedAccess,
} from "../../src/index.js";
import { machineAt, policyWritten } from "../support/access-events.js";
import {
  accessRequested,
  groupSeen,
  groupWritten,
  interfaceSeen,
  type OperationMore,
  removed,
  ruleDeleted,
  ruleWritten,
} from "../support/control-events.js";
import { historyOf } from "../support/histories.js";
import { at } from "../support/instants.js";

const hash = "9EF6964F0A0B4C3D9EF6964F0A0B4C3D";
const allow = `MicrosoftDefenderForCloud-JITRule-7-${hash}`;
const deny = `MicrosoftDefenderForCloud-JITRule_8_${hash}`;
const jitRule = `100 ${allow} inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22`;
const jitDeny = `1000 ${deny} inbound deny * * * -> 10.0.0.4 22,3389`;
const ssh: RequestedAccess = { machine: "vm1", port: 22, sources: ["203.0.113.7"], until: at("10:00") };

const byService: OperationMore = { effect: "created", who: "service-principal" };
const request = accessRequested("09:00", [ssh], { who: "alice", justification: "ticket 7" });
const made = ruleWritten("09:00:05", jitRule, byService);
const gone = ruleDeleted("10:00:02", allow, { who: "service-principal" });
const whole = groupSeen("07:00", []);
const correct = [whole, request, made, gone];

const clock = (time: number) => (time === endOfTime ? "" : new Date(time / 1000).toISOString().slice(11, 16));

function tell(finding: AccessFinding): string {
  const span = `${clock(finding.from)}..${clock(finding.to)}`;
  switch (finding.type) {
    case "no-justification":
      return `${span} no-justification of ${finding.grant.cause.actor?.who}`;
    case "edited-by-hand":
      return `${span} v${finding.version.version} edited-by-hand by ${finding.by.actor?.who}`;
    case "priorities-shifted":
      return `${span} ${finding.moved.map(({ version, before, after }) => `${version.rule} ${before} to ${after}`)}`;
    case "deny-shadowed":
      return `${span} deny-shadowed by ${finding.by.rule} for ${finding.ports}`;
    case "left-behind":
      return `${span} left-behind by ${finding.grant.cause.actor?.who}`;
    case "machine-gone":
      return `${span} machine-gone`;
  }
}

function findingsOf(events: readonly ControlEvent[], until = "12:00"): string[] {
  const policy = historyOf(events);
  const told = (order: readonly ControlEvent[]) =>
    accessFindings(accessState({ events: order, policy, network: buildNetworkHistory(order) }), at(until)).map(tell);
  expect(told(events.toReversed())).toEqual(told(events));
  return told(events);
}

describe("just-in-time access", () => {
  it("that was asked for with a reason, and whose rule came and went with it, gives no finding", () => {
    expect(findingsOf(correct)).toEqual([]);
  });

  it.each<[string, readonly ControlEvent[], readonly string[]]>([
    [
      "without justification is one",
      [
        accessRequested("09:00", [ssh], { who: "alice", justification: " " }),
        accessRequested("09:30", [{ ...ssh, port: 3389 }], { who: "bob" }),
      ],
      ["09:00..10:00 no-justification of alice", "09:30..10:00 no-justification of bob"],
    ],
    [
      "whose rule somebody else widened is one, and names whom",
      [...correct, ruleWritten("09:20", jitRule.replace("203.0.113.7", "*"), { who: "mallory", effect: "updated" })],
      ["09:20..10:00 v2 edited-by-hand by mallory"],
    ],
    [
      "whose rule was only seen, and then edited by a person",
      [
        request,
        groupSeen("09:05", [jitRule]),
        ruleWritten("09:20", jitRule.replace("22", "*"), { who: "bob@contoso.example" }),
        gone,
      ],
      ["09:20..10:00 v2 edited-by-hand by bob@contoso.example"],
    ],
    [
      "whose rule the service itself wrote again is none",
      [
        ...correct,
        ruleWritten("09:20", jitRule.replace("100", "101"), { who: "Service-Principal", effect: "updated" }),
      ],
      [],
    ],
    [
      "whose deny somebody deleted",
      [whole, ruleWritten("08:00", jitDeny, byService), ruleDeleted("09:00", deny, { who: "mallory" })],
      ["09:00.. v1 edited-by-hand by mallory"],
    ],
  ])("%s", (_, events, findings) => {
    expect(findingsOf(events)).toEqual(findings);
  });
});

describe("rules that moved while a grant's rule was made [A13]", () => {
  const ssh100 = "100 ssh inbound allow tcp 10.0.0.0/8 * -> * 22";
  const moved = ssh100.replace("100", "101");
  const before = groupSeen("07:00", [ssh100, "200 http inbound allow tcp * * -> * 80"]);
  const shifted = ["09:00..10:00 ssh 100 to 101"];

  it.each<[string, readonly ControlEvent[], readonly string[]]>([
    ["within the minute", [ruleWritten("09:00:40", moved, { who: "service-principal" }), made], shifted],
    [
      "in the same operation, however long it took",
      [
        ruleWritten("09:05", moved, { who: "service-principal", correlationId: "c" }),
        ruleWritten("09:00:05", jitRule, { ...byService, correlationId: "c" }),
      ],
      shifted,
    ],
    [
      "when the group was written whole",
      [
        groupWritten("09:00:05", [moved, "200 http inbound allow tcp * * -> * 80", jitRule], {
          who: "service-principal",
          effect: "updated",
        }),
      ],
      shifted,
    ],
    ["but not at another time", [ruleWritten("09:30", moved, { who: "service-principal" }), made], []],
    [
      "nor when they changed in more",
      [ruleWritten("09:00:40", moved.replace("10.0.0.0/8", "*"), { who: "x" }), made],
      [],
    ],
  ])("%s", (_, events, findings) => {
    expect(findingsOf([before, request, gone, ...events])).toEqual(findings);
  });
});

describe("the policy's deny never decides [P2]", () => {
  const shadow = (text: string) => findingsOf([groupSeen("07:00", [jitDeny, text])]);

  it.each<[string, string, readonly string[]]>([
    ["for a port that an earlier allow opens", "300 rdp inbound allow tcp * * -> * 3389", ["3389"]],
    ["for each such port", "300 all inbound allow * * * -> * 20-4000", ["22,3389"]],
    ["also when it lets in but few", "300 ops inbound allow tcp 198.51.100.0/24 * -> 10.0.0.0/24 22", ["22"]],
    [
      "also when it is for a tag or group that may hold the machine",
      "300 vnet inbound allow tcp * * -> VirtualNetwork 22",
      ["22"],
    ],
    ["but not when the allow comes after it", "1001 rdp inbound allow tcp * * -> * 3389", []],
    ["nor for another machine", "300 rdp inbound allow tcp * * -> 10.0.0.5 3389", []],
    ["nor for another port", "300 http inbound allow tcp * * -> * 80", []],
    ["nor by an outbound rule", "300 out outbound allow tcp * * -> * 22", []],
    ["nor by a grant's own rule", jitRule, []],
  ])("%s", (_, text, ports) => {
    expect(shadow(text)).toEqual(
      ports.map((own) => expect.stringContaining(`deny-shadowed by ${text.split(" ")[1]} for ${own}`)),
    );
  });

  it("unless a deny of everybody comes before the allow", () => {
    const rules = ["300 rdp inbound allow tcp * * -> * 3389", "200 no inbound deny * * * -> * 3389", jitDeny];
    expect(findingsOf([groupSeen("07:00", rules)])).toEqual([]);
  });

  it("while both are in force", () => {
    const open = "300 rdp inbound allow tcp * * -> * 3389";
    const events = [
      groupSeen("07:00", [jitDeny]),
      ruleWritten("08:00", open, { effect: "created" }),
      ruleDeleted("09:00", "rdp"),
    ];
    expect(findingsOf(events)).toEqual(["08:00..09:00 deny-shadowed by rdp for 3389"]);
  });
});

describe("a rule is left behind", () => {
  const renewal = accessRequested("09:30", [{ ...ssh, until: at("13:00") }], { who: "bob", justification: "again" });
  const other = allow.replace("-7-", "-9-");

  it.each<[string, readonly ControlEvent[], string, readonly string[]]>([
    ["when it is still there after its grant", [whole, request, made], "12:00", ["10:00.. left-behind by alice"]],
    [
      "when it went late",
      [whole, request, made, ruleDeleted("11:00", allow)],
      "12:00",
      ["10:00..11:00 left-behind by alice"],
    ],
    ["but not within minutes of the end", [whole, request, made], "10:10", []],
    ["nor while a newer grant uses it", [whole, request, made, renewal], "12:00", []],
    [
      "though a newer grant has another",
      [whole, request, made, renewal, ruleWritten("09:30:05", jitRule.replace(allow, other), byService)],
      "12:00",
      ["09:30.. left-behind by alice"],
    ],
  ])("%s", (_, events, until, findings) => {
    expect(findingsOf(events, until)).toEqual(findings);
  });

  it("by a machine that was deleted", () => {
    const machine = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1";
    const asked = accessRequested("09:00", [{ ...ssh, machine, until: at("13:00") }], { justification: "ticket 7" });
    expect(findingsOf([whole, asked, made, removed("09:30", machine.toUpperCase())])).toEqual(["09:30.. machine-gone"]);
    expect(findingsOf([whole, asked, made, removed("09:30", machine), ruleDeleted("09:31", allow)])).toEqual([]);
  });

  it("by a machine whose interface was deleted", () => {
    const seen = [groupSeen("07:00", [jitDeny]), machineAt("07:00", "nic1", "vm1", "10.0.0.4")];
    expect(findingsOf([...seen, removed("08:00", "nic1")])).toEqual(["08:00.. machine-gone"]);
  });

  it("by a machine whose address no interface has any more", () => {
    const nic = (when: string, address: string) => machineAt(when, "nic1", "vm1", address);
    const seen = [groupSeen("07:00", [jitDeny]), nic("07:00", "10.0.0.4")];
    expect(findingsOf([...seen, nic("08:00", "10.0.0.9")])).toEqual(["08:00.. machine-gone"]);
    expect(findingsOf(seen)).toEqual([]);
  });
});

describe("setting up just-in-time access on AWS [A10]", () => {
  const ports = [{ port: 22, protocol: "tcp", sources: ["*"], maxDurationSeconds: null }] as const;
  const nic = interfaceSeen("07:00", "eni-1", { more: { machine: "i-1", platform: "aws", groups: ["sg-1"] } });
  const open = ["0 ssh inbound allow tcp * * -> * 22", "0 http inbound allow tcp * * -> * 80"];
  const group = groupSeen("07:00", open, { group: "sg-1", kind: "security-group" });
  const policy = policyWritten("09:00", [{ machine: "i-1", ports }], { effect: "created" });

  it.each<[string, readonly ControlEvent[], readonly string[]]>([
    [
      "revokes the rules that had opened its ports",
      [group, ruleDeleted("09:00:10", "ssh", { group: "sg-1" })],
      ["ssh"],
    ],
    ["and not those of other ports", [group, ruleDeleted("09:00:10", "http", { group: "sg-1" })], []],
    ["and not at another time", [group, ruleDeleted("11:00", "ssh", { group: "sg-1" })], []],
  ])("%s", (_, events, revoked) => {
    const all = [nic, policy, ...events];
    const state = accessState({ events: all, policy: historyOf(all), network: buildNetworkHistory(all) });
    expect(accessSetUps(state).flatMap((own) => own.revoked.map(({ rule }) => rule))).toEqual(revoked);
  });
});
