import { describe, expect, it } from "vitest";
import { type ControlEvent, evaluate, type Micros, provenanceAt, type UnreadableRule } from "../../src/index.js";
import { groupSeen, groupWritten, rule, ruleDeleted, ruleWritten } from "../support/control-events.js";
import { findingsOf, historyOf, versionsOf } from "../support/histories.js";
import { at } from "../support/instants.js";
import { noNames, tuple } from "../support/tuples.js";

/** The rule `ssh`, told apart by its port. */
const ssh = (port: number | string) => `100 ssh inbound allow tcp * * -> * ${port}`;
const web = "200 web inbound allow tcp * * -> * 443";

/** What the group says to a packet to port 22 at this time. */
function verdictAt(events: readonly ControlEvent[], time: string | Micros): string {
  const instant = typeof time === "string" ? at(time) : time;
  const set = historyOf(events).groups.get("web")!.ruleSetAt(instant);
  const answer = evaluate(set, "inbound", tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 22"), noNames);
  return answer.decision;
}

describe("given a snapshot alone", () => {
  const events = [groupSeen("09:00", [ssh(22)])];

  it("its rules hold for ever, inferred before it and recorded after", () => {
    expect(versionsOf(events)).toEqual(["ssh 1 | .. | 22 | seen 09:00 | - .. -"]);
    const version = historyOf(events)
      .groups.get("web")!
      .versions.find(({ isDefault }) => !isDefault)!;
    expect(provenanceAt(version, at("08:59:59.999999"))).toBe("inferred");
    expect(provenanceAt(version, at("09:00"))).toBe("recorded");
  });

  it("[A1] OBS: default rules are the same in the spellings of documentation and of exports", () => {
    const spellings = [
      ["AllowVnetInBound", "AllowAzureLoadBalancerInBound", "DenyAllInBound"],
      ["AllowVNetInBound", "AllowAzureLoadBalancerInBound", "DenyAllInbound"],
    ];
    const snapshots = spellings.map((names, index) => {
      const defaultRules = names.map((name, order) => rule(`${65_000 + order} ${name} inbound allow * * * -> * *`));
      return groupSeen(`${10 + index}:00`, [], { defaultRules });
    });
    const { versions } = historyOf(snapshots).groups.get("web")!;
    expect(versions).toHaveLength(3);
    expect(historyOf(snapshots).findings).toEqual([]);
  });

  it("the six default rules hold too, or those that it shows itself", () => {
    const defaults = (shown: readonly ControlEvent[]) =>
      historyOf(shown)
        .groups.get("web")!
        .versions.filter(({ isDefault }) => isDefault);
    expect(defaults(events)).toHaveLength(6);
    const own = [rule("65500 DenyAllInbound inbound deny * * * -> * *")];
    expect(defaults([groupSeen("09:00", [], { defaultRules: own })]).map((version) => version.rule)).toEqual([
      "DenyAllInbound",
    ]);
  });
});

describe("given several snapshots", () => {
  it("rules that all of them show are one version", () => {
    expect(versionsOf([groupSeen("09:00", [ssh(22)]), groupSeen("10:00", [ssh(22)])])).toEqual([
      "ssh 1 | .. | 22 | seen 09:00 | - .. -",
    ]);
  });

  it("names and descriptions that differ by case and words change nothing", () => {
    const renamed = { ...rule(ssh(22)), name: "SSH", description: "for admins" };
    expect(versionsOf([groupSeen("09:00", [ssh(22)]), groupSeen("10:00", [renamed], { group: "WEB" })])).toEqual([
      "ssh 1 | .. | 22 | seen 09:00 | - .. -",
    ]);
  });

  it("a rule that they show differently is unsettled between them, which is drift", () => {
    const events = [groupSeen("09:00", [ssh(22)]), groupSeen("10:00", [ssh(23)])];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | .. 09:00 | 22 | seen 09:00 | - .. -",
      "ssh 2 | 09:00 .. 10:00 | 22 or 23 | seen 09:00 | - .. -",
      "ssh 3 | 10:00 .. | 23 | seen 10:00 | - .. -",
    ]);
    expect(findingsOf(events)).toEqual(["drift of ssh at 10:00"]);
  });

  it("a rule that came or went between them without an edit is unsettled there, which is drift", () => {
    const came = [groupSeen("09:00", []), groupSeen("10:00", [ssh(22)])];
    expect(versionsOf(came)).toEqual([
      "ssh 1 | 09:00 .. 10:00 | none or 22 | seen 09:00 | - .. -",
      "ssh 2 | 10:00 .. | 22 | seen 10:00 | - .. -",
    ]);
    expect(findingsOf(came)).toEqual(["drift of ssh at 10:00"]);
    const went = [groupSeen("09:00", [ssh(22)]), groupSeen("10:00", [])];
    expect(findingsOf(went)).toEqual(["drift of ssh at 10:00"]);
    expect(["08:59", "09:30", "10:00"].map((time) => verdictAt(went, time))).toEqual(["allow", "unknown", "deny"]);
  });

  it("two of one instant that disagree leave the rule unknown, before them too", () => {
    const events = [groupSeen("09:00", [ssh(22)]), groupSeen("09:00", [ssh(23)])];
    expect(["08:00", "09:00", "10:00"].map((time) => verdictAt(events, time))).toEqual([
      "unknown",
      "unknown",
      "unknown",
    ]);
    const later = [groupSeen("08:00", [ssh(22)]), ...events];
    expect(["07:00", "08:30", "09:30"].map((time) => verdictAt(later, time))).toEqual(["allow", "unknown", "unknown"]);
  });

  it("one whose instant was guessed from a file yields to a stated one that shows the same", () => {
    const guessed = groupSeen("09:30", [ssh(22)], { instant: "file-time" });
    expect(versionsOf([guessed, groupSeen("10:00", [ssh(22)])])).toEqual(["ssh 1 | .. | 22 | seen 10:00 | - .. -"]);
    expect(versionsOf([guessed])).toEqual(["ssh 1 | .. | 22 | seen 09:30 | - .. -"]);
    expect(findingsOf([guessed, groupSeen("10:00", [ssh(23)])])).toEqual(["drift of ssh at 10:00"]);
  });
});

