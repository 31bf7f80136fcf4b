// Specifications of decisions about just-in-time access: given these events, when somebody asks, then this follows.

import { describe, expect, it } from "vitest";
import {
  type AccessDecision,
  type AccessPolicyPort,
  type AccessRequest,
  accessPolicies,
  accessState,
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  controlStateAt,
  type DatedFact,
  decideAccess,
  decidePolicy,
  decideRevocation,
  type RequestedAccess,
  readAccessRuleDescription,
  readAccessRuleName,
} from "../../src/index.js";
import { decidedBy, machineAt, policySeen, policyWritten } from "../support/access-events.js";
import {
  accessRequested,
  groupSeen,
  groupWritten,
  interfaceSeen,
  networkSeen,
  removed,
  ruleWritten,
} from "../support/control-events.js";
import { at } from "../support/instants.js";

const port = (number: number, more: Partial<AccessPolicyPort> = {}): AccessPolicyPort => {
  return { port: number, protocol: "tcp", sources: ["*"], maxDurationSeconds: 3 * 3600, ...more };
};

/** vm1 at 10.0.0.4 and vm2 at 10.0.0.5, behind group `web` at their interfaces and `edge` at the subnet. */
const network = [
  networkSeen("07:00", "vnet", { subnets: { "subnet-1": "edge" } }),
  machineAt("07:00", "nic1", "vm1", "10.0.0.4", "web"),
  machineAt("07:00", "nic2", "vm2", "10.0.0.5", "web"),
  groupSeen("07:00", ["100 http inbound allow tcp * * -> * 80", "101 out outbound allow * * * -> * *"]),
  groupSeen("07:00", [], { group: "edge", name: "edge" }),
];
const policy = policySeen("07:00", [
  { machine: "vm1", ports: [port(22, { sources: ["203.0.113.0/24"] }), port(3389), port(53, { protocol: "*" })] },
  { machine: "vm2", ports: [port(22)] },
]);
const world = [...network, policy];

function stateOf(events: readonly ControlEvent[]) {
  return accessState({ events, policy: buildPolicyHistory(events), network: buildNetworkHistory(events) });
}

type Asking = Partial<AccessRequest> & Partial<RequestedAccess> & { readonly time?: string };

/** Alice asks for an hour of port 22 of vm1 at 09:00, unless said otherwise. */
function ask(events: readonly ControlEvent[], asking: Asking = {}): AccessDecision {
  const { machine = "vm1", port = 22, sources = null, until = at("10:00"), protocol, time = "09:00", ...rest } = asking;
  const asked = [{ machine, port, sources, until, ...(protocol && { protocol }) }];
  const request = { policy: null, asked, from: "203.0.113.7", justification: null, ...rest };
  return decideAccess(controlStateAt(events, at(time)), request);
}

function refusals(decision: AccessDecision) {
  return decision.is === "refused" ? decision.refusal : [];
}

function factsOf({ facts = [] }: AccessDecision): readonly DatedFact[] {
  return facts;
}

/** `web 100 allow tcp 203.0.113.7 -> 10.0.0.4 22` of each rule written, `web deleted` of each deleted. */
function ruleFacts(decision: AccessDecision): string[] {
  return factsOf(decision).flatMap((fact) => {
    if (fact.type === "security-rule-deleted") return [`${fact.data.group} deleted`];
    if (fact.type !== "security-rule-written" || fact.data.rule === null || "unreadable" in fact.data.rule) return [];
    const { access, priority, protocol, source, destination } = fact.data.rule;
    const to = `${destination.addresses} ${destination.ports}`;
    return [`${fact.data.group} ${priority} ${access} ${protocol} ${source.addresses} -> ${to}`];
  });
}

const appended = (facts: readonly DatedFact[]) => facts.map(decidedBy("alice"));

