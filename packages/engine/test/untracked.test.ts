// Connections that AWS does not track, from their opening to their end: state tables, one line a packet, `>` from the
// outside to port 22 of the machine, `<` back. Times are seconds.

import { describe, expect, it } from "vitest";
import { azure, type ControlEvent, type Semantics } from "../src/index.js";
import { associated, groupSeen, interfaceSeen, ruleDeleted, ruleWritten } from "./support/control-events.js";
import { second } from "./support/instants.js";
import { answer, batchOf, flagsOf, packet } from "./support/packets.js";
import { project } from "./support/projection.js";
import { rowsOf } from "./support/table.js";

const ssh = "0 ssh inbound allow tcp 0.0.0.0/0 * -> * 22";
const out = "0 out outbound allow * * * -> 0.0.0.0/0 *";
const world = [
  groupSeen("08:00", [ssh, out], { group: "sg-1", name: "sg-1", kind: "security-group" }),
  interfaceSeen("08:00", "nic-1", { more: { platform: "aws", groups: ["sg-1"], network: "vpc" } }),
  associated("08:00", "network-acl", "subnet-1", []),
];
const group = { group: "sg-1" };

const talk = `time  way  flags
   0     >    S
   0     <    SA
   1     >    A
   11    >    PA
   12    <    PA`;

function judged(events: readonly ControlEvent[], semantics?: Semantics) {
  const packets = rowsOf(talk).map(({ time, way, flags }, index) => {
    const own = {
      protocol: 6,
      source: "203.0.113.7",
      sourcePort: 50_000,
      destination: "10.0.0.4",
      destinationPort: 22,
    };
    const sent = packet({ ...own, time: second(Number(time)), frame: index + 1, flags: flagsOf(flags!) });
    return way === ">" ? sent : answer(sent, {});
  });
  const { verdicts, flows } = project(events, [batchOf(packets)], semantics === undefined ? {} : { semantics });
  return {
    verdicts: verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`),
    flows: flows.map(({ endsBy, endsAt }) => `${endsBy} at ${(endsAt - second(0)) / 1e6}`),
  };
}

const passes = ["allow opened", "allow passed", "allow passed"];

describe("[W1] an untracked connection", () => {
  it("has one record, and its answers pass by the rule of the other direction", () => {
    const { verdicts, flows } = judged(world);
    expect(verdicts).toEqual([...passes, "allow passed", "allow passed"]);
    expect(flows).toHaveLength(1);
  });

  it("is cut at once when the rule that lets it in goes, and its answering side does not bring it back", () => {
    const { verdicts, flows } = judged([...world, ruleDeleted(second(10), "ssh", group)]);
    expect(verdicts.slice(3)).toEqual(["deny denied", "allow passed"]);
    expect(flows).toEqual(["re-evaluated at 10"]);
  });

  it("is cut at once when the rule that lets its answers out goes, and what goes on is tracked", () => {
    const { verdicts, flows } = judged([...world, ruleDeleted(second(10), "out", group)]);
    expect(verdicts).toEqual([...passes, "allow opened", "allow flow-record"]);
    expect(flows[0]).toBe("re-evaluated at 10");
  });

  it("is cut at once when its rule becomes narrower, though that still lets it in", () => {
    const narrower = "0 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
    const { verdicts, flows } = judged([...world, ruleWritten(second(10), narrower, { ...group, effect: "updated" })]);
    expect(verdicts).toEqual([...passes, "allow opened", "allow flow-record"]);
    expect(flows[0]).toBe("re-evaluated at 10");
  });

  it("is tracked under the semantics of a platform that tracks all", () => {
    const { verdicts } = judged([...world, ruleDeleted(second(10), "ssh", group)], azure);
    expect(verdicts.slice(1)).toEqual(Array(4).fill("allow flow-record"));
  });
});