describe("given a snapshot and edits before it", () => {
  it("a rule that no edit touched was there before", () => {
    const events = [ruleWritten("09:00", ssh(22), { effect: "created" }), groupSeen("12:00", [ssh(22), web])];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | 09:00 .. | 22 | seen 09:00 | rule written .. -",
      "web 1 | .. | 443 | seen 12:00 | - .. -",
    ]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("a rule that was created was not there before", () => {
    const events = [ruleWritten("09:00", ssh(22), { effect: "created" }), groupSeen("12:00", [ssh(22)])];
    expect(["08:59:59.999999", "09:00"].map((time) => verdictAt(events, time))).toEqual(["deny", "allow"]);
  });

  it("a rule that was updated was there, and what it said is unknown", () => {
    const events = [ruleWritten("09:00", ssh(22), { effect: "updated" }), groupSeen("12:00", [ssh(22)])];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | .. 09:00 | unknown | seen 09:00 | - .. rule written",
      "ssh 2 | 09:00 .. | 22 | seen 09:00 | rule written .. -",
    ]);
    expect(verdictAt(events, "08:00")).toBe("unknown");
  });

  it("a rule whose first write does not say whether it was new is taken for new", () => {
    const events = [ruleWritten("09:00", ssh(22)), groupSeen("12:00", [ssh(22)])];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00 .. | 22 | seen 09:00 | rule written .. -"]);
  });

  it("a deleted rule that nobody recorded was there, and what it said is unknown", () => {
    const events = [ruleDeleted("09:00", "ssh", { who: "ann" }), groupSeen("12:00", [])];
    expect(versionsOf(events)).toEqual(["ssh 1 | .. 09:00 | unknown | seen 09:00 | - .. rule deleted"]);
    expect(["08:00", "09:00"].map((time) => verdictAt(events, time))).toEqual(["unknown", "deny"]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("a rule that was made and deleted within the window is recorded from end to end", () => {
    const events = [
      ruleWritten("09:00", ssh(22), { effect: "created", who: "defender" }),
      ruleDeleted("10:00", "ssh", { who: "defender" }),
      groupSeen("12:00", []),
    ];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00 .. 10:00 | 22 | seen 09:00 | rule written .. rule deleted"]);
    expect(["08:59", "09:00", "09:59:59.999999", "10:00"].map((time) => verdictAt(events, time))).toEqual([
      "deny",
      "allow",
      "allow",
      "deny",
    ]);
  });

  it("a rule written twice has a version for each content, and none for an edit that changed nothing", () => {
    const events = [
      groupSeen("08:00", []),
      ruleWritten("09:00", ssh(22), { effect: "created" }),
      ruleWritten("10:00", ssh(23), { effect: "updated" }),
      ruleWritten("11:00", ssh(23), { effect: "updated" }),
      ruleDeleted("12:00", "ssh"),
    ];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | 09:00 .. 10:00 | 22 | seen 09:00 | rule written .. rule written",
      "ssh 2 | 10:00 .. 12:00 | 23 | seen 10:00 | rule written .. rule deleted",
    ]);
  });

  it("the snapshot that shows something else than the last edit is drift", () => {
    const events = [ruleWritten("09:00", ssh(22), { effect: "created" }), groupSeen("12:00", [ssh(23)])];
    expect(findingsOf(events)).toEqual(["drift of ssh at 12:00"]);
    expect(["09:30", "12:00"].map((time) => verdictAt(events, time))).toEqual(["unknown", "deny"]);
  });
});

