// Security groups as nftables rules. A rule of several prefixes and ports becomes one line for each combination: the
// verdict is the same, and sets of overlapping intervals are avoided.

import { isV6, offInternet, platformAddress, virtualNetworkPrefixes } from "./network.js";
import { type Direction, directions, type Group, inOrder, type Rule } from "./security-group.js";

export type Gates = { readonly subnet: Group | null; readonly interface: Group | null };

/** IP protocol of the marks that follow each packet through the router; they are neither tracked nor judged. */
export const markProtocol = 254;

/** A router between `machine` and `network`: what is established or related passes, all else goes to the rules. */
export function ruleset({ subnet, interface: own }: Gates): string {
  const groups = [...new Set([subnet, own])].filter((group) => group !== null);
  const asked = (direction: Direction, gates: readonly (Group | null)[]) =>
    gates.flatMap((group) => (group === null ? [] : [`jump ${chainName(group.name, direction)}`]));
  const chains = groups.flatMap((group) =>
    directions.map((direction) => `  chain ${chainName(group.name, direction)} {}`),
  );
  return [
    "flush ruleset",
    "table inet gates {",
    ...chains,
    "  chain marks {",
    "    type filter hook prerouting priority raw;",
    `    ip protocol ${markProtocol} notrack`,
    "  }",
    "  chain through {",
    "    type filter hook forward priority filter; policy drop;",
    `    ip protocol ${markProtocol} accept`,
    "    ct state established,related accept",
    ...asked("Inbound", [subnet, own]).map((jump) => `    iifname network ${jump}`),
    ...asked("Outbound", [own, subnet]).map((jump) => `    iifname machine ${jump}`),
    "    accept",
    "  }",
    "}",
    ...groups.map(rulesOf),
  ].join("\n");
}

/** Puts the group's rules of the moment in place of those before, in one transaction. */
export function rulesOf(group: Group): string {
  return directions
    .flatMap((direction) => {
      const chain = `inet gates ${chainName(group.name, direction)}`;
      const lines = inOrder(group, direction).flatMap(linesOf);
      return [`flush chain ${chain}`, ...lines.map((line) => `add rule ${chain} ${line}`)];
    })
    .join("\n");
}

const families = ["ip", "ip6"] as const;
type Family = (typeof families)[number];

function chainName(group: string, direction: Direction): string {
  return `${group.replaceAll("-", "_")}_${direction.toLowerCase()}`;
}

function linesOf(rule: Rule): string[] {
  const verdict = rule.access === "Allow" ? "return" : "drop";
  return families.flatMap((family) =>
    rule.sources.flatMap((source) =>
      rule.destinations.flatMap((destination) => {
        const from = addressMatch(family, "saddr", source);
        const to = addressMatch(family, "daddr", destination);
        if (from === null || to === null) return [];
        const head = `meta nfproto ${family === "ip" ? "ipv4" : "ipv6"} ${from} ${to}`;
        return protocolMatches(rule).map((match) => `${head} ${match} ${verdict}`);
      }),
    ),
  );
}

/** Null where no address of this family can match. */
function addressMatch(family: Family, side: "saddr" | "daddr", addresses: string): string | null {
  const ofFamily = (prefixes: readonly string[]) => prefixes.filter((prefix) => isV6(prefix) === (family === "ip6"));
  const among = (prefixes: readonly string[]) =>
    ofFamily(prefixes).length === 0 ? null : `${family} ${side} { ${ofFamily(prefixes).join(", ")} }`;
  switch (addresses) {
    case "*":
      return "";
    case "VirtualNetwork":
      return among([...virtualNetworkPrefixes, platformAddress]);
    case "Internet":
      return `${family} ${side} != { ${ofFamily([...offInternet, platformAddress]).join(", ")} }`;
    case "AzureLoadBalancer":
      return among([platformAddress]);
    default:
      return ofFamily([addresses]).length === 0 ? null : `${family} ${side} ${addresses}`;
  }
}

/** Rules for ICMP have no ports; a rule for any protocol that names ports binds only protocols that have them. */
function protocolMatches({ protocol, sourcePorts, destinationPorts }: Rule): string[] {
  if (protocol === "Icmp") return ["meta l4proto { icmp, ipv6-icmp }"];
  const ports = named(sourcePorts).flatMap((from) =>
    named(destinationPorts).map((to) => portMatch("sport", from) + portMatch("dport", to)),
  );
  const bound = protocol === "*" ? "{ tcp, udp, sctp }" : protocol.toLowerCase();
  return ports.map((match) => (match === "" && protocol === "*" ? "" : `meta l4proto ${bound}${match}`));
}

/** All ports together name none: the default rules' tables write `*` as 0-65535, and bind ICMP with it [A1]. */
function named(ports: readonly string[]): readonly string[] {
  const ranges = ports.map(rangeOf).sort(([one], [other]) => one - other);
  let next = 0;
  for (const [first, last] of ranges) if (first <= next) next = Math.max(next, last + 1);
  return next === 65_536 ? ["*"] : ports;
}

function rangeOf(port: string): [number, number] {
  const [first, last] = (port === "*" ? "0-65535" : port).split("-");
  return [Number(first), Number(last ?? first)];
}

function portMatch(side: "sport" | "dport", port: string): string {
  return port === "*" ? "" : ` th ${side} ${port}`;
}
