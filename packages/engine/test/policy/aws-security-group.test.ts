import { describe, expect, it } from "vitest";
import {
  AddressSet,
  evaluate,
  mostPermissive,
  type NameContents,
  parseAddress,
  type Rule,
  type RuleDirection,
  type RuleSet,
  unknownAddresses,
} from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

const group = (id: string, ...rules: (string | Rule)[]): RuleSet => setOf(rules, { group: id, kind: "security-group" });

/** Members of sg-app; of every other group nobody knows them. */
const names: NameContents = {
  ...noNames,
  group: (id) =>
    id === "sg-app"
      ? { inside: AddressSet.ofAddresses([parseAddress("10.0.0.9")!]), doubtful: AddressSet.none }
      : unknownAddresses,
};

function verdict(sets: readonly RuleSet[], packet: string, direction: RuleDirection = "inbound"): string {
  const [first, ...others] = sets.map((set) => evaluate(set, direction, tuple(packet), names));
  const answer = mostPermissive([first!, ...others]);
  return answer.decision === "unknown" ? "unknown" : `${answer.decision} ${answer.group} ${answer.decidedBy.rule}`;
}

const ssh = "tcp 203.0.113.7 50000 -> 10.0.0.4 22";
const allowSsh = "0 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const allowWeb = "0 web inbound allow tcp 0.0.0.0/0 * -> * 443";

describe("several security groups on one interface", () => {
  it("[W2] allow what any rule of any of them allows", () => {
    expect(verdict([group("sg-1", allowWeb), group("sg-2", allowSsh)], ssh)).toBe("allow sg-2 ssh");
  });

  it("[W2] deny what none allows, in the name of no rule that anybody wrote", () => {
    expect(verdict([group("sg-1", allowWeb)], ssh)).toBe("deny sg-1 implicit deny inbound");
    expect(verdict([group("sg-1", allowWeb)], "tcp 10.0.0.4 50000 -> 203.0.113.7 443", "outbound")).toBe(
      "deny sg-1 implicit deny outbound",
    );
  });

  it("[W2] are asked as one, in whatever order they are listed", () => {
    const sets = [group("sg-2", allowSsh), group("sg-1", allowSsh, "0 any inbound allow * 0.0.0.0/0 * -> * *")];
    expect(verdict(sets, ssh)).toBe("allow sg-1 any");
    expect(verdict(sets.toReversed(), ssh)).toBe("allow sg-1 any");
  });

  it("leave it open where a rule of any of them is in doubt, and none allows", () => {
    const doubtful = group("sg-2", "0 peers inbound allow tcp asg:sg-gone * -> * 22");
    expect(verdict([group("sg-1", allowWeb), doubtful], ssh)).toBe("unknown");
    expect(verdict([group("sg-1", allowSsh), doubtful], ssh)).toBe("allow sg-1 ssh");
    expect(verdict([doubtful], "tcp 203.0.113.7 50000 -> 10.0.0.4 80")).toBe("deny sg-2 implicit deny inbound");
  });
});

describe("a security group", () => {
  it.each([
    ["[W2] a reference to a group means its members", "10.0.0.9", "allow"],
    ["[W2] a reference to a group means nobody else", "10.0.0.8", "deny"],
  ])("%s", (_, source, expected) => {
    const set = group("sg-1", "0 app inbound allow tcp asg:sg-app * -> * 22");
    expect(evaluate(set, "inbound", tuple(`tcp ${source} 5000 -> 10.0.0.4 22`), names).decision).toBe(expected);
  });

  it("[W2] has no rules that deny, so one that nobody can read takes nothing away from the others", () => {
    const odd: Rule = { name: "a", unreadable: "?", direction: "inbound", access: null, priority: 0 };
    const set = group("sg-1", odd, allowSsh);
    expect(evaluate(set, "inbound", tuple(ssh), names).decision).toBe("allow");
    expect(evaluate(set, "inbound", tuple("tcp 203.0.113.7 1 -> 10.0.0.4 80"), names).decision).toBe("unknown");
  });

  it("[W2] of an address family is asked for that family alone", () => {
    const set = group("sg-1", "0 v4 inbound allow tcp 0.0.0.0/0 * -> * 22");
    expect(evaluate(set, "inbound", tuple("tcp 2001:db8::7 5000 -> 2001:db8::4 22"), names).decision).toBe("deny");
  });
});
