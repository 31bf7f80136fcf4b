import { describe, expect, it } from "vitest";
import {
  accessGrants,
  accessState,
  buildNetworkHistory,
  type ControlEvent,
  grantStatus,
  type RequestedAccess,
} from "../../src/index.js";
import { accessEnded, machineAt } from "../support/access-events.js";
import {
  accessRequested,
  associated,
  groupSeen,
  type OperationMore,
  rule,
  ruleDeleted,
  ruleWritten,
} from "../support/control-events.js";
import { historyOf } from "../support/histories.js";
import { at } from "../support/instants.js";

const jitName = "MicrosoftDefenderForCloud-JITRule--1105480617-9EF6964F0A0B4C3D9EF6964F0A0B4C3D";
const oldName = "SecurityCenter-JITRule--1170687618-8C18BF890A0B4C3D9EF6964F0A0B4C3D";
const jitRule = `100 ${jitName} inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22`;
const ssh: RequestedAccess = { machine: "vm1", port: 22, sources: ["203.0.113.7"], until: at("10:00") };
const whole = groupSeen("08:00", []);
const vm1 = machineAt("08:00", "nic1", "vm1", "10.0.0.4");
const vm2 = machineAt("08:00", "nic2", "vm2", "10.0.0.5");
const new_: OperationMore = { effect: "created", who: "sp" };

/** The requestor and the tie of the grant that each version of the rules was made for. */
function grantsOf(events: readonly ControlEvent[], group = "web") {
  const policy = historyOf(events);
  const versions = policy.groups.get(group)!.versions.filter(({ isDefault }) => !isDefault);
  const told = (order: readonly ControlEvent[]) => {
    const { ties } = accessState({ events: order, policy, network: buildNetworkHistory(order) });
    return versions.map((version) =>
      ties.matchesOf(version).map(({ grant, by }) => `${grant.cause.actor?.who} ${grant.port} by ${by}`),
    );
  };
  expect(told(events.toReversed())).toEqual(told(events));
  return told(events).map((own) => own.join(", "));
}

/** What became of each grant by 12:00: `alice revoked 09:30`. */
function endsOf(events: readonly ControlEvent[]) {
  const told = (order: readonly ControlEvent[]) =>
    accessGrants(order).map((grant) => {
      const { end, cause } = grant;
      return `${cause.actor?.who} ${grantStatus(grant, at("12:00"))} ${end === null ? "never" : (end.time - at("00:00")) / 60e6}`;
    });
  expect(told(events.toReversed())).toEqual(told(events));
  return told(events);
}

describe("a request for access", () => {
  it("[A14] grants when it succeeds, with the body of whichever record has one", () => {
    const events = [
      accessRequested("09:00", [ssh], { phase: "started", operationId: "op", justification: "ticket 7", who: "alice" }),
      accessRequested("09:00:02", null, { operationId: "op", who: "alice" }),
    ];
    expect(accessGrants(events)).toMatchObject([
      { machine: "vm1", port: 22, sources: ["203.0.113.7"], justification: "ticket 7", from: at("09:00:02") },
    ]);
    expect(accessGrants(events.toReversed())).toEqual(accessGrants(events));
  });

  it("[A14] that failed, or only started, grants nothing", () => {
    expect(accessGrants([accessRequested("09:00", [ssh], { phase: "started" })])).toEqual([]);
    expect(accessGrants([accessRequested("09:00", [ssh], { phase: "failed" })])).toEqual([]);
  });

  it("that names no source is for the address it came from [A12]", () => {
    const grants = accessGrants([accessRequested("09:00", [{ ...ssh, sources: null }], { from: "203.0.113.7" })]);
    expect(grants[0]!.sources).toEqual(["203.0.113.7"]);
  });
});

