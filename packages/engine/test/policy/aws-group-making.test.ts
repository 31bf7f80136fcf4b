// AWS gives a new group a rule that lets everything out, over IPv6 too where the network has it, which no record says.

import { describe, expect, it } from "vitest";
import { buildPolicyHistory, type ControlEvent, evaluate, type RuleContent } from "../../src/index.js";
import { factAt, groupSeen, rule, ruleDeleted } from "../support/control-events.js";
import { at } from "../support/instants.js";
import { noNames, tuple } from "../support/tuples.js";

const group = "sg-1";
const out = (prefix: string): RuleContent => ({
  ...rule(`0 r outbound allow * * * -> ${prefix} *`),
  name: `egress all ${prefix}`,
});
const kind = { group, kind: "security-group" } as const;
const made = [
  groupSeen("10:00", [out("0.0.0.0/0")], { ...kind, begins: true }),
  factAt("10:00", {
    type: "security-rule-written",
    data: {
      ...({ phase: "succeeded", operationId: "e", effect: null, group, perhaps: true } as const),
      ruleName: "egress all ::/0",
      rule: out("::/0"),
    },
  }),
];
const seen = (when: string, ...prefixes: string[]) => groupSeen(when, prefixes.map(out), kind);

/** What happens to a packet out over IPv4, then over IPv6. */
function toldAt(events: readonly ControlEvent[], time: string): string {
  const told = [events, events.toReversed()].map((list) => {
    const set = buildPolicyHistory(list).groups.get(group)!.ruleSetAt(at(time));
    const packets = ["tcp 10.0.0.4 50000 -> 192.0.2.1 443", "tcp fd00::4 50000 -> 2001:db8::1 443"].map(tuple);
    return packets.map((packet) => evaluate(set, "outbound", packet, noNames).decision).join(" ");
  });
  expect(told[1]).toBe(told[0]);
  return told[0]!;
}

describe("a new group", () => {
  it("lets everything out over IPv4, and perhaps over IPv6", () => {
    expect(toldAt(made, "10:00")).toBe("allow unknown");
    expect(toldAt(made, "09:00")).toBe("unknown unknown");
  });

  it.each([
    ["with IPv6", ["0.0.0.0/0", "::/0"], "allow allow"],
    ["without", ["0.0.0.0/0"], "allow deny"],
  ])("seen later %s had it so from the beginning", (_, prefixes, told) => {
    const events = [...made, seen("12:00", ...prefixes)];
    expect(toldAt(events, "10:00")).toBe(told);
    expect(buildPolicyHistory(events).findings).toEqual([]);
  });

  it("whose rule for everything was revoked within its first second never had it", () => {
    const events = [...made, ruleDeleted("10:00", "egress all 0.0.0.0/0", { group }), seen("12:00")];
    expect(toldAt(events, "10:00")).toBe("deny deny");
    const versions = buildPolicyHistory(events)
      .groups.get(group)!
      .versions.filter(({ isDefault }) => !isDefault);
    expect(versions).toEqual([]);
  });
});
