// A security rule as events carry it, and its limits.
// Fields and limits: Microsoft.Network/networkSecurityGroups 2023-09-01, DOMAIN 1.1 and 1.2.

export type RuleDirection = "inbound" | "outbound";
/** `always-allow`: a security admin rule that lets traffic pass the network security groups unasked. */
export type RuleAccess = "allow" | "deny" | "always-allow";
/** A number is an IP protocol's. `icmp` is both families' in an Azure rule, and IPv4's where the rule has `icmp` types. */
export type RuleProtocol = "tcp" | "udp" | "icmp" | "icmpv6" | "esp" | "ah" | "*" | `${number}`;

/** A rule in normalised text, so that equal rules are equal JSON. */
export type RuleContent = {
  readonly name: string;
  readonly description: string | null;
  readonly direction: RuleDirection;
  readonly access: RuleAccess;
  /** 100 to 4096; default rules 65000 and above. Lower is first. AWS security groups: 0, network ACLs: their number. */
  readonly priority: number;
  readonly protocol: RuleProtocol;
  readonly source: RuleSide;
  readonly destination: RuleSide;
  /** AWS: the ICMP type and code it is for; null: any. Left out: any, and `icmp` is of both families. */
  readonly icmp?: IcmpKind;
  /** AWS: `sgr-…`, where the evidence names it. */
  readonly id?: string;
};

export type IcmpKind = { readonly type: number | null; readonly code: number | null };

export type RuleSide = {
  /** `*`, addresses, prefixes, names of service tags, or ids of prefix lists. */
  readonly addresses: readonly string[];
  /** Groups whose members' addresses are meant: application security groups; on AWS security groups. */
  readonly applicationSecurityGroups: readonly string[];
  /** `*`, `22`, `1000-2000`. */
  readonly ports: readonly string[];
};

/** A rule that could not be read: it exists, so it may match anything that its readable parts do not exclude. */
export type UnreadableRule = {
  readonly name: string;
  readonly unreadable: string;
  readonly direction: RuleDirection | null;
  readonly access: RuleAccess | null;
  readonly priority: number | null;
};

export type Rule = RuleContent | UnreadableRule;

export function isUnreadable(rule: Rule): rule is UnreadableRule {
  return "unreadable" in rule;
}

/** Rules of one name are the same rule, whatever the case. */
export function ruleKey(name: string): string {
  return name.toLowerCase();
}

/** Whether two rules say the same; the case of the name and the description do not matter. */
export function equalRules(a: Rule, b: Rule): boolean {
  return meaning(a) === meaning(b);
}

function meaning(rule: Rule): string {
  if (isUnreadable(rule)) return JSON.stringify([rule.unreadable, rule.direction, rule.access, rule.priority]);
  const { direction, access, priority, protocol, source, destination, icmp } = rule;
  const sides = [sideMeaning(source), sideMeaning(destination)];
  return JSON.stringify([direction, access, priority, protocol, ...sides, icmp?.type ?? null, icmp?.code ?? null]);
}

function sideMeaning(side: RuleSide): readonly (readonly string[])[] {
  const folded = (list: readonly string[]) => list.map((entry) => entry.toLowerCase()).sort();
  return [folded(side.addresses), folded(side.applicationSecurityGroups), folded(side.ports)];
}

export type PortRange = { readonly first: number; readonly last: number };

/** Reads `*`, `22` or `1000-2000`; null for anything else, ports above 65535 and ranges that run backwards. */
export function parsePortRange(text: string): PortRange | null {
  if (text === "*") return { first: 0, last: 65_535 };
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.replace(/\s/g, ""));
  if (match === null) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= 65_535 ? { first, last } : null;
}