describe("given edits that contradict each other", () => {
  it("a deletion of a rule that was not there shows an edit nobody recorded", () => {
    const events = [groupSeen("08:00", []), ruleDeleted("10:00", "ssh")];
    expect(findingsOf(events)).toEqual(["unrecorded-edit of ssh at 10:00"]);
    expect(["07:59", "09:00", "10:00"].map((time) => verdictAt(events, time))).toEqual(["deny", "unknown", "deny"]);
  });

  it("a creation of a rule that was there shows a deletion nobody recorded", () => {
    const events = [groupSeen("08:00", [ssh(22)]), ruleWritten("10:00", ssh(22), { effect: "created" })];
    expect(findingsOf(events)).toEqual(["unrecorded-edit of ssh at 10:00"]);
    expect(["09:00", "10:00"].map((time) => verdictAt(events, time))).toEqual(["unknown", "allow"]);
  });

  it("an update of a rule that was not there shows a creation nobody recorded", () => {
    const events = [groupSeen("08:00", []), ruleWritten("10:00", ssh(22), { effect: "updated" })];
    expect(findingsOf(events)).toEqual(["unrecorded-edit of ssh at 10:00"]);
    expect(verdictAt(events, "09:00")).toBe("unknown");
  });

  it("two writes of one instant that disagree make the content unknown until the next evidence", () => {
    const events = [
      groupSeen("08:00", []),
      ruleWritten("09:00", ssh(22)),
      ruleWritten("09:00", ssh(23)),
      ruleWritten("10:00", ssh(22)),
    ];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | 09:00 .. 10:00 | unknown | seen 10:00 | rule written .. rule written",
      "ssh 2 | 10:00 .. | 22 | seen 10:00 | rule written .. -",
    ]);
  });

  it("a write and a deletion of one instant make the content unknown", () => {
    const events = [groupSeen("08:00", []), ruleWritten("09:00", ssh(22)), ruleDeleted("09:00", "ssh")];
    expect(verdictAt(events, "09:30")).toBe("unknown");
  });

  it("two writes of one instant that agree are one", () => {
    const events = [
      groupSeen("08:00", []),
      ruleWritten("09:00", ssh(22), { who: "ann" }),
      ruleWritten("09:00", ssh(22), { who: "bob" }),
    ];
    expect(verdictAt(events, "09:30")).toBe("allow");
    expect(versionsOf(events)).toHaveLength(1);
  });

  it("of two records of one write, one says that the rule was there before, and that counts", () => {
    for (const who of ["a", "b", "c", "d", "e"]) {
      const events = [
        ruleWritten("09:00", ssh(22), { who: "m" }),
        ruleWritten("09:00", ssh(22), { who, effect: "updated" }),
        groupSeen("12:00", [ssh(22)]),
      ];
      expect(verdictAt(events, "08:00"), who).toBe("unknown");
    }
  });
});

