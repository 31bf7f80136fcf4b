// The fold saved and gone on with, where there are more records than a table begins with room for.

import { expect, it } from "vitest";
import {
  buildNetworkHistory,
  buildPolicyHistory,
  defaultMaxFlows,
  type FoldSnapshot,
  Projector,
  type ProjectorInput,
  semanticsNamed,
} from "../src/index.js";
import { groupSeen, interfaceSeen, networkSeen, ruleDeleted } from "./support/control-events.js";
import { second } from "./support/instants.js";
import { answer, batchOf, flagsOf, packet } from "./support/packets.js";
import { project, tellAll } from "./support/projection.js";

const world = [
  groupSeen("08:00", ["100 ssh inbound allow tcp * * -> * 22"]),
  interfaceSeen("08:00", "nic-1", { group: "web" }),
  networkSeen("08:00", "vnet"),
];

/** A SYN of each client, then the answers, then data. */
const packets = Array.from({ length: 3 * 1000 }, (_, index) => {
  const client = index % 1000;
  const own = { sourcePort: 1024 + client, destinationPort: 22, time: second(index / 100), frame: index + 1 };
  const sent = packet({ ...own, flags: flagsOf(index < 1000 ? "S" : "A") });
  return index >= 1000 && index < 2000 ? { ...answer(sent, {}), flags: flagsOf("SA") } : sent;
});

it.each([[[500]], [[1500]], [[400, 1300, 2999]]])(
  "after packets %s, it is as if it had never paused",
  (pausedAfter) => {
    const pauses = pausedAfter.map((index) => packets[index]!.time);
    const whole = project(world, [batchOf(packets)]);
    expect(whole.flows).toHaveLength(1000);
    expect(whole.flows.every(({ state }) => state === "ESTABLISHED")).toBe(true);
    expect(tellAll(project(world, [batchOf(packets)], { pauses }))).toEqual(tellAll(whole));
  },
);

it("what was cut is saved by the share of its interface alone, also where others were given the record", () => {
  const events = [...world, ruleDeleted(second(40), "ssh")];
  const input: ProjectorInput = {
    policy: buildPolicyHistory(events),
    network: buildNetworkHistory(events),
    flushes: [],
    reevaluations: [],
    semantics: semanticsNamed("azure-flush"),
    until: null,
    only: null,
    whole: false,
    maxFlows: defaultMaxFlows,
    onFlow: () => undefined,
    onVerdict: null,
  };
  const whole = new Projector(input);
  whole.push(batchOf(packets));
  const begun = [whole.save(second(31))];
  const cutsOf = ({ flows }: FoldSnapshot) => flows.cuts.reduce((sum, { originators }) => sum + originators.length, 0);
  expect(begun.map(cutsOf)).toEqual([0]);
  const saved = [0, 1].map((own) => {
    const share = { own, shares: 2, places: {}, interfaces: { "nic-1": 1 } };
    return new Projector({ ...input, share }, begun).save(second(60));
  });
  expect(saved.map(cutsOf)).toEqual([0, 1000]);
});
