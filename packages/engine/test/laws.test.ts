// Laws of the whole engine, over worlds made from seeds. A failure prints its seed.

import { describe, expect, it } from "vitest";
import {
  buildPolicyHistory,
  type ControlEvent,
  evaluate,
  type FlowRecord,
  formatAddress,
  type GateOutcome,
  groupBy,
  type JudgedPacket,
  type Micros,
  type MinuteOfTraffic,
  parseAddress,
  semanticsNamed,
  semanticsNames,
  type TableFull,
  type TrafficBatch,
  toMicros,
  viewPacket,
} from "../src/index.js";
import { makeAwsWorld, makeAzureWorld } from "./support/cloud-worlds.js";
import { historyOf } from "./support/histories.js";
import { second } from "./support/instants.js";
import { askOracle, type OracleFlow } from "./support/oracle.js";
import { batchOf } from "./support/packets.js";
import { type Projected, project, tellAll } from "./support/projection.js";
import { Random } from "./support/random.js";
import type { World } from "./support/small-world.js";
import { noNames, tuple } from "./support/tuples.js";
import { editsOf, evidenceOf, groupAt } from "./support/world-evidence.js";
import { makeWorld } from "./support/world-maker.js";

const worlds = 300;

type MakeWorld = (random: Random) => World;

function forWorlds(seeds: number, law: (world: World, random: Random) => void, make: MakeWorld = makeWorld): void {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = new Random(seed);
    try {
      law(make(random), random);
    } catch (error) {
      throw new Error(`the law fails in the world of seed ${seed}`, { cause: error });
    }
  }
}

/** Every source as one batch, in the order of their first packets. */
function wholeBatches(world: World): TrafficBatch[] {
  const batches = world.sources.map(({ name, place, packets }) => batchOf(packets, { place, sha256: name }));
  return batches.filter(({ batch }) => batch.count > 0).sort((a, b) => a.firstTime - b.firstTime);
}

/** Every source cut at random, batches of one first time in any order. */
function cutBatches(world: World, random: Random): TrafficBatch[] {
  const batches: TrafficBatch[] = [];
  for (const { name, place, packets } of world.sources) {
    for (let from = 0; from < packets.length; ) {
      const to = from + 1 + random.below(random.pick([1, 5, 40]));
      batches.push(batchOf(packets.slice(from, to), { place, sha256: name }));
      from = to;
    }
  }
  return random.shuffled(batches).sort((a, b) => a.firstTime - b.firstTime);
}

function tellGates(gates: readonly GateOutcome[]): string {
  const by = (gate: GateOutcome) => ("decidedBy" in gate ? (gate.decidedBy?.rule ?? "-") : "-");
  return gates.map((gate) => `${gate.gate} ${gate.decision} ${by(gate)}`).join(", ");
}

function asOracleVerdict({ traffic, index, interface: at, direction, verdict, reason }: JudgedPacket) {
  return {
    packet: `${traffic.sha256}#${traffic.batch.frame[index]}`,
    interface: at?.name ?? null,
    direction,
    verdict,
    reason: reason.type,
    gates: "admission" in reason ? tellGates(reason.admission.gates) : "",
  };
}

function asOracleFlow(flow: FlowRecord): OracleFlow {
  const both = (read: "packets" | "bytes" | "payloadBytes"): [number, number] => [
    flow.forward[read],
    flow.backward[read],
  ];
  return {
    place: flow.place,
    interface: flow.interfaceName,
    direction: flow.direction,
    protocol: flow.protocol,
    source: formatAddress(flow.source),
    sourcePort: flow.sourcePort,
    destination: formatAddress(flow.destination),
    destinationPort: flow.destinationPort,
    openedAt: flow.openedAt,
    openedBy: `${flow.openedBy.sha256}#${flow.openedBy.frame}`,
    midStream: flow.midStream,
    decision: flow.admission.decision,
    gates: tellGates(flow.admission.gates),
    state: flow.state,
    history: flow.history,
    connState: flow.connState,
    lastSeen: flow.lastSeen,
    endsAt: flow.endsAt,
    endsBy: flow.endsBy,
    packets: both("packets"),
    bytes: both("bytes"),
    payload: both("payloadBytes"),
  };
}

