import { describe, expect, it } from "vitest";
import { type ControlEvent, evaluate, type GroupKind, provenanceAt, type Rule } from "../../src/index.js";
import {
  factAt,
  groupSeen,
  groupWritten,
  type OperationMore,
  removed,
  rule,
  ruleDeleted,
  ruleWritten,
} from "../support/control-events.js";
import { findingsOf, historyOf, versionsOf } from "../support/histories.js";
import { at } from "../support/instants.js";
import { noNames, tuple } from "../support/tuples.js";

const ssh = "100 ssh inbound allow tcp * * -> * 22";
const web = "200 web inbound allow tcp * * -> * 443";

function setAt(events: readonly ControlEvent[], time: string, group = "web") {
  return historyOf(events).groups.get(group)!.ruleSetAt(at(time));
}

/** What the group says to a packet to port 22 at these times. */
function verdictsAt(events: readonly ControlEvent[], times: readonly string[], group = "web"): string[] {
  const packet = tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 22");
  return times.map((time) => evaluate(setAt(events, time, group), "inbound", packet, noNames).decision);
}

describe("the kind of a group", () => {
  it.each([
    ["is what its snapshot says", groupSeen("09:00", [], { group: "g", kind: "security-admin" }), "security-admin"],
    [
      "is an Azure one where the snapshot does not say",
      groupSeen("09:00", [], { group: "g" }),
      "network-security-group",
    ],
    ["is told by the id of a security group", ruleDeleted("09:00", "r", { group: "sg-0a1b" }), "security-group"],
    ["is told by the id of a network ACL", ruleDeleted("09:00", "r", { group: "acl-0a1b" }), "network-acl"],
    [
      "is not told by the name of an Azure one",
      ruleDeleted("09:00", "r", { group: "/x/sg-0a1b" }),
      "network-security-group",
    ],
  ] as const)("%s", (_, event, kind) => {
    expect([...historyOf([event]).groups.values()].map((group) => group.kind)).toEqual([kind]);
  });

  it.each<[string, GroupKind, number]>([
    ["[A1] six rules of Azure", "network-security-group", 6],
    ["[W2] an implicit denial each way", "security-group", 2],
    ["[W5] the final denial each way and family", "network-acl", 4],
    ["[A18] leave to the groups each way", "security-admin", 2],
  ])("gives its default rules: %s", (_, kind, count) => {
    const seen = kind === "network-security-group" ? groupSeen("09:00", []) : groupSeen("09:00", [], { kind });
    expect(setAt([seen], "10:00").versions.filter(({ isDefault }) => isDefault)).toHaveLength(count);
  });
});

describe("the default rules of a group", () => {
  it.each([
    ["that was seen later, are inferred until then", groupSeen("09:00", []), ["inferred", "recorded"]],
    [
      "that was made at a known instant, are recorded from then on",
      groupSeen("08:00", [], { begins: true }),
      ["recorded", "recorded"],
    ],
  ] as const)("%s", (_, seen, expected) => {
    const provenances = ["08:30", "09:30"].map((time) => {
      const [version] = setAt([seen], time).versions.filter(({ isDefault }) => isDefault);
      return provenanceAt(version!, at(time));
    });
    expect(provenances).toEqual(expected);
  });
});

describe("a group that was made at a known instant", () => {
  const made = groupSeen("09:00", [ssh], { begins: true });

  it("has no rules before it, its default rules included, and says why", () => {
    expect(setAt([made], "08:59").versions).toEqual([]);
    expect(setAt([made], "08:59").incomplete).toBe("the group was not made yet");
    expect(setAt([made], "09:00").versions).toHaveLength(7);
    expect(versionsOf([made])).toEqual(["ssh 1 | 09:00 .. | 22 | seen 09:00 | group seen .. -"]);
    expect(historyOf([made]).groups.get("web")!.incomplete).toBeNull();
  });

  it("is made by a whole write that created it", () => {
    const events = [groupWritten("09:00", [ssh], { effect: "created" })];
    expect(verdictsAt(events, ["08:59", "09:00"])).toEqual(["unknown", "allow"]);
    expect(setAt(events, "08:59").incomplete).toBe("the group was not made yet");
    expect(setAt(events, "09:00").assumed).toEqual([]);
  });

  it("takes edits of the same instant as done to what was made", () => {
    const events = [groupSeen("09:00", [], { begins: true }), ruleWritten("09:00", ssh, { effect: "created" })];
    expect(verdictsAt(events, ["09:00"])).toEqual(["allow"]);
  });

  it("contradicts a snapshot before it, since nobody recorded a deletion", () => {
    const events = [groupSeen("08:00", [ssh]), groupSeen("09:00", [ssh], { begins: true })];
    expect(findingsOf(events)).toEqual(["unrecorded-edit of ssh at 09:00"]);
    expect(verdictsAt(events, ["07:00", "08:30", "09:30"])).toEqual(["allow", "unknown", "allow"]);
  });
});

