import { describe, expect, it } from "vitest";
import {
  azureDefaultRules,
  beginningOfTime,
  endOfTime,
  evaluate,
  type NameContents,
  parsePrefix,
  type Rule,
  type RuleDirection,
  RuleSet,
  type RuleVersion,
  serviceTagContents,
  type UnreadableRule,
  unknownAddresses,
  type VersionContent,
} from "../../src/index.js";
import { rule } from "../support/control-events.js";
import { Random } from "../support/random.js";
import { tuple } from "../support/tuples.js";

const space = { prefixes: [parsePrefix("10.0.0.0/16")!], whole: true };
const names: NameContents = {
  serviceTag: (tag) => serviceTagContents(tag, space),
  group: () => unknownAddresses,
};

function versionOf(name: string, content: VersionContent, isDefault = false): RuleVersion {
  return {
    group: "web",
    groupName: "web",
    rule: name,
    version: 1,
    from: beginningOfTime,
    to: endOfTime,
    recordedFrom: beginningOfTime,
    content,
    isDefault,
    begunBy: null,
    endedBy: null,
  };
}

const known = (content: Rule) => versionOf(content.name, { kind: "known", rule: content });
const unsettled = (...candidates: (Rule | null)[]) =>
  versionOf("drifted", { kind: "unsettled", candidates, because: "drift" });
const defaults = azureDefaultRules.map((content) => versionOf(content.name, { kind: "known", rule: content }, true));

function verdict(
  rules: readonly (string | RuleVersion)[],
  packet: string,
  { direction = "inbound" as RuleDirection, incomplete = null as string | null } = {},
): string {
  const versions = rules.map((entry) => (typeof entry === "string" ? known(rule(entry)) : entry));
  const set = new RuleSet("web", "web", [...versions, ...defaults], incomplete);
  const answer = evaluate(set, direction, tuple(packet), names);
  if (answer.decision !== "unknown") return `${answer.decision} ${answer.decidedBy.rule}`;
  return `unknown ${answer.because.map((doubt) => doubt.rule?.rule ?? "-").join(",")}`;
}

const fromInternet = "tcp 203.0.113.7 50000 -> 10.0.0.4 22";
const allowSsh = "200 allow-ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const denySsh = "300 deny-ssh inbound deny tcp * * -> * 22";

describe("the default rules", () => {
  it.each([
    ["inbound", "tcp 10.0.0.9 1 -> 10.0.0.4 22", "allow AllowVnetInBound"],
    ["inbound", "icmp 10.0.0.9 0 -> 10.0.0.4 0", "allow AllowVnetInBound"],
    ["inbound", "tcp 168.63.129.16 1 -> 10.0.0.4 80", "allow AllowVnetInBound"],
    ["inbound", "tcp 168.63.129.16 1 -> 203.0.113.1 80", "allow AllowAzureLoadBalancerInBound"],
    ["inbound", fromInternet, "deny DenyAllInBound"],
    ["outbound", "tcp 10.0.0.4 1 -> 10.0.0.9 22", "allow AllowVnetOutBound"],
    ["outbound", "tcp 10.0.0.4 1 -> 203.0.113.7 443", "allow AllowInternetOutBound"],
    ["outbound", "tcp 10.0.0.4 1 -> 192.168.1.1 443", "deny DenyAllOutBound"],
  ] as const)("%s %s: %s", (direction, packet, expected) => {
    expect(verdict([], packet, { direction })).toBe(expected);
  });
});