/** The versions of a rule in one row, as the oracle knows none. */
function asOracleDenied({ denied }: Projected): string[] {
  const rows = groupBy(denied, ({ decidedBy, ...row }) => {
    const target = [formatAddress(row.source), formatAddress(row.destination), row.destinationPort, row.protocol];
    return [row.interfaceName, row.direction, ...target, `${decidedBy.group}/${decidedBy.rule}`].join(" ");
  });
  return [...rows].map(([key, same]) => {
    const first = Math.min(...same.map((row) => row.first));
    const last = Math.max(...same.map((row) => row.last));
    return `${key} ${first} ${last} ${same.reduce((sum, { count }) => sum + count, 0)}`;
  });
}

/** Verdicts of several folds come in no order. */
function tellUnordered({ verdicts, flows, packets, ...counts }: Projected): unknown {
  const counted = Object.entries(counts).map(([name, rows]) => [name, sorted(rows)]);
  return [sorted(verdicts.map(asOracleVerdict)), sorted(flows), packets, counted];
}

function asOracleTableFull({ place, interfaceName, first, last, packets, flows }: TableFull): string {
  return `${place} ${interfaceName} ${first} ${last} ${packets} ${flows}`;
}

function asOracleTraffic({
  minute,
  place,
  interfaceName,
  direction,
  verdict,
  packets,
  bytes,
}: MinuteOfTraffic): string {
  return [minute, place, interfaceName, direction, verdict, packets, bytes].join(" ");
}

/** Rules of one name in one row, as the oracle knows no more. */
function asOracleUnrecorded({ unrecorded }: Projected): string[] {
  return [...groupBy(unrecorded, ({ rule }) => rule.rule)].map(([rule, rows]) => {
    const sum = (read: "passedPackets" | "passedBytes") => rows.reduce((total, row) => total + row[read], 0);
    const [first, last] = [Math.min(...rows.map((row) => row.first)), Math.max(...rows.map((row) => row.last))];
    return [rule, first, last, sum("passedPackets"), sum("passedBytes")].join(" ");
  });
}

const text = (value: unknown) => JSON.stringify(value);
const sorted = (values: readonly unknown[]) => values.map(text).sort();

/**
 * What the worlds have met under each semantics, so that the law is not empty: reasons, states, Zeek's
 * `conn_state`s, and ends.
 */
