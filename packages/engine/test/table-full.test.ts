// What happens where an interface has as many live flow records as it may: two here. State tables, a line a packet:
// seconds, the outside port, `>` to port 22 of the machine (`!` to port 23, which no rule allows), `<` back.

import { describe, expect, it } from "vitest";
import { linux } from "../src/index.js";
import { groupSeen, interfaceSeen, networkSeen } from "./support/control-events.js";
import { second } from "./support/instants.js";
import { answer, batchOf, flagsOf, packet } from "./support/packets.js";
import { type ProjectionMore, project } from "./support/projection.js";
import { rowsOf } from "./support/table.js";

const world = [
  groupSeen("08:00", ["100 ssh inbound allow tcp * * -> * 22"]),
  interfaceSeen("08:00", "nic-1", { group: "web" }),
  networkSeen("08:00", "vnet"),
];

function judged(table: string, more: ProjectionMore = {}) {
  const packets = rowsOf(table).map(({ time, port, way, flags }, index) => {
    const destinationPort = way === "!" ? 23 : 22;
    const own = { sourcePort: Number(port), destinationPort, time: second(Number(time)), frame: index + 1 };
    const sent = packet({ ...own, flags: flagsOf(flags!) });
    return way === "<" ? answer(sent, {}) : sent;
  });
  return project(world, [batchOf(packets)], { maxFlows: 2, ...more });
}

function expectVerdicts(table: string, more: ProjectionMore = {}) {
  const told = judged(table, more).verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`);
  expect(told).toEqual(rowsOf(table).map(({ verdict, reason }) => `${verdict} ${reason}`));
}

describe("where an interface has as many live records as it may", () => {
  it("one more is judged by the rules, packet for packet, and is not tracked; the others go on", () =>
    expectVerdicts(`time  port  way  flags  verdict  reason
       0     1     >    S      allow    opened
       0     2     >    S      allow    opened
       1     3     >    S      allow    table-full
       1     3     <    SA     allow    passed
       1     3     >    A      allow    table-full
       1     4     !    S      deny     denied
       2     1     <    SA     allow    flow-record
       2     2     >    S      allow    flow-record`));

  it("there is room from the instant at which a record is over, also where its end came nearer meanwhile", () =>
    expectVerdicts(`time  port  way  flags  verdict  reason
       0     1     >    S      allow    opened
       0     2     >    S      allow    opened
       1     3     >    S      allow    table-full
       2     1     <    RA     allow    flow-record
       16    3     >    S      allow    table-full
       17    3     >    S      allow    opened
       18    4     >    S      allow    table-full
       239   4     >    S      allow    table-full
       240   4     >    S      allow    opened`));

  it("a record that is replaced makes room for its successor", () =>
    expectVerdicts(`time  port  way  flags  verdict  reason
       0     1     >    S      allow    opened
       0     2     >    S      allow    opened
       1     1     <    RA     allow    flow-record
       2     1     >    S      allow    opened
       2     3     >    S      allow    table-full`));

  it("what is not tracked is picked up in mid-stream once there is room", () => {
    const table = `time  port  way  flags  verdict  reason
       0     1     >    S      allow    opened
       0     2     >    S      allow    opened
       1     3     >    S      allow    table-full
       120   3     >    A      allow    opened`;
    expectVerdicts(table, { semantics: linux });
    expect(judged(table, { semantics: linux }).flows.map(({ midStream }) => midStream)).toEqual([false, false, true]);
  });

  it("is counted: since when, until when, packets, and those that begin a connection", () => {
    const { tableFull } = judged(`time  port  way  flags
       0     1     >    S
       0     2     >    S
       1     3     >    S
       3     3     >    A
       4     4     !    S
       5     5     >    S`);
    const [row] = tableFull;
    expect(tableFull).toHaveLength(1);
    expect(row).toMatchObject({ interfaceName: "nic-1", first: second(1), last: second(5), packets: 3, flows: 2 });
  });

  it("each interface, and each place of capture, has room of its own", () => {
    const sent = (sourcePort: number) => packet({ time: second(0), sourcePort, frame: sourcePort, flags: 2 });
    const both = ["one", "other"].map((place) => batchOf([1, 2].map(sent), { place, sha256: place }));
    expect(project(world, both, { maxFlows: 2 }).tableFull).toEqual([]);
    expect(project([], both, { maxFlows: 1 }).tableFull.map(({ place, packets }) => [place, packets])).toEqual([
      ["one", 1],
      ["other", 1],
    ]);
  });
});
