// What a change does to a connection that is open, and to the next one (DOMAIN 2.2 to 2.6): an SSH session opens at
// second 0, the change comes at 10, a packet of the session at 20, a new connection at 21.

import { describe, expect, it } from "vitest";
import type { ControlEvent } from "../src/index.js";
import {
  associated,
  factAt,
  groupSeen,
  groupWritten,
  interfaceSeen,
  type NetworkMore,
  networkSeen,
  rule,
  ruleDeleted,
  ruleWritten,
} from "./support/control-events.js";
import { second } from "./support/instants.js";
import { answer, batchOf, flagsOf, type PacketText, packet } from "./support/packets.js";
import { project, tellVerdict } from "./support/projection.js";

const there = (time: number, flags: string, more: Partial<PacketText> = {}) =>
  packet({ time: second(time), frame: Math.ceil(time), flags: flagsOf(flags), ...more });
const session = [there(0, "S"), answer(there(1, "SA"), {}), there(2, "A")];
const next = there(21, "S", { sourcePort: 50_001 });

/** What comes of the packet at 20, or of others, and of the new connection. */
function fates(events: readonly ControlEvent[], later: readonly PacketText[] = [there(20, "PA")]): string[] {
  const { verdicts } = project(events, [batchOf([...session, ...later, next])]);
  expect(verdicts.slice(0, 3).map(({ verdict }) => verdict)).toEqual(["allow", "allow", "allow"]);
  return verdicts.slice(3).map(({ verdict, reason }) => `${verdict} ${reason.type}`);
}

const ssh = "100 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const world = (
  rules: readonly string[],
  more: { readonly flushConnection?: boolean; readonly network?: NetworkMore } = {},
) => [
  groupSeen("08:00", rules, { flushConnection: more.flushConnection ?? null }),
  interfaceSeen("08:00", "nic-1", { group: "web" }),
  networkSeen("08:00", "vnet", more.network),
];
const updated = { effect: "updated" } as const;
const grant = "MicrosoftDefenderForCloud-JITRule-12-9EF6964F0A0B4C3D9EF6964F0A0B4C3D";

