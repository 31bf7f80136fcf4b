// The fold saved and gone on with, where there are more records than a table begins with room for.

import { expect, it } from "vitest";
import { groupSeen, interfaceSeen, networkSeen } from "./support/control-events.js";
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