describe("the first rule that matches decides", () => {
  it("by priority, whatever the order in which rules are listed", () => {
    expect(verdict([allowSsh, denySsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict([denySsh, allowSsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict(["100 first inbound deny * * * -> * *", allowSsh], fromInternet)).toBe("deny first");
  });

  it("and rules of the other direction are not asked", () => {
    expect(verdict(["100 out outbound deny * * * -> * *", allowSsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict([allowSsh], "tcp 10.0.0.4 22 -> 192.168.9.9 22", { direction: "outbound" })).toBe(
      "deny DenyAllOutBound",
    );
  });

  it("as in a plain search through the sorted rules, for any rules and packets", () => {
    const random = new Random(7);
    const prefixes = ["*", "10.0.0.0/24", "10.0.0.4", "203.0.113.0/24", "2001:db8::/32"];
    const packets = ["203.0.113.7", "10.0.0.9", "2001:db8::7"].flatMap((from) =>
      [22, 53, 80].flatMap((port) => ["tcp", "udp", "icmp"].map((name) => `${name} ${from} 9 -> 10.0.0.4 ${port}`)),
    );
    for (let round = 0; round < 60; round++) {
      const texts = Array.from({ length: 6 }, (_, index) => {
        const access = random.pick(["allow", "deny"]);
        const protocol = random.pick(["*", "tcp", "udp", "icmp"]);
        const ports = random.pick(["*", "22", "20-60", "80"]);
        return `${100 + index} r${index} inbound ${access} ${protocol} ${random.pick(prefixes)} * -> ${random.pick(prefixes)} ${ports}`;
      });
      for (const packet of packets) {
        const alone = (text: string) => verdict([text], packet);
        const first = texts.find((text) => alone(text).endsWith(` ${text.split(" ")[1]}`));
        expect(verdict(random.shuffled(texts), packet), texts.join("\n")).toBe(
          first === undefined ? verdict([], packet) : alone(first),
        );
      }
    }
  });
});

describe("an unknown is never a no-match", () => {
  const fromStorage = "100 storage inbound allow tcp Storage * -> * 22";

  it("so a rule that may match leaves the answer open where the rule behind it says otherwise", () => {
    expect(verdict([fromStorage, denySsh], fromInternet)).toBe("unknown storage");
    expect(verdict([fromStorage], fromInternet)).toBe("unknown storage");
  });

  it("and does not matter where the rule behind it says the same", () => {
    expect(verdict([fromStorage, allowSsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict(["100 s inbound deny tcp Storage * -> * *", denySsh], fromInternet)).toBe("deny deny-ssh");
  });

  it("and does not matter behind the rule that decides", () => {
    expect(verdict([allowSsh, "250 storage inbound deny tcp Storage * -> * 22"], fromInternet)).toBe("allow allow-ssh");
  });

  it("and only those doubts are told that could have changed the answer", () => {
    const other = "110 sql inbound deny tcp Sql * -> * 22";
    expect(verdict([fromStorage, other, denySsh], fromInternet)).toBe("unknown storage");
    expect(verdict([fromStorage, other, allowSsh], fromInternet)).toBe("unknown sql");
  });

  it("for a later fragment alone, where a rule names ports", () => {
    const fragment = "udp 203.0.113.7 ? -> 10.0.0.4 ?";
    expect(verdict(["100 dns inbound allow udp * * -> * 53"], fragment)).toBe("unknown dns");
    expect(verdict(["100 udp inbound allow udp * * -> * *"], fragment)).toBe("allow udp");
    expect(verdict(["100 ssh inbound allow tcp * * -> * 22"], fragment)).toBe("deny DenyAllInBound");
    expect(verdict(["100 dns inbound deny udp * * -> * 53"], fragment)).toBe("deny DenyAllInBound");
  });

  it("for a group that was never seen whole", () => {
    expect(verdict([allowSsh], fromInternet, { incomplete: "never seen" })).toBe("unknown -");
  });
});

describe("a rule that could not be read", () => {
  const unreadable = (more: Partial<UnreadableRule>) =>
    known({ name: "odd", unreadable: "protocol `x`", direction: null, access: null, priority: null, ...more });

  it("may match anything of its direction", () => {
    expect(verdict([unreadable({}), allowSsh], fromInternet)).toBe("unknown odd");
    expect(verdict([unreadable({ direction: "inbound" }), allowSsh], fromInternet)).toBe("unknown odd");
    expect(verdict([unreadable({ direction: "outbound" }), allowSsh], fromInternet)).toBe("allow allow-ssh");
  });

  it("does not matter behind the rule that decides, where its priority is known", () => {
    expect(verdict([unreadable({ priority: 201 }), allowSsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict([unreadable({ priority: 199 }), allowSsh], fromInternet)).toBe("unknown odd");
  });

  it("does not matter where its access is known and says the same", () => {
    expect(verdict([unreadable({ access: "allow" }), allowSsh], fromInternet)).toBe("allow allow-ssh");
    expect(verdict([unreadable({ access: "deny" }), allowSsh], fromInternet)).toBe("unknown odd");
    expect(verdict([unreadable({ access: "deny" })], fromInternet)).toBe("deny DenyAllInBound");
  });
});

describe("a rule of which one of several contents held", () => {
  const wide = rule("100 drifted inbound allow tcp * * -> * 20-30");
  const narrow = rule("100 drifted inbound allow tcp * * -> * 80");

  it("leaves the answer open where one of them matches", () => {
    expect(verdict([unsettled(wide, narrow)], fromInternet)).toBe("unknown drifted");
    expect(verdict([unsettled(wide, null)], fromInternet)).toBe("unknown drifted");
  });

  it("does not matter where none of them matches, or the next rule says the same", () => {
    expect(verdict([unsettled(narrow, null)], fromInternet)).toBe("deny DenyAllInBound");
    expect(verdict([unsettled(wide, null), allowSsh], fromInternet)).toBe("allow allow-ssh");
  });

  it("is tried at the first priority that it may have had", () => {
    const late = rule("400 drifted inbound deny tcp * * -> * 22");
    const early = rule("150 drifted inbound deny tcp * * -> * 22");
    expect(verdict([unsettled(late, early), allowSsh], fromInternet)).toBe("unknown drifted");
  });

  it("is unknown both ways where nobody recorded what it said", () => {
    const lost = versionOf("lost", { kind: "unknown", because: "not recorded" });
    expect(verdict([lost, allowSsh], fromInternet)).toBe("unknown lost");
    expect(verdict([lost], "tcp 10.0.0.4 1 -> 203.0.113.7 443", { direction: "outbound" })).toBe("unknown lost");
  });
});