describe("a group that was deleted", () => {
  const events = [groupSeen("08:00", [ssh]), removed("09:00", "WEB")];

  it("ends its rules, those by default too, and says nothing any more", () => {
    expect(versionsOf(events)).toEqual(["ssh 1 | .. 09:00 | 22 | seen 08:00 | - .. resource removed"]);
    expect(setAt(events, "09:00").versions).toEqual([]);
    expect(setAt(events, "09:00").incomplete).toBe("the group was deleted");
    expect(verdictsAt(events, ["08:59", "09:00"])).toEqual(["allow", "unknown"]);
  });

  it("and made again has its default rules again, as another version", () => {
    const again = [...events, groupSeen("10:00", [], { begins: true })];
    expect(verdictsAt(again, ["08:30", "09:30", "10:00"])).toEqual(["allow", "unknown", "deny"]);
    const defaults = setAt(again, "10:00").versions.filter(({ isDefault }) => isDefault);
    expect(defaults.map(({ version }) => version)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(findingsOf(again)).toEqual([]);
  });

  it("and seen again was made again by somebody nobody recorded", () => {
    const again = [...events, groupSeen("10:00", [ssh])];
    expect(verdictsAt(again, ["09:30", "10:00"])).toEqual(["unknown", "allow"]);
    expect(findingsOf(again)).toEqual(["drift of ssh at 10:00"]);
  });

  it("is no group at all where nothing else is known of the id", () => {
    expect([...historyOf([removed("09:00", "nic-1")]).groups.keys()]).toEqual([]);
  });
});

describe("a snapshot that shows a part of the rules", () => {
  const part = { partial: true } as const;

  it("[A26] says nothing of those that it does not show", () => {
    const events = [groupSeen("08:00", [ssh, web]), groupSeen("09:00", [web], part)];
    expect(verdictsAt(events, ["08:30", "09:30"])).toEqual(["allow", "allow"]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("does not make the group known whole", () => {
    expect(verdictsAt([groupSeen("09:00", [ssh], part)], ["08:00", "10:00"])).toEqual(["unknown", "unknown"]);
    expect(versionsOf([groupSeen("09:00", [ssh], part)])).toEqual(["ssh 1 | .. | 22 | seen 09:00 | - .. -"]);
  });

  it("contradicts what others say of those that it shows", () => {
    const events = [groupSeen("08:00", []), groupSeen("09:00", [ssh], part)];
    expect(findingsOf(events)).toEqual(["drift of ssh at 09:00"]);
    expect(verdictsAt(events, ["08:30", "09:30"])).toEqual(["unknown", "allow"]);
  });
});

describe("what is taken for granted is inferred, and says so", () => {
  it("where the first write of a rule does not say that it made it", () => {
    const events = [ruleWritten("09:00", ssh), groupSeen("12:00", [ssh])];
    const assumed = [
      "the whole group was seen only later",
      "rule `ssh`: its first recorded write does not say that it was new",
    ];
    expect(setAt(events, "08:00").assumed).toEqual(assumed);
    expect(setAt(events, "12:00").assumed).toEqual([]);
    const versions = historyOf(events)
      .groups.get("web")!
      .versions.filter(({ isDefault }) => !isDefault);
    expect(versions.map(({ beginningInferred }) => beginningInferred)).toEqual([true]);
  });

  it.each([
    ["a write that says so", [ruleWritten("09:00", ssh, { effect: "created" }), groupSeen("12:00", [ssh])]],
    ["a snapshot before it", [groupSeen("08:00", []), ruleWritten("09:00", ssh), groupSeen("12:00", [ssh])]],
  ])("and not after %s", (_, events) => {
    const versions = historyOf(events)
      .groups.get("web")!
      .versions.filter(({ isDefault }) => !isDefault);
    expect(versions.map(({ beginningInferred }) => beginningInferred)).toEqual([undefined]);
  });

  it("between a whole write that says nothing and the snapshot that tells", () => {
    const events = [groupWritten("08:00", [ssh]), groupWritten("09:00", null), groupSeen("10:00", [ssh])];
    expect(verdictsAt(events, ["08:30", "09:30", "10:30"])).toEqual(["allow", "allow", "allow"]);
    const assumed = ["08:30", "09:30", "10:30"].map((time) => setAt(events, time).assumed.length);
    expect(assumed).toEqual([0, 1, 0]);
  });

  it("a rule that was made later was not there after a whole write that says nothing", () => {
    const events = [
      groupSeen("08:00", [web]),
      groupWritten("09:00", null),
      ruleWritten("10:00", ssh, { effect: "created" }),
      groupSeen("11:00", [ssh, web]),
    ];
    expect(verdictsAt(events, ["09:30", "10:30"])).toEqual(["deny", "allow"]);
    expect(versionsOf(events)).toContain("ssh 1 | 10:00 .. | 22 | seen 10:00 | rule written .. -");
  });
});

describe("one operation in two exports, one of them without an operation id, is one edit", () => {
  const first: OperationMore = { operationId: "op-1", correlationId: "c-1" };
  const second: OperationMore = { correlationId: "c-1" };

  it.each([
    ["at the same instant", "09:00:05"],
    ["where one export cuts off the fraction of the second", "09:00:05.123"],
  ])("%s", (_, time) => {
    const events = [groupSeen("08:00", [ssh]), ruleDeleted("09:00:05", "ssh", first), ruleDeleted(time, "ssh", second)];
    expect(findingsOf(events)).toEqual([]);
    expect(versionsOf(events)).toEqual(["ssh 1 | .. 09:00:05 | 22 | seen 08:00 | - .. rule deleted"]);
  });

  it("and its body may stand in either", () => {
    const events = [groupSeen("08:00", []), ruleWritten("09:00", "ssh", first), ruleWritten("09:00", ssh, second)];
    expect(verdictsAt(events, ["09:30"])).toEqual(["allow"]);
    const bare = [
      groupSeen("08:00", []),
      ruleWritten("09:00", "ssh", second),
      ruleWritten("09:00", ssh, { ...second, effect: "created" }),
    ];
    expect(verdictsAt(bare, ["08:30", "09:30"])).toEqual(["deny", "allow"]);
  });

  it.each([
    ["of another correlation", ruleDeleted("09:00:05.123", "ssh", { correlationId: "c-2" })],
    ["of the same correlation, minutes later", ruleDeleted("09:05", "ssh", second)],
  ])("and one %s is another", (_, other) => {
    const events = [groupSeen("08:00", [ssh]), ruleDeleted("09:00:05", "ssh", first), other];
    expect(findingsOf(events)).toHaveLength(1);
  });

  it("and two that say different things are two", () => {
    const other = ssh.replace("22", "23");
    const events = [groupSeen("08:00", []), ruleWritten("09:00", ssh, first), ruleWritten("09:00", other, second)];
    expect(verdictsAt(events, ["09:30"])).toEqual(["unknown"]);
  });
});

describe("an AWS rule that is named by its id", () => {
  const sg = { group: "sg-1", kind: "security-group" } as const;
  const aws = { group: "sg-1" } as const;
  const withId = (text: string, id: string): Rule => ({ ...rule(text), id });
  const idOfSsh = withId(ssh, "sgr-1");

  it("is the one that a snapshot shows under the id", () => {
    const events = [groupSeen("08:00", [idOfSsh, web], sg), ruleDeleted("09:00", "sgr-1", aws)];
    expect(versionsOf(events, "sg-1")).toEqual([
      "ssh 1 | .. 09:00 | 22 | seen 08:00 | - .. rule deleted",
      "web 1 | .. | 443 | seen 08:00 | - .. -",
    ]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("is the one that was written under it, in the same second too", () => {
    const events = [
      groupSeen("08:00", [], sg),
      ruleWritten("09:00", idOfSsh, { ...aws, effect: "created" }),
      ruleDeleted("10:00", "SGR-1", aws),
    ];
    expect(versionsOf(events, "sg-1")).toEqual([
      "ssh 1 | 09:00 .. 10:00 | 22 | seen 09:00 | rule written .. rule deleted",
    ]);
  });

  it("ends under its old name and begins under the new where it changes", () => {
    const changed = factAt("09:00", {
      type: "security-rule-written",
      data: { phase: "succeeded", operationId: null, effect: null, group: "sg-1", ruleName: "sgr-1", rule: rule(web) },
    });
    const events = [groupSeen("08:00", [idOfSsh], sg), changed, ruleDeleted("10:00", "sgr-1", aws)];
    expect(versionsOf(events, "sg-1")).toEqual([
      "ssh 1 | .. 09:00 | 22 | seen 08:00 | - .. rule written",
      "web 1 | 09:00 .. 10:00 | 443 | seen 09:00 | rule written .. rule deleted",
    ]);
  });

  it("may be any whose id nobody knows, until a snapshot tells", () => {
    const events = [groupSeen("08:00", [ssh, withId(web, "sgr-2")], sg), ruleDeleted("09:00", "sgr-9", aws)];
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["allow", "unknown"]);
    expect(findingsOf(events)).toEqual([]);
    const gone = [...events, groupSeen("10:00", [withId(web, "sgr-2")], sg)];
    expect(verdictsAt(gone, ["08:30", "09:30", "10:30"], "sg-1")).toEqual(["allow", "deny", "deny"]);
    const kept = [...events, groupSeen("10:00", [ssh], sg)];
    expect(verdictsAt(kept, ["09:30"], "sg-1")).toEqual(["allow"]);
  });

  it("may have been any of several in turn, and nobody knows which came first", () => {
    const twice = [
      groupSeen("08:00", [ssh, web], sg),
      ruleDeleted("09:00", "sgr-8", aws),
      ruleDeleted("10:00", "sgr-9", aws),
    ];
    expect(verdictsAt([...twice, groupSeen("11:00", [], sg)], ["08:30", "09:30", "10:30"], "sg-1")).toEqual([
      "allow",
      "unknown",
      "deny",
    ]);
  });

  it("takes nothing from what is unknown anyway", () => {
    const events = [
      groupSeen("08:00", [ssh], sg),
      groupWritten("08:30", null, aws),
      ruleDeleted("09:00", "sgr-9", aws),
      groupSeen("10:00", [ssh], sg),
    ];
    expect(verdictsAt(events, ["08:45", "09:30"], "sg-1")).toEqual(["allow", "allow"]);
    expect(verdictsAt(events.slice(0, 3), ["08:45", "09:30"], "sg-1")).toEqual(["unknown", "unknown"]);
  });

  it("was there before, and what it said is unknown, where no evidence before names any rule", () => {
    const events = [ruleDeleted("09:00", "sgr-9", aws), groupSeen("10:00", [], sg)];
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["unknown", "deny"]);
  });

  it("[C1] changed without a word of what it says leaves the whole group unknown", () => {
    const events = [groupSeen("08:00", [idOfSsh], sg), ruleWritten("09:00", "sgr-1", aws)];
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["allow", "unknown"]);
  });
});

describe("a revocation on AWS", () => {
  const sg = { group: "sg-1", kind: "security-group" } as const;
  const revoked = (when: string, effect: "updated" | null = null) =>
    factAt(when, {
      type: "security-rule-deleted",
      data: { phase: "succeeded", operationId: null, effect, group: "sg-1", ruleName: "ssh", rule: rule(ssh) },
    });

  it("tells what the rule said before", () => {
    const events = [revoked("09:00"), groupSeen("10:00", [], sg)];
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["allow", "deny"]);
    expect(versionsOf(events, "sg-1")).toEqual(["ssh 1 | .. 09:00 | 22 | seen 09:00 | - .. rule deleted"]);
  });

  it("of what was never there succeeds all the same, and shows nothing", () => {
    const events = [groupSeen("08:00", [], sg), revoked("09:00")];
    expect(findingsOf(events)).toEqual([]);
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["deny", "deny"]);
  });

  it("that names what it revoked shows a rule that nobody recorded", () => {
    const events = [groupSeen("08:00", [], sg), revoked("09:00", "updated")];
    expect(findingsOf(events)).toEqual(["unrecorded-edit of ssh at 09:00"]);
    expect(verdictsAt(events, ["08:30", "09:30"], "sg-1")).toEqual(["unknown", "deny"]);
  });
});

describe("an authorization on AWS", () => {
  it("makes the rule, since one of what is there already fails", () => {
    const events = [
      ruleWritten("09:00", ssh, { group: "sg-1" }),
      groupSeen("10:00", [ssh], { group: "sg-1", kind: "security-group" }),
    ];
    expect(versionsOf(events, "sg-1")).toEqual(["ssh 1 | 09:00 .. | 22 | seen 09:00 | rule written .. -"]);
    const [version] = historyOf(events)
      .groups.get("sg-1")!
      .versions.filter(({ isDefault }) => !isDefault);
    expect(version!.beginningInferred).toBeUndefined();
  });
});