const always = [
  ...["SYN_SENT", "SYN_SENT2", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE"],
  ...["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"],
  ...["UNREPLIED", "REPLIED", "ends by idle", "ends by fin", "ends by rst", "ends by flushed"],
  ...["opened", "passed", "denied", "unknown", "no-known-interface", "several-interfaces"],
];
const everything: { readonly [semantics: string]: readonly string[] } = {
  azure: [...always, "flow-record", "related"],
  "azure-flush": [...always, "flow-record", "related", "ends by re-evaluated"],
  linux: [...always, "flow-record", "related"],
  packet: [...always, "flow-record", "ends by re-evaluated"],
};

/** What was met: reasons, states, ends. */
function comparedUnder(name: string | null, world: World, maxFlows?: number): string[] {
  const answer = askOracle(world, name, maxFlows);
  const semantics = name === null ? {} : { semantics: semanticsNamed(name)! };
  const projected = project(evidenceOf(world), wholeBatches(world), { ...semantics, ...(maxFlows && { maxFlows }) });
  expect(projected.verdicts.map(asOracleVerdict)).toEqual(answer.verdicts.map(({ flow: _, ...verdict }) => verdict));
  expect(sorted(projected.flows.map(asOracleFlow))).toEqual(sorted(answer.flows));
  expect(asOracleDenied(projected).sort()).toEqual(answer.denied);
  expect(projected.tableFull.map(asOracleTableFull).sort()).toEqual(answer.tableFull);
  expect(projected.traffic.map(asOracleTraffic).sort()).toEqual(answer.traffic);
  expect(asOracleUnrecorded(projected).sort()).toEqual(answer.unrecorded);
  return [
    ...answer.verdicts.map(({ reason }) => reason),
    ...answer.flows.flatMap(({ state, connState, endsBy }) => [state, connState, `ends by ${endsBy}`]),
  ];
}

describe("the projector agrees with the oracle", () => {
  it.each(Object.keys(everything))("on every verdict, flow record and denied row, under %s", (name) => {
    const met = new Set<string>();
    forWorlds(worlds, (world) => {
      for (const each of comparedUnder(name, world)) met.add(each);
    });
    expect([...met].sort()).toEqual([...everything[name]!].sort());
  });

  it.each([
    ["azure", makeAzureWorld],
    ["aws", makeAwsWorld],
  ] as const)("as the resources say, with everything changing in mid-traffic, in a world of %s", (_, make) => {
    const met = new Set<string>();
    const compare = (world: World) => {
      for (const each of comparedUnder(null, world)) met.add(each);
    };
    forWorlds((worlds * 2) / 3, compare, make);
    const expected = [...always, "flow-record", "related", "ends by re-evaluated"];
    expect([...met].sort()).toEqual(expected.filter((each) => each !== "several-interfaces").sort());
  });

  it.each(Object.keys(everything))("in worlds of both clouds, under %s", (name) => {
    for (const make of [makeAzureWorld, makeAwsWorld])
      forWorlds(worlds / 6, (world) => comparedUnder(name, world), make);
  });

  it.each([1, 2, 3])("where an interface can have no more than %i live records", (maxFlows) => {
    const met = new Set<string>();
    const compare = (name: string | null) => (world: World) => {
      for (const each of comparedUnder(name, world, maxFlows)) met.add(each);
    };
    for (const name of Object.keys(everything)) forWorlds(worlds / 6, compare(name));
    for (const make of [makeAzureWorld, makeAwsWorld]) forWorlds(worlds / 6, compare(null), make);
    expect(met).toContain("table-full");
  });

  it("on which flow record covers which packet", () => {
    forWorlds(worlds / 4, (world) => {
      const { verdicts } = askOracle(world);
      const projected = project(evidenceOf(world), wholeBatches(world)).verdicts;
      const ids = new Map<OracleFlow, string>();
      projected.forEach(({ reason }, index) => {
        const { flow } = verdicts[index]!;
        const id = "flow" in reason ? reason.flow : null;
        if (flow !== null && id !== null) ids.set(flow, ids.get(flow) ?? id);
        expect(id).toBe(flow === null ? null : ids.get(flow));
      });
      expect(new Set(ids.values()).size).toBe(ids.size);
    });
  });
});

describe("the projector's answer depends on the evidence and not on the path to it", () => {
  it.each([
    ["plain", makeWorld],
    ["of Azure", makeAzureWorld],
    ["of AWS", makeAwsWorld],
  ] as const)(
    "it is the same however sources are cut into batches, and in every order of arrival, in worlds %s",
    (_, make) => {
      const law = (world: World, random: Random) => {
        const evidence = evidenceOf(world);
        const answer = tellAll(project(evidence, wholeBatches(world)));
        expect(tellAll(project(random.shuffled(evidence), cutBatches(world, random)))).toEqual(answer);
        expect(tellAll(project(evidence.toReversed(), cutBatches(world, random)))).toEqual(answer);
      };
      forWorlds(make === makeWorld ? worlds : worlds / 6, law, make);
    },
  );

  it("it is the same however sources are cut, where an interface can have no more than two live records", () => {
    const full = new Set<boolean>();
    forWorlds(worlds / 2, (world, random) => {
      const evidence = evidenceOf(world);
      const answer = project(evidence, wholeBatches(world), { maxFlows: 2 });
      const again = project(random.shuffled(evidence), cutBatches(world, random), { maxFlows: 2 });
      expect(tellAll(again)).toEqual(tellAll(answer));
      full.add(answer.tableFull.length > 0);
    });
    expect(full).toContain(true);
  });

  it.each(semanticsNames)(
    "flow records and denied attempts are the same where nobody hears the verdicts, under %s",
    (name) => {
      forWorlds(worlds / 2, (world, random) => {
        const evidence = evidenceOf(world);
        const semantics = semanticsNamed(name)!;
        const heard = project(evidence, wholeBatches(world), { semantics });
        const unheard = project(evidence, cutBatches(world, random), { semantics, unheard: true });
        expect(tellAll(unheard)).toEqual(tellAll({ ...heard, verdicts: [] }));
      });
    },
  );

  it.each([
    ["plain", makeWorld],
    ["of Azure", makeAzureWorld],
    ["of AWS", makeAwsWorld],
  ] as const)(
    "it is the same when the fold is saved and goes on from there at any instants, in worlds %s",
    (_, make) => {
      const law = (world: World, random: Random) => {
        const evidence = evidenceOf(world);
        const answer = tellAll(project(evidence, wholeBatches(world)));
        const times = world.sources.flatMap(({ packets }) => packets.map(({ time }) => time));
        const pauses = Array.from({ length: 1 + random.below(6) }, () =>
          toMicros(random.pick(times) + random.below(3)),
        );
        expect(tellAll(project(random.shuffled(evidence), cutBatches(world, random), { pauses }))).toEqual(answer);
      };
      forWorlds(make === makeWorld ? worlds : worlds / 3, law, make);
    },
  );

  it.each([
    ["plain", makeWorld],
    ["of Azure", makeAzureWorld],
    ["of AWS", makeAwsWorld],
  ] as const)(
    "it is the same in several shares, also when those become others at any instants, in worlds %s",
    (_, make) => {
      const law = (world: World, random: Random) => {
        const evidence = evidenceOf(world);
        const whole = tellUnordered(project(evidence, wholeBatches(world)));
        const times = world.sources.flatMap(({ packets }) => packets.map(({ time }) => time));
        const pauses = Array.from({ length: random.below(4) }, () => random.pick(times));
        const shares = Array.from({ length: 4 }, () => 1 + random.below(4));
        expect(tellUnordered(project(evidence, cutBatches(world, random), { pauses, shares }))).toEqual(whole);
        const flushing = { semantics: semanticsNamed("azure-flush")! };
        const inShares = project(evidence, cutBatches(world, random), { ...flushing, pauses, shares });
        expect(tellUnordered(inShares)).toEqual(tellUnordered(project(evidence, wholeBatches(world), flushing)));
      };
      forWorlds(make === makeWorld ? worlds : worlds / 3, law, make);
    },
  );

  it("it is the same when snapshots that show what is known already are added", () => {
    forWorlds(worlds / 4, (world, random) => {
      const evidence = evidenceOf(world);
      const time = second(random.below(600));
      const more = world.groups.map((group) => groupAt(group, time));
      const plain = ({ verdicts, flows }: Projected) => [verdicts.map(asOracleVerdict), flows.map(asOracleFlow)];
      expect(plain(project([...evidence, ...more], wholeBatches(world)))).toEqual(
        plain(project(evidence, wholeBatches(world))),
      );
    });
  });

  it("until an instant, it is what it was before later packets and flushes came", () => {
    forWorlds(worlds / 4, (world, random) => {
      const times = world.sources.flatMap(({ packets }) => packets.map(({ time }) => time));
      const until = random.pick(times);
      const sources = world.sources.map((source) => ({
        ...source,
        packets: source.packets.filter(({ time }) => time <= until),
      }));
      const evidence = evidenceOf(world);
      const asked = project(evidence, wholeBatches(world), { until });
      expect(asked).toMatchObject({ packets: sources.flatMap(({ packets }) => packets).length });
      const flushes = world.flushes.filter(({ time }) => time <= until);
      const before = evidenceOf({ ...world, flushes });
      expect(tellAll(asked)).toEqual(tellAll(project(before, wholeBatches({ ...world, sources }))));
    });
  });

  it("about one conversation, it is what it is among all others, also of ICMP errors about those", () => {
    forWorlds(worlds / 2, (world, random) => {
      const all = world.sources.flatMap(({ packets }) => packets);
      const { protocol, source, destination } = random.pick(all);
      const [a, b] = [parseAddress(source)!, parseAddress(destination)!];
      const ends = [source, destination].sort().join();
      const evidence = evidenceOf(world);
      const only = { protocol, a, b, portA: null, portB: null };
      const [free, full] = [{}, { maxFlows: 2, whole: true as const }];
      const bound = random.chance(0.5) ? free : full;
      const within = project(evidence, wholeBatches(world), bound);
      const alone = project(evidence, wholeBatches(world), { only, ...bound });
      const isAsked = ({ traffic, index }: JudgedPacket) => {
        const view = viewPacket(traffic.batch, index);
        const both = [formatAddress(view.source), formatAddress(view.destination)].sort().join();
        return view.protocol === protocol && both === ends;
      };
      expect(alone.verdicts.map(asOracleVerdict)).toEqual(within.verdicts.filter(isAsked).map(asOracleVerdict));
      expect(alone.packets).toBe(
        new Set(alone.verdicts.map(({ traffic, index }) => `${traffic.sha256} ${index}`)).size,
      );
    });
  });
});

describe("the history of a group", () => {
  const packets = ["10.0.0.5", "203.0.113.7", "10.0.0.99"].flatMap((from) =>
    ["tcp", "udp", "icmp"].flatMap((protocol) =>
      [22, 53].map((port) => tuple(`${protocol} ${from} 50000 -> 10.0.0.4 ${port}`)),
    ),
  );

  /** What the group says to all these packets at a time: as far as evidence shows, and in truth. */
  function answersAt(events: readonly ControlEvent[], group: string, time: Micros): string[] {
    const set = buildPolicyHistory(events).groups.get(group)?.ruleSetAt(time);
    return packets.map((packet) =>
      set === undefined ? "unknown" : evaluate(set, "inbound", packet, noNames).decision,
    );
  }

  it("never says anything but the truth or unknown, whatever part of the evidence is there", () => {
    let known = 0;
    let asked = 0;
    forWorlds(worlds, (world, random) => {
      for (const group of world.groups) {
        const snapshots = Array.from({ length: random.below(3) }, () =>
          groupAt(group, second(random.below(1200) - 100)),
        );
        const edits = editsOf(group).map((edit) => withoutBody(edit, random));
        for (let asking = 0; asking < 3; asking++) {
          const time = second(random.below(1400) - 200);
          const truth = answersAt([groupAt({ ...group, edits: group.edits }, time)], group.name, time);
          const told = answersAt([...snapshots, ...edits], group.name, time);
          told.forEach((answer, index) => {
            expect([truth[index], "unknown"]).toContain(answer);
            if (answer !== "unknown") known++;
            asked++;
          });
        }
      }
    });
    expect(known / asked).toBeGreaterThan(0.4);
  });

  it("says all of the truth where a snapshot before the edits and all the edits are there, and finds nothing odd", () => {
    forWorlds(worlds / 4, (world, random) => {
      for (const group of world.groups) {
        const events = [groupAt(group, second(-1000)), ...editsOf(group)];
        const time = second(random.below(1400) - 200);
        expect(answersAt(events, group.name, time)).toEqual(answersAt([groupAt(group, time)], group.name, time));
        expect(historyOf(events).findings).toEqual([]);
      }
    });
  });
});

/** The edit, now and then without its body. */
function withoutBody(event: ControlEvent, random: Random): ControlEvent {
  if (random.chance(0.8)) return event;
  if (event.type === "security-rule-written") return { ...event, data: { ...event.data, rule: null } };
  if (event.type === "security-group-written") return { ...event, data: { ...event.data, rules: null } };
  return event;
}