describe("given records of operations", () => {
  const whole = groupSeen("08:00", []);

  it("only one that succeeded changes anything", () => {
    for (const phase of ["started", "accepted", "failed"] as const) {
      expect(versionsOf([whole, ruleWritten("09:00", ssh(22), { phase })])).toEqual([]);
      const kept = [groupSeen("08:00", [ssh(22)]), ruleDeleted("09:00", "ssh", { phase })];
      expect(versionsOf(kept)).toEqual(["ssh 1 | .. | 22 | seen 08:00 | - .. -"]);
    }
  });

  it.each([
    ["operation id", { operationId: "op-1" }],
    ["correlation id", { correlationId: "c-1" }],
  ])("the body may stand in another record of the same %s, and the change is at the success", (_, ids) => {
    const events = [
      whole,
      ruleWritten("09:00", ssh(22), { ...ids, phase: "started" }),
      ruleWritten("09:00:05", "ssh", { ...ids, effect: "created" }),
    ];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00:05 .. | 22 | seen 09:00:05 | rule written .. -"]);
  });

  it("the body of another operation's record is not taken", () => {
    const events = [
      whole,
      ruleWritten("09:00", ssh(22), { operationId: "op-1", correlationId: "c-1", phase: "started" }),
      ruleWritten("09:00:05", "ssh", { operationId: "op-2", correlationId: "c-2" }),
    ];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00:05 .. | unknown | seen never | rule written .. -"]);
  });

  it("the success itself counts before an older body, and records of one operation id are one edit", () => {
    const events = [
      whole,
      ruleWritten("09:00", ssh(22), { operationId: "op-1", phase: "started" }),
      ruleWritten("09:00:05", ssh(23), { operationId: "op-1" }),
      ruleWritten("09:00:07", "ssh", { operationId: "op-1" }),
    ];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00:05 .. | 23 | seen 09:00:05 | rule written .. -"]);
  });

  it("a success recorded twice under one operation id is one edit", () => {
    const events = [
      groupSeen("08:00", [ssh(22)]),
      ruleDeleted("09:00:05", "ssh", { operationId: "op-1" }),
      ruleDeleted("09:00:07", "ssh", { operationId: "op-1" }),
    ];
    expect(versionsOf(events)).toEqual(["ssh 1 | .. 09:00:05 | 22 | seen 08:00 | - .. rule deleted"]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("the body of another success of the same correlation is not taken", () => {
    const events = [
      whole,
      ruleWritten("09:00", ssh(22), { correlationId: "c-1" }),
      ruleWritten("09:05", "ssh", { correlationId: "c-1" }),
    ];
    expect(["09:01", "09:06"].map((time) => verdictAt(events, time))).toEqual(["allow", "unknown"]);
  });

  it("ids and names are compared without case", () => {
    const events = [
      groupSeen("08:00", [ssh(22)], { group: "/Subscriptions/S/web", name: "web" }),
      ruleDeleted("09:00", "SSH", { group: "/subscriptions/s/WEB" }),
    ];
    expect([...historyOf(events).groups.keys()]).toEqual(["/subscriptions/s/web"]);
    expect(versionsOf(events, "/subscriptions/s/web")).toEqual([
      "ssh 1 | .. 09:00 | 22 | seen 08:00 | - .. rule deleted",
    ]);
  });

  it("a rule that could not be read is there all the same", () => {
    const odd: UnreadableRule = { name: "odd", unreadable: "?", direction: "inbound", access: null, priority: 100 };
    const events = [whole, ruleWritten("09:00", odd, { effect: "created" })];
    expect(["08:30", "09:30"].map((time) => verdictAt(events, time))).toEqual(["deny", "unknown"]);
  });

  it("a write without any body is unknown until a snapshot shows what it was", () => {
    const events = [whole, ruleWritten("09:00", "ssh", { effect: "created" })];
    expect(["08:30", "09:30"].map((time) => verdictAt(events, time))).toEqual(["deny", "unknown"]);
    const shown = [...events, groupSeen("10:00", [ssh(22)])];
    expect(versionsOf(shown)).toEqual(["ssh 1 | 09:00 .. | 22 | seen 10:00 | rule written .. -"]);
  });

  it("a rule written without any body, and gone in the next snapshot, was there for some time", () => {
    const events = [whole, ruleWritten("09:00", "ssh", { effect: "created" }), groupSeen("10:00", [])];
    expect(["08:30", "09:30", "10:30"].map((time) => verdictAt(events, time))).toEqual(["deny", "unknown", "deny"]);
    expect(findingsOf(events)).toEqual(["drift of ssh at 10:00"]);
  });
});

describe("given a group that was written whole", () => {
  it("its rules replace all those there were", () => {
    const events = [groupSeen("08:00", [ssh(22)]), groupWritten("09:00", [web])];
    expect(versionsOf(events)).toEqual([
      "ssh 1 | .. 09:00 | 22 | seen 08:00 | - .. group written",
      "web 1 | 09:00 .. | 443 | seen 09:00 | group written .. -",
    ]);
    expect(findingsOf(events)).toEqual([]);
  });

  it("rules that it leaves as they are keep their version", () => {
    expect(versionsOf([groupSeen("08:00", [ssh(22)]), groupWritten("09:00", [ssh(22)])])).toEqual([
      "ssh 1 | .. | 22 | seen 08:00 | - .. -",
    ]);
  });

  it("says nothing of rules that are not in it and were not there", () => {
    const events = [
      groupSeen("08:00", []),
      groupWritten("09:00", [web]),
      ruleWritten("10:00", ssh(22), { effect: "created" }),
    ];
    expect(findingsOf(events)).toEqual([]);
    expect(["08:30", "09:30", "10:30"].map((time) => verdictAt(events, time))).toEqual(["deny", "deny", "allow"]);
  });

  it("does not contradict a deletion before it", () => {
    const events = [
      groupSeen("08:00", [ssh(22)]),
      ruleDeleted("09:00", "ssh"),
      groupWritten("10:00", [web]),
      groupSeen("11:00", [web]),
    ];
    expect(findingsOf(events)).toEqual([]);
    expect(["08:30", "09:30", "10:30"].map((time) => verdictAt(events, time))).toEqual(["allow", "deny", "deny"]);
  });

  it("does not tell what the group said before", () => {
    const events = [groupWritten("09:00", [web])];
    expect(["08:59", "09:00"].map((time) => verdictAt(events, time))).toEqual(["unknown", "deny"]);
  });

  it("without a body, leaves all its rules unknown", () => {
    const events = [groupSeen("08:00", [ssh(22)]), groupWritten("09:00", null)];
    expect(["08:30", "09:30"].map((time) => verdictAt(events, time))).toEqual(["allow", "unknown"]);
  });

  it("without a body, may have brought rules that nobody ever named", () => {
    const events = [groupSeen("08:00", []), groupWritten("09:00", null)];
    expect(["08:30", "09:30"].map((time) => verdictAt(events, time))).toEqual(["deny", "unknown"]);
    const replaced = [...events, groupWritten("10:00", [web])];
    expect(["08:30", "09:30", "10:30"].map((time) => verdictAt(replaced, time))).toEqual(["deny", "unknown", "deny"]);
  });

  it("without a body, is told by the next snapshot", () => {
    const events = [groupSeen("08:00", []), groupWritten("09:00", null), groupSeen("10:00", [ssh(22)])];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00 .. | 22 | seen 10:00 | group written .. -"]);
    const dropped = [groupSeen("08:00", [ssh(22)]), groupWritten("09:00", null), groupSeen("10:00", [])];
    expect(["08:30", "09:30"].map((time) => verdictAt(dropped, time))).toEqual(["allow", "deny"]);
    expect(findingsOf(dropped)).toEqual([]);
  });

  it("has its body in the record of its start", () => {
    const events = [
      groupSeen("08:00", [ssh(22)]),
      groupWritten("09:00", [web], { phase: "started", operationId: "op" }),
      groupWritten("09:01", null, { operationId: "op" }),
    ];
    expect(["09:00:30", "09:01"].map((time) => verdictAt(events, time))).toEqual(["allow", "deny"]);
  });
});

describe("given a group that was never seen whole", () => {
  it("its edits are known, and every verdict is unknown, since there may be other rules", () => {
    const events = [ruleWritten("09:00", ssh(22), { effect: "created" })];
    expect(versionsOf(events)).toEqual(["ssh 1 | 09:00 .. | 22 | seen 09:00 | rule written .. -"]);
    expect(["08:00", "09:30"].map((time) => verdictAt(events, time))).toEqual(["unknown", "unknown"]);
    expect(historyOf(events).groups.get("web")!.incomplete).toContain("never seen whole");
  });

  it("started or failed operations alone make no group", () => {
    expect([...historyOf([ruleWritten("09:00", ssh(22), { phase: "failed" })]).groups]).toEqual([]);
  });
});
