// Reported against derived: what agrees, and the likeliest cause of what does not.

import { describe, expect, it, test } from "vitest";
import type { ControlEvent, ReportedFlow } from "../../src/index.js";
import { ruleName } from "../../src/index.js";
import {
  associated,
  eventOf,
  groupSeen,
  interfaceSeen,
  networkSeen,
  ruleDeleted,
  ruleWritten,
} from "../support/control-events.js";
import { at } from "../support/instants.js";
import { type Folded, foldReports, report, row } from "../support/reporting.js";

const ssh = "100 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const noTelnet = "200 no-telnet inbound deny tcp * * -> * 23";
const mac = { macAddress: "000d3af80001" };
const azure = (rules: readonly string[] = [ssh, noTelnet]): ControlEvent[] => [
  groupSeen("08:00", rules),
  interfaceSeen("08:00", "nic-1", { group: "web", more: mac }),
  networkSeen("08:00", "vnet-1"),
];

/** Outcome, what is held against it, and our rule with its version, of the only tally. */
function toldOf({ checks }: Folded): string {
  expect(checks).toHaveLength(1);
  const [{ outcome, basis, derivedRule }] = checks as [Folded["checks"][number]];
  const rule = derivedRule === null ? "-" : `${derivedRule.rule} v${derivedRule.version}`;
  return `${outcome} ${basis} ${rule}`;
}

function check(events: readonly ControlEvent[], ...reports: ReportedFlow[]): string {
  return toldOf(foldReports(events, [reports]));
}

const clueOf = ({ disagreements }: Folded) => disagreements[0]?.clue ?? null;
const denied = (text: Parameters<typeof report>[0]) => report({ kind: "denied", ...text });

describe("a log of one group", () => {
  test.each([
    ["the rule it names decides", report({}), "agrees own-gate ssh v1"],
    ["it names another rule", report({ rule: "UserRule_other" }), "other-rule own-gate ssh v1"],
    [
      "a default rule",
      denied({ to: "10.0.0.4:80", rule: "DefaultRule_DenyAllInBound" }),
      "agrees own-gate DenyAllInBound v1",
    ],
    ["a rule that denies", denied({ to: "10.0.0.4:23", rule: "UserRule_no-telnet" }), "agrees own-gate no-telnet v1"],
    ["nothing explains it", report({ to: "10.0.0.4:23" }), "unexplained own-gate no-telnet v1"],
    ["denied, and nothing explains it", denied({}), "unexplained own-gate ssh v1"],
    ["the group in capitals", report({ group: "WEB" }), "agrees own-gate ssh v1"],
  ])("%s", (_, reported, expected) => {
    expect(check(azure(), reported)).toBe(expected);
  });

  it("counts what goes on as its opening", () => {
    const { checks } = foldReports(azure(), [[report({}), report({ time: "12:05", kind: "continued" })]]);
    expect(checks).toMatchObject([{ outcome: "agrees", reports: 2 }]);
  });

  it("allowed by its own group, and by our rules denied at another gate", () => {
    const subnet = [
      groupSeen("08:00", [], { group: "edge", name: "edge" }),
      associated("08:00", "subnet", "subnet-1", ["edge"]),
    ];
    const folded = foldReports([...azure(), ...subnet], [[report({})]]);
    expect(toldOf(folded)).toBe("denied-elsewhere own-gate ssh v1");
    expect(clueOf(folded)).toEqual({ is: "gate", gate: "subnet", group: "edge", rule: "DenyAllInBound" });
  });

  it("denied under one group, and by our rules at the gate of another: the verdict is the same", () => {
    const subnet = [
      groupSeen("08:00", [], { group: "edge", name: "edge" }),
      associated("08:00", "subnet", "subnet-1", ["edge"]),
    ];
    expect(check([...azure(), ...subnet], denied({}))).toBe("other-rule own-gate ssh v1");
  });

  it("of an interface that nobody showed: by the rules of the group alone", () => {
    expect(check([groupSeen("08:00", [ssh])], report({}))).toBe("agrees group-alone ssh v1");
  });

  it("of an interface whose MAC address nobody showed: by the connection's address", () => {
    const unaddressed = interfaceSeen("08:00", "nic-1", { group: "web" });
    expect(check([groupSeen("08:00", [ssh]), unaddressed, networkSeen("08:00", "vnet-1")], report({}))).toBe(
      "agrees own-gate ssh v1",
    );
  });

  it("of another MAC address than the interface's: the address may be another network's", () => {
    const other = report({ sensor: { mac: "000d3af80002" } });
    expect(check(azure(), other)).toBe("agrees group-alone ssh v1");
  });

  it("of neither an interface nor a group that is known", () => {
    expect(check([], report({}))).toBe("no-interface null -");
  });
});

