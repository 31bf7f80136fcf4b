import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressSet, evaluate, GateEvaluator, type NameContents, parsePrefix, RuleSet } from "../../src/index.js";
import { rule } from "../support/control-events.js";
import { fiveTuple, nameContents, ruleSet, versionOf } from "../support/rule-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const oftenEnough = 5_000;

function setOf(...rules: readonly string[]): RuleSet {
  const versions = rules.map((text, index) => versionOf({ kind: "known", rule: rule(text) }, index));
  return new RuleSet("web", "web", versions, null);
}

function namesFrom(prefix: string): NameContents {
  const contents = { inside: AddressSet.ofPrefixes([parsePrefix(prefix)!]), doubtful: AddressSet.none };
  return { serviceTag: () => contents, group: () => contents };
}

const fromStorage = setOf("100 storage inbound allow * Storage * -> * *", "200 rest inbound deny * * * -> * *");
const packet = tuple("tcp 10.0.0.9 5 -> 10.0.0.4 22");

function askOften(evaluator: GateEvaluator, set: RuleSet, names: NameContents): void {
  for (let ask = 0; ask < oftenEnough; ask++) evaluator.evaluate({ set, direction: "inbound", names }, packet);
}

describe("a gate evaluator", () => {
  it("says what the plain evaluator says, before and after compiling", () => {
    const evaluator = new GateEvaluator();
    fc.assert(
      fc.property(
        ruleSet,
        nameContents,
        fc.array(fiveTuple, { minLength: 20, maxLength: 20 }),
        (set, names, tuples) => {
          for (let round = 0; round < 20; round++) {
            for (const tuple of tuples) {
              const answer = evaluator.evaluate({ set, direction: "inbound", names }, tuple);
              if (round % 6 === 0) expect(answer).toEqual(evaluate(set, "inbound", tuple, names));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(evaluator.bytes).toBeGreaterThan(0);
  });

  it("compiles nothing for a set that is asked now and then", () => {
    const evaluator = new GateEvaluator();
    for (let ask = 0; ask < 100; ask++) {
      evaluator.evaluate({ set: fromStorage, direction: "inbound", names: noNames }, packet);
    }
    expect(evaluator.bytes).toBe(0);
    askOften(evaluator, fromStorage, noNames);
    expect(evaluator.bytes).toBeGreaterThan(0);
  });

  it("keeps names of different meaning apart", () => {
    const evaluator = new GateEvaluator();
    const [here, elsewhere] = [namesFrom("10.0.0.0/8"), namesFrom("192.168.0.0/16")];
    askOften(evaluator, fromStorage, here);
    askOften(evaluator, fromStorage, elsewhere);
    const decision = (names: NameContents) =>
      evaluator.evaluate({ set: fromStorage, direction: "inbound", names }, packet).decision;
    expect([decision(here), decision(elsewhere)]).toEqual(["allow", "deny"]);
  });

  it("drops the oldest compiled forms above its limit, and answers on", () => {
    const one = new GateEvaluator();
    askOften(one, fromStorage, noNames);
    const evaluator = new GateEvaluator(one.bytes * 2);
    for (let count = 0; count < 5; count++) askOften(evaluator, fromStorage, namesFrom(`10.${count}.0.0/16`));
    expect(evaluator.bytes).toBeGreaterThan(0);
    expect(evaluator.bytes).toBeLessThanOrEqual(one.bytes * 2);
    askOften(evaluator, fromStorage, noNames);
    const verdict = evaluator.evaluate({ set: fromStorage, direction: "inbound", names: noNames }, packet);
    expect(verdict).toEqual(evaluate(fromStorage, "inbound", packet, noNames));
  });
});