describe("a request that is in the Activity Log and in its policy's list", () => {
  const log = accessRequested("09:00:02", [{ ...ssh, sources: null }], { who: "Alice", correlationId: "c" });
  const list = accessRequested("09:00", [ssh], { who: "alice", justification: "ticket 7" });
  const grants = (...events: readonly ControlEvent[]) => {
    expect(accessGrants(events.toReversed())).toEqual(accessGrants(events));
    return accessGrants(events);
  };

  it("is one grant, with what either of them knows", () => {
    expect(grants(log, list)).toMatchObject([
      {
        from: at("09:00:02"),
        requested: at("09:00"),
        sources: ["203.0.113.7"],
        justification: "ticket 7",
        cause: { actor: { correlationId: "c" } },
        end: { because: "expired", time: at("10:00") },
      },
    ]);
  });

  it("ends as the list says, which knows the time of the request only", () => {
    const ending = accessEnded("09:30", { granted: at("09:00"), because: "renewed" });
    expect(grants(log, list, ending)).toMatchObject([{ end: { because: "renewed", time: at("09:30") } }]);
  });

  it.each<[string, ControlEvent]>([
    ["another person", accessRequested("09:00", [ssh], { who: "bob" })],
    ["another end", accessRequested("09:00", [{ ...ssh, until: at("10:01") }], { who: "alice" })],
    ["another time", accessRequested("08:54", [ssh], { who: "alice" })],
    ["the same log", accessRequested("09:00", [ssh], { who: "alice", correlationId: "d" })],
  ])("is two, where one is of %s", (_, other) => {
    expect(grants(log, other)).toHaveLength(2);
  });
});

describe("access ends", () => {
  const alice = accessRequested("09:00", [ssh], { who: "alice" });

  it.each<[string, readonly ControlEvent[], readonly string[]]>([
    ["when its time is up", [alice], ["alice expired 600"]],
    [
      "never, where nothing tells until when it was granted",
      [accessRequested("09:00", [{ ...ssh, until: null }], { who: "alice" })],
      ["alice active never"],
    ],
    [
      "when somebody revokes it [A12 UserRequested]",
      [alice, accessEnded("09:30", { granted: at("09:00"), because: "revoked" })],
      ["alice revoked 570"],
    ],
    [
      "though the ending names the time of the request and not of its success",
      [alice, accessEnded("09:30", { granted: at("08:58"), because: "revoked" })],
      ["alice revoked 570"],
    ],
    [
      "only once: what is ended after its time was up had expired",
      [alice, accessEnded("10:03", { granted: at("09:00"), because: "revoked" })],
      ["alice expired 600"],
    ],
    [
      "when a newer request for the same port and source takes its place [A12 NewerRequestInitiated]",
      [alice, accessRequested("09:40", [{ ...ssh, until: at("11:00") }], { who: "bob" })],
      ["alice renewed 580", "bob expired 660"],
    ],
    [
      "and not by a request for another source, port or machine",
      [
        alice,
        accessRequested("09:40", [{ ...ssh, sources: ["203.0.113.8"] }], { who: "bob" }),
        accessRequested("09:41", [{ ...ssh, port: 3389 }], { who: "carol" }),
        accessRequested("09:42", [{ ...ssh, machine: "vm2" }], { who: "dave" }),
      ],
      ["alice expired 600", "bob expired 600", "carol expired 600", "dave expired 600"],
    ],
    [
      "each by its own ending, where two began within minutes",
      [
        alice,
        accessRequested("09:03", [{ ...ssh, sources: ["203.0.113.8"] }], { who: "bob" }),
        accessEnded("09:30", { granted: at("09:03"), because: "revoked" }),
      ],
      ["alice expired 600", "bob revoked 570"],
    ],
  ])("%s", (_, events, ends) => {
    expect(endsOf(events)).toEqual(ends);
  });

  it("and its rules with it, where the request names them, as it says itself", () => {
    const made = { ...ssh, rules: [{ group: "web", ruleName: jitName }] };
    const events = [whole, accessRequested("09:00", [made]), ruleWritten("09:00", jitRule, new_)];
    const spans = (more: readonly ControlEvent[]) =>
      historyOf([...events, ...more])
        .groups.get("web")!
        .versions.filter(({ isDefault }) => !isDefault)
        .map(({ to, endedBy }) => [to, endedBy?.type]);
    expect(spans([])).toEqual([[at("10:00"), "access-requested"]]);
    expect(spans([accessEnded("09:30", { granted: at("09:00"), because: "revoked" })])).toEqual([
      [at("09:30"), "access-ended"],
    ]);
    const deleted = [...events, ruleDeleted("09:20", jitName)];
    expect(spans(deleted.slice(-1))).toEqual([[at("09:20"), "security-rule-deleted"]]);
    expect(historyOf(deleted).findings).toEqual([]);
  });
});