describe("a request inside the policy is granted", () => {
  it("with an allow rule at the first free priority in each group before the machine [A13]", () => {
    expect(ruleFacts(ask(world))).toEqual([
      "edge 100 allow tcp 203.0.113.7 -> 10.0.0.4 22",
      "web 101 allow tcp 203.0.113.7 -> 10.0.0.4 22",
    ]);
  });

  it("named and described as Defender for Cloud does, the same for the same request [A23]", () => {
    const names = (decision: AccessDecision) =>
      factsOf(decision).flatMap((fact) => (fact.type === "security-rule-written" ? (fact.data.rule ?? []) : []));
    const [edge, web] = names(ask(world));
    expect(readAccessRuleName(edge!.name)).toMatchObject({ brand: "MicrosoftDefenderForCloud", kind: "grant" });
    expect(web!.name).toBe(edge!.name);
    expect(readAccessRuleDescription((edge as { description: string }).description)).toEqual({
      kind: "grant",
      policyName: "jit",
      machineName: "vm1",
    });
    expect(names(ask(world))).toEqual(names(ask(world)));
    expect(names(ask(world, { time: "09:00:01" }))[0]!.name).not.toBe(edge!.name);
  });

  it("as a request by whoever asks, and rules by the service", () => {
    const [request, ...rules] = factsOf(ask(world, { justification: "ticket 7" }));
    expect(request).toMatchObject({
      type: "access-requested",
      time: at("09:00"),
      data: {
        phase: "succeeded",
        justification: "ticket 7",
        grants: [{ sources: ["203.0.113.7"], until: at("10:00") }],
      },
    });
    expect(rules.map(({ type, by }) => `${type} by ${by}`)).toEqual([
      "security-rule-written by Microsoft Defender for Cloud",
      "security-rule-written by Microsoft Defender for Cloud",
    ]);
  });

  it("NS: for as long as the policy allows, where the request does not say until when", () => {
    const [request] = factsOf(ask(world, { until: null }));
    expect(request).toMatchObject({ data: { grants: [{ until: at("12:00") }] } });
  });

  it("[A10] and its rules lapse at its end, once they are in the log", () => {
    const events = [...world, ...appended(factsOf(ask(world)))];
    const versions = [...buildPolicyHistory(events).groups.values()].flatMap((group) => group.versions);
    const made = versions.filter(({ rule }) => readAccessRuleName(rule) !== null);
    expect(made.map(({ groupName, from, to }) => [groupName, from, to])).toEqual([
      ["edge", at("09:00"), at("10:00")],
      ["web", at("09:00"), at("10:00")],
    ]);
    const { ties, grants } = stateOf(events);
    expect(made.flatMap((version) => ties.matchesOf(version).map(({ grant }) => grant.id))).toEqual([
      grants[0]!.id,
      grants[0]!.id,
    ]);
  });

  it("and asked again at the same instant follows the same, so that nothing is added", () => {
    const first = ask(world);
    expect(ask([...world, ...appended(factsOf(first))])).toEqual(first);
  });

  it("for several ports and machines at once, each with its own rules", () => {
    const asked = [
      { machine: "vm1", port: 3389, sources: ["*"], until: at("10:00") },
      { machine: "VM2", port: 22, sources: ["198.51.100.0/24"], until: at("09:30") },
    ];
    expect(ruleFacts(ask(world, { asked }))).toEqual([
      "edge 100 allow tcp * -> 10.0.0.4 3389",
      "web 101 allow tcp * -> 10.0.0.4 3389",
      "edge 101 allow tcp 198.51.100.0/24 -> 10.0.0.5 22",
      "web 102 allow tcp 198.51.100.0/24 -> 10.0.0.5 22",
    ]);
  });

  it("and takes the place of a running one that it covers [A12 NewerRequestInitiated]", () => {
    const older = ask(world, { time: "08:30", until: at("09:30") });
    const events = [...world, ...appended(factsOf(older))];
    const newer = ask(events);
    expect(ruleFacts(newer)).toEqual([
      "edge 101 allow tcp 203.0.113.7 -> 10.0.0.4 22",
      "web 102 allow tcp 203.0.113.7 -> 10.0.0.4 22",
    ]);
    expect(newer).toMatchObject({ remarks: [{ remark: "renews", grant: { from: at("08:30") } }] });
    const after = [...events, ...appended(factsOf(newer))];
    const { grants } = stateOf(after);
    expect(grants.map(({ end }) => [end?.because, end?.time])).toEqual([
      ["renewed", at("09:00")],
      ["expired", at("10:00")],
    ]);
    expect(buildPolicyHistory(after).findings).toEqual([]);
  });

  it("and deletes rules of the one it replaces where only evidence had shown them", () => {
    const jitRule =
      "100 MicrosoftDefenderForCloud-JITRule--1-9EF6964F0A0B4C3D9EF6964F0A0B4C3D inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22";
    const older = { machine: "vm1", port: 22, sources: ["203.0.113.7"], until: at("09:30") };
    const seen = [
      accessRequested("08:30", [older]),
      ruleWritten("08:30:05", jitRule, { group: "edge", effect: "created" }),
    ];
    expect(ruleFacts(ask([...world, ...seen]))).toContain("edge deleted");
  });

  it("also at the shortest and the longest that Azure allows [A12]", () => {
    const wide = policySeen("07:00", [{ machine: "vm1", ports: [port(22, { maxDurationSeconds: null })] }]);
    expect(ask([...network, wide], { until: at("09:05") }).is).toBe("decided");
    expect(ask([...network, wide], { until: at("33:00") }).is).toBe("decided");
  });
});