describe("the rule that the log names", () => {
  const named = (events: readonly ControlEvent[], rule: string, more: Parameters<typeof report>[0] = {}) =>
    clueOf(foldReports(events, [[report({ rule, to: "10.0.0.4:23", ...more })]]));
  const gone = ruleDeleted("11:00", "ssh");
  const later = ruleWritten("13:00", "210 telnet inbound allow tcp * * -> * 23", { effect: "created" });

  test.each<[string, readonly ControlEvent[], string, object | null]>([
    ["nobody showed it", [], "UserRule_telnet", { was: "never-seen", time: null, event: null }],
    ["it had ended", [gone], "UserRule_ssh", { was: "gone", time: at("11:00"), event: gone.id }],
    ["it began later", [later], "UserRule_telnet", { was: "not-yet", time: at("13:00"), event: later.id }],
    ["it was in force", [], "UserRule_ssh", null],
  ])("%s", (_, more, rule, expected) => {
    const clue = expected === null ? null : { is: "named-rule", group: "web", ...expected };
    expect(named([...azure(), ...more], rule)).toEqual(clue);
  });

  it("is told also where the verdict is the same by another one", () => {
    expect(named(azure(), "UserRule_web", { to: "10.0.0.4:22" })).toMatchObject({ was: "never-seen" });
  });
});

describe("how firm our own answer is", () => {
  const standings = (events: readonly ControlEvent[]) =>
    foldReports(events, [[report({})]]).checks.map(({ standing }) => standing);

  test.each<[string, string, readonly ControlEvent[]]>([
    ["proven", "by what evidence shows", azure()],
    ["inferred", "before anybody showed it", azure().map((event) => ({ ...event, time: at("18:00") }))],
    ["inferred", "by a group that nobody shows there", [groupSeen("08:00", [ssh])]],
    ["unknown", "where there is none", []],
  ])("%s %s", (expected, _, events) => {
    expect(standings(events)).toEqual([expected]);
  });
});

describe("the platform's own rule", () => {
  const platform = { rule: "PlatformRule", group: "00000000-0000-0000-0000-000000000000" };
  const out = { direction: "outbound", from: "10.0.0.4:50000" } as const;

  it("agrees where our platform gate lets it pass", () => {
    expect(check(azure(), report({ ...platform, ...out, to: "169.254.169.254:80" }))).toBe("agrees platform -");
  });

  it("is another rule where a group of ours allows it", () => {
    expect(check(azure(), report({ ...platform, ...out, to: "198.51.100.1:80" }))).toBe(
      "other-rule platform AllowInternetOutBound v1",
    );
  });

  it("is what no evidence shows where our rules say otherwise", () => {
    expect(check(azure(), denied({ ...platform, ...out, to: "198.51.100.1:80" }))).toMatch(/^platform-rule/);
  });
});

describe("an edit near the report", () => {
  const edits = (when: string) => [...azure(), ruleDeleted(when, "ssh", { who: "dave" })];

  test.each([
    ["12:00:00", "edit-in-the-same-minute"],
    ["11:59:00", "edit-in-the-same-minute"],
    ["11:58:59", "unexplained"],
  ])("deleted at %s, and allowed at 12:00", (when, expected) => {
    expect(check(edits(when), report({})).split(" ")[0]).toBe(expected);
  });

  test.each([
    ["12:00:30", "edit-in-the-same-minute"],
    ["12:01:00", "edit-in-the-same-minute"],
    ["12:01:01", "unexplained"],
  ])("written at %s, and allowed at 12:00", (when, expected) => {
    expect(check([...azure([]), ruleWritten(when, ssh, { effect: "created" })], report({})).split(" ")[0]).toBe(
      expected,
    );
  });

  it("is named", () => {
    const events = edits("11:59:30");
    const folded = foldReports(events, [[report({})]]);
    expect(clueOf(folded)).toEqual({ is: "edit", time: at("11:59:30"), event: events.at(-1)!.id });
  });

  it("explains a window that it falls into, far from its beginning", () => {
    const events = [...aws(), ruleDeleted("12:08", "ssh", { group: "sg-1" })];
    const reported = row({ time: "12:00", lastTime: "12:09:59", verdict: "deny" });
    expect(check(events, reported).split(" ")[0]).toBe("edit-in-the-same-minute");
  });
});