describe("a rule is tied to the grant that it was made for", () => {
  it("by correlation id, whatever its name", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice", correlationId: "c" }),
      ruleWritten("09:00:05", "100 odd inbound allow tcp * * -> * 22", { correlationId: "c" }),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by correlation id"]);
  });

  it("and not because it only moved, or is for another port, in the same operation", () => {
    const events = [
      groupSeen("08:00", ["100 ops inbound allow tcp 10.0.0.0/8 * -> * 22"]),
      accessRequested("09:00", [ssh], { who: "alice", correlationId: "c" }),
      ruleWritten("09:00:05", "101 ops inbound allow tcp 10.0.0.0/8 * -> * 22", { correlationId: "c" }),
      ruleWritten("09:00:05", "102 web inbound allow tcp * * -> * 80", { correlationId: "c", effect: "created" }),
    ];
    expect(grantsOf(events)).toEqual(["", "", ""]);
  });

  it("by correlation id to the port and machine of the request that it is for", () => {
    const events = [
      whole,
      vm1,
      vm2,
      accessRequested("09:00", [ssh, { ...ssh, port: 3389 }, { ...ssh, machine: "vm2", port: 5985 }], {
        who: "alice",
        correlationId: "c",
      }),
      ruleWritten("09:00:05", "100 a inbound allow tcp 203.0.113.7 * -> 10.0.0.4 3389", { correlationId: "c" }),
      ruleWritten("09:00:05", "101 b inbound allow tcp 203.0.113.7 * -> 10.0.0.5 5985", { correlationId: "c" }),
      ruleWritten("09:00:05", "102 c inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22", { correlationId: "c" }),
    ];
    expect(grantsOf(events)).toEqual([
      "alice 3389 by correlation id",
      "alice 5985 by correlation id",
      "alice 22 by correlation id",
    ]);
  });

  it("else by name, port, source and time, and to the latest that fits", () => {
    const events = [
      whole,
      accessRequested("08:30", [ssh], { who: "alice" }),
      accessRequested("09:00", [ssh], { who: "bob" }),
      accessRequested("09:00:02", [{ ...ssh, port: 3389 }], { who: "carol" }),
      accessRequested("09:00:03", [{ ...ssh, sources: ["198.51.100.1"] }], { who: "dave" }),
      ruleWritten("09:00:05", jitRule, { effect: "created" }),
      accessRequested("09:01", [ssh], { who: "erin" }),
    ];
    expect(grantsOf(events)).toEqual(["bob 22 by port, source and time"]);
  });

  it("[A23] OBS: in both brandings, with signed numbers", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice" }),
      ruleWritten("09:00:05", jitRule.replace(jitName, oldName), { effect: "created" }),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by port, source and time"]);
  });

  it("and each version to its own", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice" }),
      ruleWritten("09:00:05", jitRule, { effect: "created" }),
      ruleDeleted("09:30", jitName),
      accessRequested("10:00", [ssh], { who: "bob" }),
      ruleWritten("10:00:05", jitRule, { effect: "created" }),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by port, source and time", "bob 22 by port, source and time"]);
  });

  it("and to none when it is older, an hour younger, or the policy's own deny", () => {
    const request = accessRequested("09:00", [ssh], { who: "alice" });
    expect(grantsOf([whole, request, ruleWritten("08:57", jitRule)])).toEqual([""]);
    expect(grantsOf([whole, request, ruleWritten("10:00", jitRule)])).toEqual(["alice 22 by port, source and time"]);
    expect(grantsOf([whole, request, ruleWritten("10:00:01", jitRule)])).toEqual([""]);
    const deny = jitRule.replace("JITRule-", "JITRule_").replace("allow", "deny");
    expect(grantsOf([whole, request, ruleWritten("09:01", deny)])).toEqual([""]);
  });

  it("also when its record comes before that of the request's success, and then to the request that has none yet", () => {
    const events = [
      whole,
      accessRequested("08:30", [ssh], { who: "alice" }),
      ruleWritten("08:30:05", jitRule.replace(jitName, oldName), new_),
      accessRequested("08:59:50", [ssh], { who: "bob", phase: "started", operationId: "op" }),
      ruleWritten("08:59:58", jitRule.replace("100", "101"), new_),
      accessRequested("09:00", null, { who: "bob", operationId: "op" }),
    ];
    expect(grantsOf(events)).toEqual(["bob 22 by port, source and time", "alice 22 by port, source and time"]);
  });

  it("to the machine whose private address it names [A13], and to no other", () => {
    const events = [
      whole,
      vm1,
      vm2,
      accessRequested("09:00", [ssh], { who: "alice" }),
      accessRequested("09:00:02", [{ ...ssh, machine: "vm2" }], { who: "bob" }),
      ruleWritten("09:00:05", jitRule, new_),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by machine, port, source and time"]);
    expect(grantsOf([...events.slice(0, 3), ...events.slice(4)])).toEqual([""]);
  });

  it("to the machine and policy that its description names, whatever is known of the network", () => {
    const described = (text: string) => ({ ...rule(jitRule), description: text });
    const say = (machine: string) =>
      `MDC JIT Network Access rule created by an initiation request for policy 'jit' of VM '${machine}'.`;
    const request = accessRequested("09:00", [ssh], { who: "alice" });
    const write = (machine: string) => ruleWritten("09:00:05", described(say(machine)), new_);
    expect(grantsOf([whole, request, write("VM1")])).toEqual(["alice 22 by machine, port, source and time"]);
    expect(grantsOf([whole, request, write("vm2")])).toEqual([""]);
  });

  it("through all its later versions, whoever wrote them", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice" }),
      ruleWritten("09:00:05", jitRule, new_),
      ruleWritten("09:20", jitRule.replace("203.0.113.7", "*"), { effect: "updated", who: "mallory" }),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by port, source and time", "alice 22 by port, source and time"]);
  });

  it("until the service makes it serve a newer request", () => {
    const wider = { ...ssh, sources: ["203.0.113.0/24"], until: at("11:00") };
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice" }),
      ruleWritten("09:00:05", jitRule, new_),
      accessRequested("09:30", [wider], { who: "bob" }),
      ruleWritten("09:30:05", jitRule.replace("203.0.113.7", "203.0.113.0/24"), { effect: "updated", who: "sp" }),
    ];
    expect(grantsOf(events)).toEqual(["alice 22 by port, source and time", "bob 22 by port, source and time"]);
  });

  it("when nobody recorded its making and a snapshot shows it while the grant runs", () => {
    const request = accessRequested("09:00", [ssh], { who: "alice" });
    expect(grantsOf([request, groupSeen("09:30", [jitRule])])).toEqual(["alice 22 by port, source and time"]);
    expect(grantsOf([request, groupSeen("10:30", [jitRule])])).toEqual([""]);
  });

  it("on AWS by the new group that is put before the machine [A10]", () => {
    const seen = { kind: "security-group", group: "sg-new", name: "jit" } as const;
    const text = "0 ingress inbound allow tcp 203.0.113.7 * -> * 22";
    const made = groupSeen("09:00:03", [], { ...seen, begins: true });
    const events = [
      vm1,
      accessRequested("09:00", [ssh], { who: "alice" }),
      made,
      ruleWritten("09:00:04", text, { group: "sg-new", effect: "created" }),
    ];
    const put = (when: string, to: string) => associated(when, "interface", to, ["sg-default", "sg-new"]);
    expect(grantsOf([...events, put("09:00:05", "nic1")], "sg-new")).toEqual(["alice 22 by new group"]);
    expect(grantsOf([...events, put("09:00:05", "nic2")], "sg-new")).toEqual([""]);
    expect(grantsOf([...events, put("10:30", "nic1")], "sg-new")).toEqual([""]);
  });
});
