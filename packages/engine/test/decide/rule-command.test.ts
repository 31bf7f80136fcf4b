import { describe, expect, it, test } from "vitest";
import { deleteRule, type Refusal, type RuleContent, type RuleText, setRule } from "../../src/index.js";
import { applicationGroupSeen, groupSeen, rule, ruleDeleted, ruleWritten } from "../support/control-events.js";
import { type Decision, given } from "../support/decisions.js";

const ssh = "100 ssh inbound allow tcp 203.0.113.7 * -> * 22";
const web = "200 web inbound allow tcp * * -> 10.0.0.4 443";
const group = groupSeen("09:00", [ssh, web]);

const full: RuleText = { priority: "300", direction: "inbound", access: "allow" };
const set = (name: string, text: RuleText, where = "web") => {
  return (state: Parameters<typeof setRule>[0]) => setRule(state, { group: where, rule: name, text });
};
const remove = (name: string, where = "web") => {
  return (state: Parameters<typeof deleteRule>[0]) => deleteRule(state, { group: where, rule: name });
};

/** What the rule says after the command. */
function written({ facts, refusal }: Decision): RuleContent {
  expect(refusal).toBeNull();
  const [fact] = facts;
  if (fact?.type !== "security-rule-written" || fact.data.rule === null) throw new Error("no rule was written");
  return fact.data.rule as RuleContent;
}