describe("allowed by what was open before", () => {
  const later = [...azure(), ruleDeleted("11:00", "ssh")];

  it("the sensor tells of no opening, and the rules of an earlier time allow it", () => {
    const folded = foldReports(later, [[report({ kind: "continued" })]]);
    expect(toldOf(folded).split(" ")[0]).toBe("opened-before");
    expect(clueOf(folded)).toMatchObject({ is: "earlier-rules", time: at("11:00") });
  });

  it("never did the rules allow it", () => {
    expect(check(azure([]), report({ kind: "continued" })).split(" ")[0]).toBe("unexplained");
  });

  it("the sensor's own record was open, and its opening is told again", () => {
    const reports = [
      report({ time: "10:50" }),
      report({ time: "10:59", kind: "continued" }),
      report({ time: "11:05" }),
    ];
    const folded = foldReports(later, [reports]);
    expect(folded.checks.map(({ outcome }) => outcome).sort()).toEqual(["agrees", "opened-before"]);
    expect(clueOf(folded)).toEqual({ is: "own-record", openedAt: at("10:50"), lastSeen: at("10:59") });
  });

  it("not so where that was silent for longer than any flow timeout", () => {
    const { checks } = foldReports(later, [[report({ time: "10:50" }), report({ time: "11:21" })]]);
    expect(checks.map(({ outcome }) => outcome).sort()).toEqual(["agrees", "unexplained"]);
  });

  it("a flow record of packets covers it", () => {
    const folded = foldReports(later, [[report({})]], { packetRecordBefore: () => "f-0000000000000" });
    expect(clueOf(folded)).toEqual({ is: "packets", flow: "f-0000000000000" });
  });
});

/** A security group that lets SSH in and answers out, at an interface whose subnet's ACL lets all pass. */
function aws(acl: readonly string[] = ["100 in inbound allow * * * -> * *", "100 out outbound allow * * * -> * *"]) {
  return [
    groupSeen("08:00", [ssh.replace("100", "0")], { group: "sg-1", name: "sg-1", kind: "security-group" }),
    groupSeen("08:00", acl, { group: "acl-1", name: "acl-1", kind: "network-acl" }),
    interfaceSeen("08:00", "eni-1", {
      id: "eni-1",
      more: { platform: "aws", groups: ["sg-1"], network: "vpc-1" },
    }),
    networkSeen("08:00", "vpc-1"),
    associated("08:00", "network-acl", "subnet-1", ["acl-1"]),
  ];
}

describe("a log of one row a way", () => {
  const answer = { from: "10.0.0.4:22", to: "203.0.113.7:50000" };

  it("of an id that nobody showed stands nowhere, whoever has the address", () => {
    expect(check(aws(), row({ flags: 2, sensor: { interface: "eni-2" } }))).toBe("no-interface null -");
  });

  it("holds the way of the opener against the rules, and lets answers go with it", () => {
    const { checks } = foldReports(aws(), [[row({ flags: 2 }), row({ ...answer, flags: 18 })]]);
    expect(checks).toMatchObject([{ outcome: "agrees", reports: 2 }]);
  });

  it("holds answers against the network ACL, which judges each packet", () => {
    const noAnswers = ["100 in inbound allow * * * -> * *"];
    const folded = foldReports(aws(noAnswers), [[row({ flags: 2 }), row({ ...answer, flags: 18 })]]);
    expect(toldOf(folded)).toBe("unexplained all-gates egress * v1");
  });

  it("a rejected answer agrees where the network ACL denies it", () => {
    const noAnswers = ["100 in inbound allow * * * -> * *"];
    const reports = [row({ flags: 2 }), row({ ...answer, verdict: "deny", flags: 18 })];
    const { checks } = foldReports(aws(noAnswers), [reports]);
    expect(checks.map(({ reported, outcome }) => `${reported} ${outcome}`).sort()).toEqual([
      "allow agrees",
      "deny agrees",
    ]);
  });

  it("a rejected packet of what was accepted minutes ago came after the close", () => {
    const folded = foldReports(aws(), [[row({}), row({ time: "12:05", verdict: "deny" })]]);
    expect(folded.checks.map(({ outcome }) => outcome).sort()).toEqual(["after-close", "agrees"]);
    expect(clueOf(folded)).toMatchObject({ is: "own-record", openedAt: at("12:00") });
  });

  it.each([
    [16, "after-close"],
    [2, "unexplained"],
  ])("a rejected segment with flags %i is %s", (flags, expected) => {
    expect(check(aws(), row({ verdict: "deny", flags })).split(" ")[0]).toBe(expected);
  });

  it("shows the primary address for others: the packet's own counts", () => {
    const detail = JSON.stringify({ "pkt-srcaddr": "203.0.113.7" });
    expect(check(aws(), row({ from: "198.51.100.1:50000", flags: 2, detail }))).toMatch(/^agrees/);
    expect(check(aws(), row({ from: "198.51.100.1:50000", flags: 2 }))).toMatch(/^unexplained/);
  });

  it("block public access is no rule", () => {
    const detail = JSON.stringify({ "reject-reason": "BPA" });
    expect(check(aws(), row({ verdict: "deny", detail }))).toMatch(/^public-access-blocked/);
  });
});