describe("Azure: existing connections remain, new ones meet the new rules", () => {
  const changes: readonly [string, readonly string[], ControlEvent][] = [
    ["[A1] a rule is removed", [ssh], ruleDeleted(second(10), "ssh")],
    [
      "[A1] a rule that denies is added",
      [ssh],
      ruleWritten(second(10), "99 no inbound deny * * * -> * *", { effect: "created" }),
    ],
    [
      "[A1] a rule's ports are modified",
      [ssh],
      ruleWritten(second(10), "100 ssh inbound allow tcp 203.0.113.0/24 * -> * 23", updated),
    ],
    [
      "[A1] a rule's source is modified",
      [ssh],
      ruleWritten(second(10), "100 ssh inbound allow tcp 198.51.100.0/24 * -> * 22", updated),
    ],
    [
      "[A1] a rule's access is modified",
      [ssh],
      ruleWritten(second(10), "100 ssh inbound deny tcp 203.0.113.0/24 * -> * 22", updated),
    ],
    [
      "NS: a rule's priority is modified",
      [ssh, "200 no inbound deny * * * -> * *"],
      ruleWritten(second(10), "300 ssh inbound allow tcp 203.0.113.0/24 * -> * 22", updated),
    ],
    ["[A1] all rules are replaced", [ssh], groupWritten(second(10), [])],
    [
      "[A10] a just-in-time grant expires, so that its rule is deleted",
      [`100 ${grant} inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22`],
      ruleDeleted(second(10), grant),
    ],
  ];

  it.each(changes)("%s", (_, rules, change) => {
    expect(fates([...world(rules), change])).toEqual(["allow flow-record", "deny denied"]);
  });

  it.each(changes)("[A6] with flushConnection they are judged anew: %s", (_, rules, change) => {
    expect(fates([...world(rules, { flushConnection: true }), change])).toEqual(["deny denied", "deny denied"]);
  });

  it("[A6] flushConnection that is enabled judges them anew by the rules of that instant", () => {
    const data = { phase: "succeeded", operationId: null, effect: null, resource: "web" } as const;
    const enabled = factAt(second(10), {
      type: "setting-written",
      data: { ...data, setting: "flushConnection", value: true },
    });
    const off = world([ssh], { flushConnection: false });
    expect(fates([...off, ruleDeleted(second(5), "ssh"), enabled])).toEqual(["deny denied", "deny denied"]);
    expect(fates([...off, enabled])).toEqual(["allow flow-record", "allow opened"]);
  });

  it("[A1] replies need no rule of their own, either way", () => {
    const noOut = "100 no-out outbound deny * * * -> * *";
    expect(fates(world([ssh, noOut]), [answer(there(20, "PA"), {})])).toEqual(["allow flow-record", "allow opened"]);
  });

  it("[A1] [A8] silence ends them: after 4 minutes the next packet is a new flow, judged by the rules now in force", () => {
    const late = [there(241.9, "PA"), there(482, "PA")];
    expect(fates([...world([ssh]), ruleDeleted(second(10), "ssh")], late).slice(1)).toEqual([
      "allow flow-record",
      "deny denied",
    ]);
  });

  it.each([
    [4, 241.9, "allow flow-record"],
    [4, 242, "deny denied"],
    [30, 1801.9, "allow flow-record"],
    [30, 1802, "deny denied"],
  ])("[A8] FlowTimeoutInMinutes %i: at second %d, %s", (flowTimeoutMinutes, time, expected) => {
    const events = [...world([ssh], { network: { flowTimeoutMinutes } }), ruleDeleted(second(10), "ssh")];
    expect(fates(events, [there(time, "PA")]).at(-1)).toBe(expected);
  });

  it("[A22] what was denied before is allowed once a rule allows it, from that very instant", () => {
    const allowed = [...world([]), ruleWritten(second(10), ssh, { effect: "created" })];
    const { verdicts } = project(allowed, [batchOf([there(9, "S"), there(10, "S")])]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["deny", "allow"]);
  });

  it("[A7] they are kept for each interface: the half of a connection that comes by another one is a new flow there", () => {
    const other = interfaceSeen("08:00", "nic-2", { group: "web", addresses: ["10.0.0.5"] });
    const strayed = answer(there(20, "PA", { destination: "10.0.0.5" }), {});
    const { verdicts } = project(
      [...world([ssh, "100 no-out outbound deny * * * -> * *"]), other],
      [batchOf([...session, strayed])],
    );
    expect(tellVerdict(verdicts.at(-1)!)).toBe("20 outbound at nic-2: deny denied no-out");
  });
});

