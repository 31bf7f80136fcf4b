// Made-up histories of an AWS security group, its edits named by content or by id, seen in part: what the history says
// of any instant must be the truth or unknown.

import { describe, expect, it } from "vitest";
import {
  buildPolicyHistory,
  type ControlEvent,
  type ControlFact,
  evaluate,
  type Micros,
  type RuleContent,
  type RuleDirection,
} from "../../src/index.js";
import { factAt, groupSeen, rule } from "../support/control-events.js";
import { second } from "../support/instants.js";
import { Random } from "../support/random.js";
import { noNames, tuple } from "../support/tuples.js";

const ports = [1, 2, 3, 4, 5];
const group = "sg-1";

/** What the group holds from `from` on: the id of the rule for each port. */
type Truth = { readonly from: Micros; readonly rules: ReadonlyMap<number, string> };
type World = { readonly truths: readonly Truth[]; readonly edits: readonly ControlEvent[] };

/** A rule keeps its direction when it changes. */
const directionOf = (port: number): RuleDirection => (port <= 3 ? "inbound" : "outbound");
const opposite = { inbound: "outbound", outbound: "inbound" } as const;
const nameOf = (port: number, direction = directionOf(port)) =>
  `${direction === "inbound" ? "ingress" : "egress"} tcp ${port}`;

function contentOf(port: number, id: string | null, direction = directionOf(port)): RuleContent {
  const ends = direction === "inbound" ? `0.0.0.0/0 * -> * ${port}` : `* * -> 0.0.0.0/0 ${port}`;
  const content = { ...rule(`0 r ${direction} allow tcp ${ends}`), name: nameOf(port, direction) };
  return id === null ? content : { ...content, id };
}

const done = { phase: "succeeded", operationId: null, effect: null, group } as const;

function written(port: number, id: string | null, ruleName = nameOf(port)): ControlFact {
  return { type: "security-rule-written", data: { ...done, ruleName, rule: contentOf(port, id) } };
}

/** As CloudTrail has it: by id, and without the direction. */
function changed(port: number, id: string): ControlFact {
  const forms = { rule: contentOf(port, id, "inbound"), ifOutbound: contentOf(port, id, "outbound") };
  return { type: "security-rule-written", data: { ...done, ruleName: id, ...forms } };
}

function deleted(ruleName: string): ControlFact {
  return { type: "security-rule-deleted", data: { ...done, ruleName } };
}

/** `idsShown`: how often evidence names the id of a rule. */
function makeWorld(random: Random, idsShown: number): World {
  const rules = new Map<number, string>(ports.filter(() => random.chance(0.5)).map((port) => [port, `sgr-${port}`]));
  const truths: Truth[] = [{ from: second(-10_000), rules: new Map(rules) }];
  const edits: ControlEvent[] = [];
  for (let step = 0; step < 8; step++) {
    const time = second(step * 100);
    const port = random.pick(ports);
    const fact = edit(random, { rules, port, fresh: `sgr-${step}00`, idsShown });
    edits.push(factAt(time, fact));
    truths.push({ from: time, rules: new Map(rules) });
  }
  return { truths, edits };
}

type Step = {
  readonly rules: Map<number, string>;
  readonly port: number;
  readonly fresh: string;
  readonly idsShown: number;
};

/** Authorizes what is not there; revokes what is, by content or id, or changes it, if only its description; revokes what never was there. */
function edit(random: Random, { rules, port, fresh, idsShown }: Step): ControlFact {
  const id = rules.get(port);
  if (id === undefined && random.chance(0.2)) return deleted(nameOf(port));
  if (id === undefined) {
    rules.set(port, fresh);
    return written(port, random.chance(idsShown) ? fresh : null);
  }
  if (random.chance(0.1)) return random.chance(0.5) ? written(port, null, id) : changed(port, id);
  rules.delete(port);
  const alike = ports.filter((other) => directionOf(other) === directionOf(port));
  const free = alike.filter((other) => other !== port && !rules.has(other));
  if (free.length > 0 && random.chance(0.3)) {
    const other = random.pick(free);
    rules.set(other, id);
    return random.chance(0.5) ? written(other, null, id) : changed(other, id);
  }
  return deleted(random.chance(0.5) ? id : nameOf(port));
}

function seenAt({ truths }: World, time: Micros, withIds: boolean): ControlEvent {
  const rules = [...truthAt(truths, time)].map(([port, id]) => contentOf(port, withIds ? id : null));
  return groupSeen(time, rules, { group, kind: "security-group" });
}

function partSeenAt({ truths }: World, time: Micros, random: Random): ControlEvent {
  const rules = [...truthAt(truths, time)].filter(() => random.chance(0.5)).map(([port]) => contentOf(port, null));
  return groupSeen(time, rules, { group, kind: "security-group", partial: true });
}

function truthAt(truths: readonly Truth[], time: Micros): ReadonlyMap<number, string> {
  return truths.findLast(({ from }) => from <= time)!.rules;
}

/** Of each port: in the direction of its rules, then in the other, where there never was a rule. */
function toldAt(events: readonly ControlEvent[], time: Micros): string[] {
  const set = buildPolicyHistory(events).groups.get(group)?.ruleSetAt(time);
  const told = (direction: RuleDirection, port: number) =>
    set === undefined ? "unknown" : evaluate(set, direction, packets[direction](port), noNames).decision;
  return ports.flatMap((port) => [told(directionOf(port), port), told(opposite[directionOf(port)], port)]);
}

const packets = {
  inbound: (port: number) => tuple(`tcp 203.0.113.7 50000 -> 10.0.0.4 ${port}`),
  outbound: (port: number) => tuple(`tcp 10.0.0.4 50000 -> 203.0.113.7 ${port}`),
};

function forWorlds(idsShown: number, ask: (world: World, random: Random) => void): void {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    ask(makeWorld(random, idsShown), random);
  }
}

const answers = (world: World, time: Micros) => {
  const rules = truthAt(world.truths, time);
  return ports.flatMap((port) => [rules.has(port) ? "allow" : "deny", "deny"]);
};

describe("the history of an AWS security group", () => {
  it("never says anything but the truth or unknown, whatever ids and snapshots the evidence has", () => {
    let known = 0;
    let asked = 0;
    forWorlds(0.5, (world, random) => {
      const snapshots = Array.from({ length: random.below(4) }, () =>
        seenAt(world, second(random.below(1000) - 100), random.chance(0.3)),
      );
      const part = partSeenAt(world, second(random.below(1000)), random);
      const time = second(random.below(1100) - 200);
      const truth = answers(world, time);
      toldAt([...world.edits, ...snapshots, part], time).forEach((answer, index) => {
        expect([truth[index], "unknown"]).toContain(answer);
        known += answer === "unknown" ? 0 : 1;
        asked++;
      });
    });
    expect(known / asked).toBeGreaterThan(0.4);
  });

  it("says all of the truth where all ids are known from the beginning, and finds nothing odd", () => {
    forWorlds(1, (world, random) => {
      const events = [seenAt(world, second(-1000), true), ...world.edits];
      const time = second(random.below(1100) - 200);
      expect(toldAt(events, time)).toEqual(answers(world, time));
      expect(buildPolicyHistory(events).findings).toEqual([]);
    });
  });
});