describe("a request is refused [A11] [A12]", () => {
  const opaque = policyWritten("08:00", null, { effect: "updated" });
  const other = policySeen("07:00", [{ machine: "vm1", ports: [port(22)] }], { policy: "other", name: "other" });
  const rules = (count: number) =>
    Array.from({ length: count }, (_, index) => `${index + 100} r${index} inbound allow tcp * * -> * 80`);

  /** A quarter of the rules, quarter of an hour after quarter of an hour. */
  const spread = (all: readonly string[], part: number) =>
    groupWritten(`09:${part * 14 + 1}`, all.slice(part * 1000, part * 1000 + 1000), { group: "edge" });

  it.each<[string, readonly ControlEvent[], Asking, readonly object[]]>([
    ["for a machine that no policy covers", world, { machine: "vm9" }, [{ refused: "no-policy", machine: "vm9" }]],
    [
      "under a policy that is not there",
      world,
      { policy: "none" },
      [{ refused: "unknown-resource", kind: "just-in-time policy", name: "none" }],
    ],
    [
      "under a policy that is not there yet",
      [...network, policyWritten("09:30", [{ machine: "vm1", ports: [port(22)] }], { effect: "created" })],
      { policy: "jit" },
      [{ refused: "unknown-resource", kind: "just-in-time policy", name: "jit" }],
    ],
    [
      "under a policy of which nobody recorded what it says",
      [...world, opaque],
      { policy: "jit" },
      [{ refused: "policy-not-known", because: "it was written, and the record does not say what" }],
    ],
    [
      "where the only policy that may cover the machine is such a one",
      [...network, opaque],
      {},
      [{ refused: "policy-not-known", policy: "jit" }],
    ],
    [
      "where the name is that of several machines of the policy",
      [
        ...network,
        policySeen("07:00", [
          { machine: "rg1/vm1", ports: [port(22)] },
          { machine: "rg2/vm1", ports: [port(22)] },
        ]),
      ],
      {},
      [{ refused: "ambiguous-name", kind: "machine", ids: ["rg1/vm1", "rg2/vm1"] }],
    ],
    [
      "where several policies cover the machine and none is named",
      [...world, other],
      {},
      [{ refused: "several-policies", policies: ["jit", "other"] }],
    ],
    [
      "for a machine that the named policy does not cover",
      [...world, other],
      { policy: "other", machine: "vm2" },
      [{ refused: "machine-outside-policy", machine: "vm2", policy: "other" }],
    ],
    [
      "for a port outside the policy",
      world,
      { port: 23 },
      [{ refused: "port-outside-policy", port: 23, allowed: [22, 3389, 53] }],
    ],
    [
      "for a protocol outside the policy",
      world,
      { protocol: "udp" },
      [{ refused: "protocol-outside-policy", protocol: "udp", allowed: ["tcp"] }],
    ],
    [
      "from outside the allowed prefixes",
      world,
      { sources: ["203.0.113.7", "198.51.100.1"] },
      [{ refused: "source-outside-policy", source: "198.51.100.1", allowed: ["203.0.113.0/24"] }],
    ],
    ["from a wider prefix than allowed", world, { sources: ["203.0.0.0/16"] }, [{ refused: "source-outside-policy" }]],
    ["from anywhere where a prefix is allowed", world, { sources: ["*"] }, [{ refused: "source-outside-policy" }]],
    [
      "from the requestor's own address, if that is outside",
      world,
      { from: "192.0.2.1" },
      [{ refused: "source-outside-policy" }],
    ],
    ["from what is no address", world, { sources: ["home"] }, [{ refused: "bad-source", source: "home" }]],
    [
      "without a source where the requestor's is not known",
      world,
      { from: null },
      [{ refused: "no-source", port: 22 }],
    ],
    ["for less than 5 minutes [A12]", world, { until: at("09:04:59") }, [{ refused: "too-short", seconds: 299 }]],
    ["for a time that is over", world, { until: at("08:00") }, [{ refused: "too-short", seconds: -3600 }]],
    ["for more than a day [A12]", world, { until: at("33:00:01") }, [{ refused: "too-long", seconds: 86_401 }]],
    [
      "for longer than the policy allows",
      world,
      { until: at("12:00:01") },
      [{ refused: "longer-than-policy", seconds: 10_801, maxDurationSeconds: 10_800 }],
    ],
    ["for nothing", world, { policy: "jit", asked: [] }, [{ refused: "nothing-asked" }]],
    ["where no interface of the machine is known", [policy], {}, [{ refused: "no-interface", machine: "vm1" }]],
    [
      "where no group stands before the machine",
      [policy, machineAt("07:00", "nic1", "vm1", "10.0.0.4")],
      {},
      [{ refused: "no-group", machine: "vm1" }],
    ],
    [
      "where the group holds a thousand rules [A5]",
      [...world, groupSeen("08:00", rules(1000), { group: "edge" })],
      {},
      [{ refused: "too-many", what: "rules in a group", count: 1001, limit: 1000 }],
    ],
    [
      "where every priority will be taken while it runs",
      [...world, ...[0, 1, 2, 3].map((part) => spread(rules(3997), part))],
      {},
      [{ refused: "no-free-priority", group: "edge" }],
    ],
    [
      "on AWS, where a grant is a group of its own [A10]",
      [
        policy,
        interfaceSeen("07:00", "eni", { more: { machine: "vm1", platform: "aws", groups: ["sg-1"] } }),
        groupSeen("07:00", [], { group: "sg-1", kind: "security-group" }),
      ],
      {},
      [{ refused: "wrong-kind", group: "sg-1", kind: "security-group" }],
    ],
    [
      "with every reason at once",
      world,
      { protocol: "udp", sources: ["*"], until: at("09:01") },
      [{ refused: "protocol-outside-policy" }, { refused: "source-outside-policy" }, { refused: "too-short" }],
    ],
  ])("%s", (_, events, asking, because) => {
    const decision = ask(events, asking);
    expect(refusals(decision)).toEqual(because.map((reason) => expect.objectContaining(reason)));
    expect(ruleFacts(decision)).toEqual([]);
  });

  it("and that is a fact, too", () => {
    const facts = factsOf(ask(world, { port: 23 }));
    expect(facts).toMatchObject([
      { type: "access-requested", data: { phase: "failed", refusal: "port-outside-policy" } },
    ]);
    expect(stateOf([...world, ...appended(facts)]).grants).toEqual([]);
  });
});

