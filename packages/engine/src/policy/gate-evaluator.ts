// Asks rule sets on behalf of one fold: plainly at first, and in the compiled form once a set has been asked so often
// that compiling pays. The answers are the same. It knows nothing of gates, time or topology.

import { type CompiledRules, compile } from "./compiled.js";
import { evaluate, type GroupVerdict } from "./evaluate.js";
import type { RuleDirection } from "./rule.js";
import type { FiveTuple, NameContents } from "./rule-match.js";
import type { RuleSet } from "./rule-set.js";

/** `names` must be the same object where names mean the same, and another one where they don't. */
export type RuleSetAsked = {
  readonly set: RuleSet;
  readonly direction: RuleDirection;
  readonly names: NameContents;
};

type Asked = { asks: number; worthFrom: number | null; compiled: CompiledRules | null };
/** A rule set with one meaning of its names, and what was made of it for each direction. */
export type AskedRules = Omit<RuleSetAsked, "direction"> & { readonly [direction in RuleDirection]: Asked };

/**
 * Measured (bench, 2026-11-21): compiling takes as long as 170 to 500 plain answers for sets of 6 to 1,000 rules, and
 * about 2 µs more for each range that names stand for, in which the plain evaluator tries some twenty clauses.
 */
const asksForClauses = 256;
const triesForRange = 20;

export class GateEvaluator {
  readonly #asked = new WeakMap<RuleSet, WeakMap<NameContents, AskedRules>>();
  /** Oldest first. */
  readonly #compiled = new Set<Asked>();
  #bytes = 0;

  /** Compiled forms above `mostBytes` together are dropped, the oldest first. */
  constructor(private readonly mostBytes = 64 * 2 ** 20) {}

  /** What compiled forms take at the moment. */
  get bytes(): number {
    return this.#bytes;
  }

  evaluate({ set, direction, names }: RuleSetAsked, tuple: FiveTuple): GroupVerdict {
    return this.ask(this.rulesOf(set, names), direction, tuple);
  }

  ask(rules: AskedRules, direction: RuleDirection, tuple: FiveTuple): GroupVerdict {
    const { set, names } = rules;
    const asked = rules[direction];
    if (asked.compiled === null && ++asked.asks >= asksForClauses)
      this.#compileIfWorth(asked, { set, direction, names });
    return asked.compiled?.evaluate(tuple) ?? evaluate(set, direction, tuple, names);
  }

  /** For callers that ask the same rules often, and need not look them up each time. */
  rulesOf(set: RuleSet, names: NameContents): AskedRules {
    const bySet = this.#asked.get(set) ?? new WeakMap<NameContents, AskedRules>();
    const known = bySet.get(names);
    if (known !== undefined) return known;
    const asked = { set, names, inbound: neverAsked(), outbound: neverAsked() };
    this.#asked.set(set, bySet.set(names, asked));
    return asked;
  }

  #compileIfWorth(asked: Asked, rules: RuleSetAsked): void {
    asked.worthFrom ??= asksThatPay(rules);
    if (asked.asks < asked.worthFrom) return;
    asked.compiled = compile(rules.set, rules.direction, rules.names);
    this.#compiled.add(asked);
    this.#bytes += asked.compiled.bytes;
    for (const oldest of this.#compiled) {
      if (this.#bytes <= this.mostBytes || oldest === asked) return;
      this.#drop(oldest);
    }
  }

  #drop(asked: Asked): void {
    this.#bytes -= asked.compiled!.bytes;
    this.#compiled.delete(asked);
    asked.compiled = null;
    asked.asks = 0;
  }
}

function neverAsked(): Asked {
  return { asks: 0, worthFrom: null, compiled: null };
}

function asksThatPay({ set, direction, names }: RuleSetAsked): number {
  const sides = set[direction].flatMap(({ clauses }) =>
    clauses.flatMap(({ matcher }) => (matcher === null ? [] : [matcher.source, matcher.destination])),
  );
  const tags = new Set(sides.flatMap((side) => side.tags));
  const groups = new Set(sides.flatMap((side) => side.groups));
  const contents = [...[...tags].map((tag) => names.serviceTag(tag)), ...[...groups].map((id) => names.group(id))];
  const ranges = contents.reduce((sum, { inside, doubtful }) => sum + inside.size + doubtful.size, 0);
  return asksForClauses + (ranges * triesForRange) / Math.max(1, set[direction].length);
}