describe("address lists", () => {
  const tagged = azure(["100 storage inbound allow tcp Storage * -> * 22"]);
  const edition = (when: string, prefixes: readonly string[]) =>
    eventOf(when, { type: "address-list-seen", data: { list: "Storage", prefixes, instant: "stated" } } as never);

  it("another edition would agree", () => {
    const events = [...tagged, edition("09:00", ["198.51.100.0/24"]), edition("18:00", ["203.0.113.0/24"])];
    const folded = foldReports(events, [[report({ rule: "UserRule_storage" })]]);
    expect(toldOf(folded).split(" ")[0]).toBe("address-list");
    expect(clueOf(folded)).toEqual({ is: "list", list: "Storage", edition: at("18:00") });
  });

  it("no edition agrees", () => {
    const events = [...tagged, edition("09:00", ["198.51.100.0/24"])];
    expect(check(events, report({ rule: "UserRule_storage" })).split(" ")[0]).toBe("unexplained");
  });

  it("an unknown list leaves the policy unknown, and says which", () => {
    const folded = foldReports(tagged, [[report({ rule: "UserRule_storage" })]]);
    expect(toldOf(folded).split(" ")[0]).toBe("unknown-policy");
    expect(clueOf(folded)).toMatchObject({ is: "doubt", rule: "storage", because: expect.stringContaining("Storage") });
  });
});

describe("sensors that do not judge", () => {
  it("are left out, and their records stand where they were seen", () => {
    const zeek = report({
      kind: "connection",
      verdict: null,
      rule: null,
      group: null,
      sensor: { kind: "zeek", mac: null },
    });
    const { checks, records } = foldReports(azure(), [[zeek]]);
    expect(checks).toMatchObject([{ outcome: "no-verdict" }]);
    expect(records).toMatchObject([{ interface: "nic-1", derived: "none" }]);
  });
});

describe("names of rules in logs", () => {
  test.each([
    ["UserRule_ssh", "ssh"],
    ["DefaultRule_DenyAllInBound", "denyallinbound"],
    ["securityRules/ssh", "ssh"],
    ["ssh", "ssh"],
  ])("%s is %s", (logged, name) => {
    expect(ruleName(logged)).toBe(name);
  });

  const hash = "8C18BF89F0A1B2C3D4E5F60718293A4B";
  const named = (name: string) => `100 ${name} inbound allow tcp 203.0.113.0/24 * -> * 22`;

  test.each([
    [
      "of just-in-time access",
      `SecurityCenter-JITRule--1170687618-${hash}`,
      `UserRule_SecurityCenter-JITRule--1170687618-${hash}`,
    ],
    ["in other case", `SecurityCenter-JITRule-7-${hash}`, `UserRule_securitycenter-jitrule-7-${hash.toLowerCase()}`],
    [
      "cut off",
      `MicrosoftDefenderForCloud-JITRule-1170687618-${hash}`,
      `UserRule_MicrosoftDefenderForCloud-JITRule-1170687618-${hash.slice(0, 20)}`,
    ],
  ])("a rule %s is the same", (_, name, logged) => {
    expect(check(azure([named(name)]), report({ rule: logged }))).toMatch(/^agrees/);
  });

  it("a short name is no cut one", () => {
    expect(check(azure([named("ssh-office")]), report({ rule: "UserRule_ssh" }))).toMatch(/^other-rule/);
  });
});