describe("access is revoked", () => {
  const granted = [...world, ...appended(factsOf(ask(world)))];
  const grantId = stateOf(granted).grants[0]!.id;
  const revoke = (events: readonly ControlEvent[], time: string, grant = grantId) =>
    decideRevocation(controlStateAt(events, at(time)), { grant });

  it("while it runs, and its rules go with it", () => {
    const facts = factsOf(revoke(granted, "09:20"));
    expect(facts).toMatchObject([
      {
        type: "access-ended",
        data: { machine: "vm1", granted: at("09:00"), because: "revoked" },
      },
    ]);
    const after = [...granted, ...facts.map(decidedBy("bob"))];
    const { versions } = buildPolicyHistory(after).groups.get("edge")!;
    expect(versions.filter(({ isDefault }) => !isDefault).map(({ to, endedBy }) => [to, endedBy?.actor?.who])).toEqual([
      [at("09:20"), "bob"],
    ]);
    expect(buildPolicyHistory(after).findings).toEqual([]);
  });

  it.each<[string, readonly ControlEvent[], string, string, object]>([
    ["not if there is no such grant", granted, "09:20", "g-none", { refused: "unknown-grant", grant: "g-none" }],
    [
      "not if several begin so",
      [...granted, ...appended(factsOf(ask(granted, { port: 3389, time: "09:05" })))],
      "09:20",
      "g-",
      { refused: "several-grants" },
    ],
    ["not before it begins", granted, "08:59", grantId, { refused: "not-active", status: "to-come" }],
    ["not when its time is up", granted, "10:00", grantId, { refused: "not-active", status: "expired" }],
    [
      "not twice",
      [...granted, ...appended(factsOf(revoke(granted, "09:20")))],
      "09:30",
      grantId,
      { refused: "not-active", status: "revoked" },
    ],
    [
      "not when a newer request took its place",
      [...granted, ...appended(factsOf(ask(granted, { time: "09:10", until: at("11:00") })))],
      "09:20",
      grantId,
      { refused: "not-active", status: "renewed" },
    ],
  ])("%s", (_, events, time, grant, because) => {
    expect(revoke(events, time, grant)).toMatchObject({ is: "refused", refusal: [because] });
  });
});

