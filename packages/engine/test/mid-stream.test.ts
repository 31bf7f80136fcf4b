import { describe, expect, it } from "vitest";
import { linux, type Semantics } from "../src/index.js";
import { groupSeen, interfaceSeen, networkSeen } from "./support/control-events.js";
import { second } from "./support/instants.js";
import { batchOf, flagsOf, packet } from "./support/packets.js";
import { project } from "./support/projection.js";

const world = [
  groupSeen("08:00", ["100 ssh inbound allow tcp * * -> * 22"]),
  interfaceSeen("08:00", "nic-1", { group: "web" }),
  networkSeen("08:00", "vnet"),
];

/** What the record takes for granted that these flags open. */
function assumedOf(flags: string, semantics?: Semantics) {
  const sent = packet({
    protocol: 6,
    source: "203.0.113.7",
    sourcePort: 50_000,
    destination: "10.0.0.4",
    destinationPort: 22,
    time: second(0),
    frame: 1,
    flags: flagsOf(flags),
  });
  const { flows } = project(world, [batchOf([sent])], semantics === undefined ? {} : { semantics });
  return flows.map(({ admission }) => (admission.assumed ?? []).map(({ of }) => of));
}

describe("a record that begins in mid-stream", () => {
  it("NS: takes for granted that the rules judge such a packet as if it opened a connection", () => {
    expect(assumedOf("A")).toEqual([["mid-stream"]]);
    expect(assumedOf("S")).toEqual([[]]);
  });

  it("[L1] takes nothing for granted where the platform is known to pick connections up", () => {
    expect(assumedOf("A", linux)).toEqual([[]]);
  });
});