describe("rule set", () => {
  it("makes a rule: what is left out is any", () => {
    const decision = given(group).when("10:00", set("all", full));
    expect(written(decision)).toEqual(rule("300 all inbound allow * * * -> * *"));
    expect(decision.facts[0]).toMatchObject({ data: { phase: "succeeded", effect: "created", ruleName: "all" } });
  });

  it("changes a rule: what is left out keeps its value, and the name its spelling", () => {
    const decision = given(group).when("10:00", set("SSH", { from: ["203.0.113.0/24"] }));
    expect(written(decision)).toEqual(rule("100 ssh inbound allow tcp 203.0.113.0/24 * -> * 22"));
    expect(decision.facts[0]).toMatchObject({ data: { effect: "updated" } });
  });

  it("adds nothing where the rule says so already", () => {
    const decision = given(group).when("10:00", set("ssh", { priority: "100", toPorts: ["22"] }));
    expect(decision).toMatchObject({ facts: [], remarks: [{ remark: "already-so" }], refusal: null });
  });

  it("changes a description alone", () => {
    expect(written(given(group).when("10:00", set("ssh", { description: "for alice" })))).toMatchObject({
      description: "for alice",
    });
  });

  test.each([
    ["protocols and words for any, whatever the case", { ...full, protocol: "TCP", from: ["Any"] }, "tcp * * -> * *"],
    ["lists, by comma or blank", { ...full, toPorts: ["22, 80-90", "443"] }, "* * * -> * 22,80-90,443"],
    ["prefixes without their host bits", { ...full, from: ["10.1.2.3/16"] }, "* 10.1.0.0/16 * -> * *"],
    ["service tags as they are", { ...full, to: ["Storage.WestEurope"] }, "* * * -> Storage.WestEurope *"],
    ["IPv6", { ...full, from: ["2001:db8:0::/32"] }, "* 2001:db8::/32 * -> * *"],
  ])("reads %s", (_, text, expected) => {
    expect(written(given(group).when("10:00", set("new", text)))).toEqual(rule(`300 new inbound allow ${expected}`));
  });

  it("finds application security groups by name", () => {
    const evidence = [group, applicationGroupSeen("09:00", "local/asg/front"), applicationGroupSeen("09:00", "db")];
    const text = { ...full, from: ["asg:front"], to: ["asg:DB"] };
    const decision = given(...evidence).when("10:00", set("new", text));
    expect(written(decision)).toEqual(rule("300 new inbound allow * asg:local/asg/front * -> asg:db *"));
  });

  it("[A1] may share a priority with a rule of the other direction", () => {
    const decision = given(group).when("10:00", set("out", { ...full, priority: "100", direction: "outbound" }));
    expect(written(decision).priority).toBe(100);
  });

  it("may take the priority of a rule that is gone by then", () => {
    const evidence = [group, ruleDeleted("09:30", "ssh")];
    const sameAsSsh = set("new", { ...full, priority: "100" });
    expect(given(...evidence).when("09:15", sameAsSsh).refusal).toMatchObject({ refused: "priority-taken" });
    expect(written(given(...evidence).when("10:00", sameAsSsh)).priority).toBe(100);
  });

  it("before later edits of the same rule is taken, and they are named", () => {
    const later = ruleWritten("11:00", ssh.replace("22", "2222"));
    const decision = given(group, later).when("10:00", set("ssh", { toPorts: ["23"] }));
    expect(written(decision).destination.ports).toEqual(["23"]);
    expect(decision.remarks).toEqual([{ remark: "later-evidence", count: 1, first: later.time }]);
  });

  const many = Array.from({ length: 1000 }, (_, index) =>
    rule(`${100 + index} r${index} inbound allow tcp * * -> * 1`),
  );
  const addresses = Array.from({ length: 4001 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const groups = Array.from({ length: 11 }, (_, index) => applicationGroupSeen("09:00", `g${index}`));
  test.each<[string, RuleText, Refusal]>([
    [
      "a taken priority",
      { ...full, priority: "100" },
      { refused: "priority-taken", priority: 100, direction: "inbound", by: "ssh" },
    ],
    [
      "a priority that is too low",
      { ...full, priority: "99" },
      { refused: "out-of-range", field: "priority", value: 99, range: { lowest: 100, highest: 4096 } },
    ],
    [
      "a priority that is too high",
      { ...full, priority: "4097" },
      { refused: "out-of-range", field: "priority", value: 4097, range: { lowest: 100, highest: 4096 } },
    ],
    [
      "a priority that is no number",
      { ...full, priority: "1e2" },
      { refused: "bad-field", field: "priority", text: "1e2" },
    ],
    [
      "an unknown direction",
      { ...full, direction: "sideways" },
      { refused: "bad-field", field: "direction", text: "sideways" },
    ],
    ["an unknown access", { ...full, access: "maybe" }, { refused: "bad-field", field: "access", text: "maybe" }],
    [
      "a protocol that Azure has not",
      { ...full, protocol: "sctp" },
      { refused: "bad-field", field: "protocol", text: "sctp" },
    ],
    [
      "a bad address",
      { ...full, from: ["10.0.0.300"] },
      { refused: "bad-field", field: "address", text: "10.0.0.300" },
    ],
    ["a bad prefix", { ...full, to: ["10.0.0.0/33"] }, { refused: "bad-field", field: "address", text: "10.0.0.0/33" }],
    ["a bad port", { ...full, toPorts: ["70000"] }, { refused: "bad-field", field: "port", text: "70000" }],
    [
      "a range that runs backwards",
      { ...full, fromPorts: ["90-80"] },
      { refused: "bad-field", field: "port", text: "90-80" },
    ],
    [
      "a new rule without what it needs",
      { priority: "300" },
      { refused: "fields-missing", rule: "new", fields: ["direction", "access"], because: null },
    ],
    [
      "two service tags on a side",
      { ...full, from: ["Internet", "Storage"] },
      { refused: "several-tags", tags: ["Internet", "Storage"] },
    ],
    [
      "a tag beside an address",
      { ...full, from: ["Internet,10.0.0.1"] },
      { refused: "mixed-side", entries: ["Internet", "10.0.0.1"] },
    ],
    [
      "more than 4,000 addresses on a side",
      { ...full, to: addresses },
      { refused: "too-many", what: "addresses on a side", count: 4001, limit: 4000 },
    ],
    [
      "more than ten application security groups on a side",
      { ...full, to: groups.map((_, index) => `asg:g${index}`) },
      { refused: "too-many", what: "application security groups in a rule", count: 11, limit: 10 },
    ],
    [
      "a description above 140 characters",
      { ...full, description: "x".repeat(141) },
      { refused: "too-many", what: "characters in a description", count: 141, limit: 140 },
    ],
    [
      "an application security group that nobody knows",
      { ...full, from: ["asg:x"] },
      {
        refused: "unknown-resource",
        kind: "application security group",
        name: "x",
        known: groups.map((_, index) => `g${index}`).sort(),
      },
    ],
  ])("[A1] [A5] [A6] is refused for %s", (_, text, refusal) => {
    expect(given(group, ...groups).when("10:00", set("new", text)).refusal).toEqual(refusal);
  });

  test.each([["-ssh"], ["ssh-"], [""], ["a b"], ["x".repeat(81)]])("[A1] is refused for the name `%s`", (name) => {
    expect(given(group).when("10:00", set(name, full)).refusal).toEqual({ refused: "bad-name", name });
  });

  it("[A5] is refused for the 1,001st rule, and not for a change of the 1,000th", () => {
    const filled = given(groupSeen("09:00", many));
    expect(filled.when("10:00", set("new", { ...full, priority: "4000" })).refusal).toEqual({
      refused: "too-many",
      what: "rules in a group",
      count: 1001,
      limit: 1000,
    });
    expect(filled.when("10:00", set("r999", { access: "deny" })).refusal).toBeNull();
  });

  it("[A5] is refused for the 101st application security group in the rules of a group", () => {
    const names = Array.from({ length: 101 }, (_, index) => `g${index}`);
    const named = Array.from({ length: 10 }, (_, index) =>
      rule(
        `${100 + index} r${index} inbound allow tcp ${names
          .slice(index * 10, index * 10 + 10)
          .map((name) => `asg:${name}`)
          .join(",")} * -> * 1`,
      ),
    );
    const evidence = [groupSeen("09:00", named), ...names.map((name) => applicationGroupSeen("09:00", name))];
    expect(given(...evidence).when("10:00", set("one", { ...full, from: ["asg:g0"] })).refusal).toBeNull();
    expect(given(...evidence).when("10:00", set("one", { ...full, from: ["asg:g100"] })).refusal).toMatchObject({
      what: "application security groups in the rules of a group",
      count: 101,
    });
  });

  it("[A1] is refused for a default rule", () => {
    expect(given(group).when("10:00", set("denyallinbound", full)).refusal).toEqual({
      refused: "default-rule",
      rule: "denyallinbound",
    });
  });

  it("is refused for a group that nobody knows, one that is made later, and a name that two groups have", () => {
    expect(given(group).when("10:00", set("ssh", full, "db")).refusal).toEqual({
      refused: "unknown-resource",
      kind: "group",
      name: "db",
      known: ["web"],
    });
    const madeLater = groupSeen("11:00", [], { group: "db", name: "db", begins: true });
    expect(given(madeLater).when("10:00", set("ssh", full, "db")).refusal).toMatchObject({
      refused: "unknown-resource",
    });
    const other = groupSeen("09:00", [], { group: "other/web", name: "web" });
    const one = groupSeen("09:00", [], { group: "one/web", name: "web" });
    expect(given(one, other).when("10:00", set("ssh", full)).refusal).toMatchObject({
      refused: "ambiguous-name",
      ids: expect.arrayContaining(["one/web", "other/web"]),
    });
    expect(given(one, other).when("10:00", set("ssh", full, "ONE/web")).refusal).toBeNull();
  });

  it("is refused where evidence of the same instant says otherwise of the rule", () => {
    const edited = given(group).and("10:00", set("ssh", { toPorts: ["23"] }));
    expect(edited.when("10:00", set("ssh", { toPorts: ["24"] })).refusal).toMatchObject({
      refused: "edited-at-this-instant",
    });
    expect(edited.when("10:00", set("ssh", { toPorts: ["23"] })).remarks).toEqual([{ remark: "already-so" }]);
  });

  it("needs every field of a rule whose content is not known", () => {
    const opaque = [ruleWritten("09:00", "ssh"), groupSeen("08:00", [])];
    const decision = given(...opaque).when("10:00", set("ssh", full));
    expect(decision.refusal).toMatchObject({
      refused: "fields-missing",
      fields: ["protocol", "from", "fromPorts", "to", "toPorts"],
    });
    const all = { ...full, protocol: "tcp", from: ["*"], fromPorts: ["*"], to: ["*"], toPorts: ["22"] };
    expect(written(given(...opaque).when("10:00", set("ssh", all)))).toMatchObject({ protocol: "tcp" });
  });
});

describe("rule set in an AWS security group", () => {
  const aws = groupSeen("09:00", [], { group: "sg-1", name: "front", kind: "security-group" });

  it("has no priority, allows, and may name any protocol and another group", () => {
    const text = { direction: "inbound", protocol: "47", from: ["sg:front"], to: ["*"] };
    expect(written(given(aws).when("10:00", set("self", text, "sg-1")))).toEqual(
      rule("0 self inbound allow 47 asg:sg-1 * -> * *"),
    );
  });

  it("changes a rule whose name is what it says", () => {
    const shown = rule("0 x inbound allow tcp 10.0.0.0/8 * -> * 22");
    const seen = groupSeen("09:00", [{ ...shown, name: "in tcp 22 10.0.0.0/8" }], { kind: "security-group" });
    const text = { from: ["10.1.0.0/16"] };
    expect(written(given(seen).when("10:00", set("in tcp 22 10.0.0.0/8", text)))).toMatchObject({
      source: { addresses: ["10.1.0.0/16"] },
    });
  });

  it("refuses to deny", () => {
    const text = { direction: "inbound", access: "deny" };
    expect(given(aws).when("10:00", set("x", text, "front")).refusal).toEqual({
      refused: "deny-in-security-group",
      group: "front",
    });
  });

  it("is refused in a network ACL", () => {
    const acl = groupSeen("09:00", [], { group: "acl-1", name: "acl-1", kind: "network-acl" });
    expect(given(acl).when("10:00", set("x", full, "acl-1")).refusal).toMatchObject({ refused: "wrong-kind" });
  });
});

describe("rule delete", () => {
  it("deletes the rule that has the name then", () => {
    const { facts } = given(group).when("10:00", remove("SSH"));
    expect(facts).toMatchObject([{ type: "security-rule-deleted", data: { group: "web", ruleName: "ssh" } }]);
  });

  it("twice at one instant adds nothing, and later is refused", () => {
    const deleted = given(group).and("10:00", remove("ssh"));
    expect(deleted.when("10:00", remove("ssh")).remarks).toEqual([{ remark: "already-so" }]);
    expect(deleted.when("10:01", remove("ssh")).refusal).toEqual({
      refused: "unknown-rule",
      rule: "ssh",
      group: "web",
    });
  });

  it("is refused for a rule that is not there, and for a default rule", () => {
    expect(given(group).when("10:00", remove("x")).refusal).toEqual({
      refused: "unknown-rule",
      rule: "x",
      group: "web",
    });
    expect(given(group).when("10:00", remove("AllowVNetInBound")).refusal).toMatchObject({ refused: "default-rule" });
  });
});
