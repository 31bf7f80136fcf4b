import { describe, expect, it } from "vitest";
import { type PathDevice, type RuleDirection, trackingOf } from "../../src/index.js";
import { setOf } from "../support/group-sets.js";
import { noNames, tuple } from "../support/tuples.js";

type Case = { readonly direction?: RuleDirection; readonly through?: PathDevice };

function tracking(rules: readonly string[], packet: string, { direction = "inbound", through }: Case = {}): string {
  const sets = [setOf(rules, { group: "sg-1", kind: "security-group" })];
  const answer = trackingOf({ sets, direction, tuple: tuple(packet), names: noNames, through: through ?? null });
  if (answer.is === "unknown") return "unknown";
  if (answer.is === "tracked") return `tracked ${answer.by} ${answer.provenance}`;
  return `untracked ${answer.admittedBy.rule} ${answer.answeredBy.rule}`;
}

const openSsh = "0 ssh inbound allow tcp 0.0.0.0/0 * -> * 22";
const narrowSsh = "0 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const openOut = "0 out outbound allow * * * -> 0.0.0.0/0 *";
const ssh = "tcp 203.0.113.7 50000 -> 10.0.0.4 22";
const ssh6 = "tcp 2001:db8::7 50000 -> 2001:db8::4 22";
const untracked = "untracked ssh out";
const byRules = "tracked rules recorded";

describe("[W1] a TCP or UDP flow is untracked", () => {
  it.each([
    ["where an open rule admits it and an open rule for all ports answers", [openSsh, openOut], untracked],
    ["not where the rule that admits it is narrower", [narrowSsh, openOut], byRules],
    ["not where a half of all addresses is admitted", [openSsh.replace("0.0.0.0/0", "0.0.0.0/1"), openOut], byRules],
    ["not where nothing answers", [openSsh], byRules],
    ["not where answers go to some addresses", [openSsh, openOut.replace("0.0.0.0/0", "203.0.113.0/24")], byRules],
    ["not where answers go to some ports", [openSsh, "0 out outbound allow tcp * * -> 0.0.0.0/0 1024-65535"], byRules],
    [
      "also where answers of its protocol alone are open",
      [openSsh, "0 out outbound allow tcp * * -> 0.0.0.0/0 0-65535"],
      untracked,
    ],
    [
      "not where answers of another protocol are open",
      [openSsh, "0 out outbound allow udp * * -> 0.0.0.0/0 *"],
      byRules,
    ],
    ["not where the open rule is for another port", [openSsh.replace("* 22", "* 80"), openOut], byRules],
    ["also where a narrower rule admits it besides", [narrowSsh.replace("ssh", "office"), openSsh, openOut], untracked],
  ])("%s", (_, rules, expected) => {
    expect(tracking(rules, ssh)).toBe(expected);
  });

  it("in the other direction alike", () => {
    const rules = [openOut, "0 in inbound allow * 0.0.0.0/0 * -> * *"];
    expect(tracking(rules, "udp 10.0.0.4 50000 -> 203.0.113.7 53", { direction: "outbound" })).toBe("untracked out in");
  });

  it("by rules of different groups of the interface too", () => {
    const sets = [openSsh, openOut].map((rule, index) =>
      setOf([rule], { group: `sg-${index}`, kind: "security-group" }),
    );
    const answer = trackingOf({ sets, direction: "inbound", tuple: tuple(ssh), names: noNames, through: null });
    expect(answer.is).toBe("untracked");
  });
});

describe("[W1] whether it is tracked is decided for each address family", () => {
  const openSsh6 = "0 ssh6 inbound allow tcp ::/0 * -> * 22";
  it.each([
    ["IPv4 open both ways, IPv6 inbound only", [openSsh, openSsh6, openOut], untracked, byRules],
    [
      "IPv6 open both ways, IPv4 inbound only",
      [openSsh, openSsh6, openOut.replace("0.0.0.0/0", "::/0")],
      byRules,
      "untracked ssh6 out",
    ],
  ])("%s", (_, rules, v4, v6) => {
    expect([tracking(rules, ssh), tracking(rules, ssh6)]).toEqual([v4, v6]);
  });
});

describe("always tracked, whatever the rules", () => {
  const open = [openSsh, openOut, "0 all inbound allow * 0.0.0.0/0 * -> * *"];

  it.each(["icmp 203.0.113.7 0 -> 10.0.0.4 0", "esp 203.0.113.7 0 -> 10.0.0.4 0", "sctp 203.0.113.7 9 -> 10.0.0.4 9"])(
    "[W1] %s",
    (packet) => {
      expect(tracking(open, packet)).toBe("tracked protocol recorded");
    },
  );

  it.each([
    "egress-only-internet-gateway",
    "global-accelerator",
    "nat-gateway",
    "network-firewall",
    "network-load-balancer",
    "private-link",
  ] as const)("[W1] through %s, in both lists", (through) => {
    expect(tracking(open, ssh, { through })).toBe("tracked path recorded");
  });

  it.each(["gateway-load-balancer", "transit-gateway", "lambda-hyperplane", "dynamodb-gateway-endpoint"] as const)(
    "[W1] through %s, in one of the lists and so inferred",
    (through) => {
      expect(tracking(open, ssh, { through })).toBe("tracked path inferred");
    },
  );
});

describe("a rule in doubt leaves it open", () => {
  it("unless the other side settles it", () => {
    const odd = { name: "odd", unreadable: "?", direction: "inbound", access: null, priority: 0 } as const;
    const ask = (rules: Parameters<typeof setOf>[0]) => {
      const sets = [setOf(rules, { group: "sg-1", kind: "security-group" })];
      return trackingOf({ sets, direction: "inbound", tuple: tuple(ssh), names: noNames, through: null }).is;
    };
    expect(ask([odd, openOut])).toBe("unknown");
    expect(ask([odd])).toBe("tracked");
    expect(ask([odd, openSsh, openOut])).toBe("untracked");
  });
});