describe("a policy is set for a machine [A11] [A12]", () => {
  type Change = Partial<Parameters<typeof decidePolicy>[1]> & { readonly time?: string };
  const set = (events: readonly ControlEvent[], { time = "08:00", ...change }: Change = {}) =>
    decidePolicy(controlStateAt(events, at(time)), { policy: "jit", machine: "vm1", ports: [port(22)], ...change });

  it("[A13] with a rule that denies its ports to all, at the last free priority of each group before it (the priority: NS)", () => {
    const facts = factsOf(set(network, { ports: [port(3389), port(22)] }));
    expect(facts[0]).toMatchObject({
      type: "access-policy-written",
      data: { effect: "created", machines: [{ machine: "vm1" }] },
    });
    expect(ruleFacts({ is: "decided", facts, remarks: [] })).toEqual([
      "edge 4096 deny * * -> 10.0.0.4 22,3389",
      "web 4096 deny * * -> 10.0.0.4 22,3389",
    ]);
    const [, denied] = facts;
    const written = denied?.type === "security-rule-written" ? denied.data.rule : null;
    expect(readAccessRuleName(written!.name)?.kind).toBe("policy");
    expect(readAccessRuleDescription((written as { description: string }).description)?.kind).toBe("policy");
  });

  it("beside its other machines, and the next deny takes the priority before", () => {
    const events = [...network, ...appended(factsOf(set(network)))];
    const facts = factsOf(set(events, { machine: "vm2", time: "08:10" }));
    expect(facts[0]).toMatchObject({
      data: { effect: "updated", machines: [{ machine: "vm1" }, { machine: "vm2" }] },
    });
    expect(ruleFacts({ is: "decided", facts, remarks: [] })).toEqual([
      "edge 4095 deny * * -> 10.0.0.5 22",
      "web 4095 deny * * -> 10.0.0.5 22",
    ]);
  });

  it("again, and the same rule says the new ports where it stood", () => {
    const events = [...network, ...appended(factsOf(set(network)))];
    const facts = factsOf(set(events, { ports: [port(22), port(5986)], time: "08:10" }));
    expect(ruleFacts({ is: "decided", facts, remarks: [] })).toEqual([
      "edge 4096 deny * * -> 10.0.0.4 22,5986",
      "web 4096 deny * * -> 10.0.0.4 22,5986",
    ]);
    const history = buildPolicyHistory([...events, ...appended(facts)]).groups.get("edge")!;
    expect(history.versions.filter(({ isDefault }) => !isDefault).map(({ version }) => version)).toEqual([1, 2]);
  });

  it("as it is already, and nothing follows", () => {
    const events = [...network, ...appended(factsOf(set(network)))];
    expect(set(events, { time: "08:10" })).toEqual({ is: "decided", facts: [], remarks: [{ remark: "already-so" }] });
  });

  it("and taken out of it, and its deny is deleted", () => {
    const events = [...network, ...appended(factsOf(set(network)))];
    const facts = factsOf(set(events, { ports: [], time: "08:10" }));
    expect(facts[0]).toMatchObject({ data: { machines: [] } });
    expect(ruleFacts({ is: "decided", facts, remarks: [] })).toEqual(["edge deleted", "web deleted"]);
  });

  it.each<[string, readonly ControlEvent[], Change, object]>([
    ["not with a port above 65535", network, { ports: [port(65_536)] }, { refused: "bad-port", port: 65_536 }],
    ["not with one port twice", network, { ports: [port(22), port(22)] }, { refused: "port-twice", port: 22 }],
    ["not with what is no address", network, { ports: [port(22, { sources: ["home"] })] }, { refused: "bad-source" }],
    ["not for nobody", network, { ports: [port(22, { sources: [] })] }, { refused: "no-source", port: 22 }],
    [
      "not for less than 5 minutes [A12]",
      network,
      { ports: [port(22, { maxDurationSeconds: 299 })] },
      { refused: "too-short", seconds: 299 },
    ],
    [
      "not for more than a day [A12]",
      network,
      { ports: [port(22, { maxDurationSeconds: 86_401 })] },
      { refused: "too-long", seconds: 86_401 },
    ],
    [
      "not for names of more than 56 characters [A11]",
      network,
      { policy: "p".repeat(54) },
      { refused: "names-too-long" },
    ],
    [
      "not for a machine of which no interface is known",
      network,
      { machine: "vm9" },
      { refused: "unknown-resource", kind: "machine", name: "vm9" },
    ],
    [
      "not where no machine would leave it",
      network,
      { ports: [] },
      { refused: "machine-outside-policy", machine: "vm1" },
    ],
    [
      "not where nobody recorded what it says of its other machines",
      [...network, policyWritten("07:30", null)],
      {},
      { refused: "policy-not-known", policy: "jit" },
    ],
  ])("%s", (_, events, change, because) => {
    expect(set(events, change)).toMatchObject({ is: "refused", refusal: [because] });
  });
});