describe("AWS", () => {
  const aws = { platform: "aws", groups: ["sg-1"], network: "vpc" } as const;
  const allowing = (text: string) => ({ ...rule(text), priority: 0 });
  const group = (...rules: readonly string[]) =>
    groupSeen("08:00", rules.map(allowing), { group: "sg-1", name: "sg-1", kind: "security-group" });
  const acl = (...rules: readonly string[]) =>
    groupSeen("08:00", rules, { group: "acl-1", name: "acl-1", kind: "network-acl", subnets: ["subnet-1"] });
  const everybody = ["100 in inbound allow * 0.0.0.0/0 * -> * *", "100 out outbound allow * * * -> 0.0.0.0/0 *"];
  const eni = (rules: ControlEvent, ...more: readonly ControlEvent[]) => [
    interfaceSeen("08:00", "nic-1", { more: aws }),
    rules,
    acl(...everybody),
    ...more,
  ];
  const deleted = (name: string) => ruleDeleted(second(10), name, { group: "sg-1" });
  const narrow = "0 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
  const open = "0 ssh inbound allow tcp 0.0.0.0/0 * -> * 22";
  const out = "0 out outbound allow * * * -> 0.0.0.0/0 *";

  it("[W1] a tracked connection is not interrupted when its rule goes", () => {
    expect(fates(eni(group(narrow, out), deleted("ssh")))).toEqual(["allow flow-record", "deny denied"]);
  });

  it("[W1] an untracked one is interrupted at once", () => {
    expect(fates(eni(group(open, out), deleted("ssh")))).toEqual(["deny denied", "deny denied"]);
  });

  it("[W1] without the rule that answers, new connections are tracked, and go on when theirs goes", () => {
    const narrowed = eni(group(open), deleted("ssh"));
    expect(fates(narrowed)).toEqual(["allow flow-record", "deny denied"]);
  });

  it("[W1] a network ACL that blocks either direction breaks existing connections, tracked or not", () => {
    const noIn = ruleWritten(second(10), "50 no inbound deny * 0.0.0.0/0 * -> * *", {
      group: "acl-1",
      effect: "created",
    });
    const noOut = ruleWritten(second(10), "50 no outbound deny * * * -> 0.0.0.0/0 *", {
      group: "acl-1",
      effect: "created",
    });
    const reply = [answer(there(20, "PA"), {})];
    expect(fates(eni(group(narrow, out), noIn))).toEqual(["deny denied", "deny denied"]);
    expect(fates(eni(group(narrow, out), noOut), reply)).toEqual(["deny denied", "allow opened"]);
  });

  it("[W5] the edit of a network ACL applies at once, also to what it allows again", () => {
    const no = ruleWritten(second(10), "50 no inbound deny * 0.0.0.0/0 * -> * *", {
      group: "acl-1",
      effect: "created",
    });
    const again = ruleDeleted(second(15), "no", { group: "acl-1" });
    expect(fates(eni(group(narrow, out), no, again), [there(12, "PA"), there(20, "PA")])).toEqual([
      "deny denied",
      "allow flow-record",
      "allow opened",
    ]);
  });

  it("NS: other groups before the interface leave tracked connections, and new ones meet them", () => {
    const closed = groupSeen("08:00", [], { group: "sg-2", name: "sg-2", kind: "security-group" });
    const moved = associated(second(10), "interface", "nic-1", ["sg-2"]);
    expect(fates(eni(group(narrow, out), closed, moved))).toEqual(["allow flow-record", "deny denied"]);
  });

  it.each([
    ["[W6] 5 days", {}, 431_999 + 2, 432_002],
    ["[W6] 350 s on Nitro v6", { nitroV6: true }, 351, 352],
    ["[W6] as set, on Nitro v6 too", { nitroV6: true, tcpEstablishedSeconds: 60 }, 61, 62],
  ])("an established connection is idle for %s", (_, more, live, over) => {
    const connectionTracking = {
      tcpEstablishedSeconds: null,
      udpStreamSeconds: null,
      udpSeconds: null,
      nitroV6: null,
      ...more,
    };
    const own = interfaceSeen("08:00", "nic-1", { more: { ...aws, connectionTracking } });
    const events = [own, group(narrow, out), acl(...everybody), deleted("ssh")];
    const fateAt = (time: number) =>
      project(events, [batchOf([...session, there(time, "PA")])]).verdicts.at(-1)!.verdict;
    expect([fateAt(live), fateAt(over)]).toEqual(["allow", "deny"]);
  });

  it.each([
    ["esp", 50, "[W1] another protocol than TCP, UDP and ICMP", 600],
    ["gre", 47, "[W1] GRE", 600],
    ["icmp", 1, "NS: ICMP", 30],
  ] as const)("%s: %s (%s) is answered within %i s", (name, protocol, _, seconds) => {
    const events = eni(group(`0 r inbound allow ${name} 203.0.113.0/24 * -> * *`));
    const base = { protocol, sourcePort: 7, destinationPort: name === "icmp" ? 7 : 0 };
    const asks = packet({ time: second(0), flags: name === "icmp" ? 8 * 256 : 0, ...base });
    const fateAt = (time: number) => {
      const back = answer(asks, { time: second(time), frame: 2, flags: 0 });
      return project(events, [batchOf([asks, back])]).verdicts.at(-1)!.verdict;
    };
    expect([fateAt(seconds - 0.1), fateAt(seconds)]).toEqual(["allow", "deny"]);
  });
});
