import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compile,
  evaluate,
  type FiveTuple,
  type GroupVerdict,
  inDoubt,
  type NameContents,
  type RuleDirection,
  RuleSet,
  tupleWordCount,
  unknownAddresses,
  writeTuple,
} from "../../src/index.js";
import { rule } from "../support/control-events.js";
import { Random } from "../support/random.js";
import { fiveTuple, nameContents, ruleSet, versionOf } from "../support/rule-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const directions: readonly RuleDirection[] = ["inbound", "outbound"];

function expectAgreement(set: RuleSet, names: NameContents, packets: readonly FiveTuple[]): void {
  for (const direction of directions) {
    const compiled = compile(set, direction, names);
    for (const packet of packets) {
      const plain = evaluate(set, direction, packet, names);
      const fast = compiled.evaluate(packet);
      expect(fast).toEqual(plain);
      if (plain.decision !== "unknown" && fast.decision !== "unknown") expect(fast.decidedBy).toBe(plain.decidedBy);
    }
  }
}

function setOf(...rules: readonly string[]): RuleSet {
  const versions = rules.map((text, index) => versionOf({ kind: "known", rule: rule(text) }, index));
  return new RuleSet("web", "web", versions, null);
}

describe("a compiled rule set", () => {
  it("says what the plain evaluator says: decision, version, doubts and their order", () => {
    const packets = fc.array(fiveTuple, { minLength: 30, maxLength: 30 });
    const law = fc.property(ruleSet, nameContents, packets, expectAgreement);
    fc.assert(law, { numRuns: 400 });
  });

  it("agrees on sets of more than a thousand rules, of which few match", () => {
    const random = new Random(11);
    const port = () => String(random.below(65_536));
    const rules = Array.from({ length: 1_300 }, (_, index) => {
      const access = random.pick(["allow", "deny"]);
      const from = random.pick(["*", `10.${random.below(4)}.0.0/16`, `2001:db8:${random.below(4)}::/48`]);
      return `${100 + index} r${index} inbound ${access} tcp ${from} * -> * ${port()},${port()}`;
    });
    const packets = Array.from({ length: 3_000 }, () => {
      const from = random.pick([`10.${random.below(5)}.9.9`, `2001:db8:${random.below(5)}::9`]);
      const shown = random.chance(0.9);
      return tuple(`tcp ${from} ${shown ? 40_000 : "?"} -> ${from} ${shown ? port() : "?"}`);
    });
    expectAgreement(setOf(...rules), noNames, packets);
    const last = setOf(...rules, "1500 last inbound deny * * * -> * *");
    expectAgreement(last, noNames, packets);
  });

  it("of no rules leaves all open", () => {
    expect(compile(setOf(), "inbound", noNames).evaluate(tuple("tcp 10.0.0.9 1 -> 10.0.0.4 22"))).toEqual({
      decision: "unknown",
      group: "web",
      because: [{ rule: null, because: "no rule matches, default rules included" }],
    } satisfies GroupVerdict);
  });
});

describe("asked with words", () => {
  const set = setOf(
    "100 web inbound allow tcp 10.0.0.0/8 * -> * 443",
    "200 storage inbound allow tcp Storage * -> * 22",
    "300 rest inbound deny * * * -> * *",
  );
  const unknownNames: NameContents = { serviceTag: () => unknownAddresses, group: () => unknownAddresses };
  const rows = [
    ["tcp 10.0.0.9 5 -> 10.0.0.4 443", 0],
    ["tcp 11.0.0.9 5 -> 10.0.0.4 443", 2],
    ["udp 10.0.0.9 5 -> 10.0.0.4 443", 2],
    ["tcp 10.0.0.9 5 -> 10.0.0.4 22", inDoubt],
    ["tcp 2001:db8::1 5 -> 2001:db8::2 22", inDoubt],
    ["tcp 10.0.0.9 ? -> 10.0.0.4 ?", inDoubt],
    ["icmp 10.0.0.9 0 -> 10.0.0.4 0", 2],
  ] as const;

  it("it names the place of the rule that decides, or that it is in doubt", () => {
    const words = new Uint32Array(rows.length * tupleWordCount);
    for (const [index, [text]] of rows.entries()) writeTuple(tuple(text), words, index * tupleWordCount);
    const compiled = compile(set, "inbound", unknownNames);
    const found = rows.map(([text], index) => `${text}: ${compiled.find(words, index * tupleWordCount)}`);
    expect(found).toEqual(rows.map(([text, place]) => `${text}: ${place}`));
  });
});