describe("a policy in force", () => {
  const machines = [{ machine: "vm1", ports: [port(22)] }];
  const contents = (events: readonly ControlEvent[], ...times: string[]) => {
    const told = (order: readonly ControlEvent[]) => {
      const policies = accessPolicies(order);
      return times.map((time) => {
        const found = policies.find(({ from, to }) => from <= at(time) && at(time) < to);
        if (found === undefined) return "none";
        const { content, recordedFrom } = found;
        if (content.is === "unknown") return "unknown";
        const ports = content.machines.flatMap((machine) => machine.ports.map((own) => own.port));
        return `${ports} ${recordedFrom <= at(time) ? "recorded" : "inferred"}`;
      });
    };
    expect(told(events.toReversed())).toEqual(told(events));
    return told(events);
  };

  it.each<[string, readonly ControlEvent[], readonly string[]]>([
    ["is inferred before its first snapshot", [policySeen("09:00", machines)], ["22 inferred", "22 recorded"]],
    [
      "was not there before it was made",
      [policyWritten("09:00", machines, { effect: "created" })],
      ["none", "22 recorded"],
    ],
    [
      "is unknown before it was changed",
      [policyWritten("09:00", machines, { effect: "updated" })],
      ["unknown", "22 recorded"],
    ],
    [
      "is not there after it was deleted",
      [policySeen("07:00", machines), removed("09:00", "JIT")],
      ["22 recorded", "none"],
    ],
    [
      "is what a later snapshot shows, where a write does not say",
      [policyWritten("08:00", null, { effect: "created" }), policySeen("09:00", machines)],
      ["22 inferred", "22 recorded"],
    ],
    [
      "is unknown between evidence that disagrees",
      [policySeen("08:00", [{ machine: "vm1", ports: [port(3389)] }]), policySeen("09:00", machines)],
      ["unknown", "22 recorded"],
    ],
    [
      "is not changed by a write that failed",
      [policySeen("07:00", machines), policyWritten("08:00", [], { phase: "failed" })],
      ["22 recorded", "22 recorded"],
    ],
  ])("%s", (_, events, expected) => {
    expect(contents(events, "08:30", "09:30")).toEqual(expected);
  });
});
