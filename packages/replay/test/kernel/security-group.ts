// Security groups of the experiments, and edits of them. Plain data in Azure's words, apart from the engine's own types,
// so that nft and the evidence are made of one source that the engine had no part in.

export type Direction = "Inbound" | "Outbound";

export type Rule = {
  readonly name: string;
  readonly priority: number;
  readonly direction: Direction;
  readonly protocol: "Tcp" | "Udp" | "Icmp" | "*";
  readonly access: "Allow" | "Deny";
  /** `*`, one service tag, or prefixes. */
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** `*`, numbers, or ranges like `1000-2000`. */
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
};

export type Group = { readonly name: string; readonly rules: readonly Rule[] };

export type Edit =
  | { readonly type: "rule-written"; readonly group: string; readonly rule: Rule; readonly existed: boolean }
  | { readonly type: "rule-deleted"; readonly group: string; readonly rule: Rule };

export const directions: readonly Direction[] = ["Inbound", "Outbound"];

export function applied(group: Group, edit: Edit): Group {
  if (edit.type === "rule-written") return withRule(group, edit.rule);
  return { ...group, rules: group.rules.filter(({ name }) => name !== edit.rule.name) };
}

export function withRule(group: Group, rule: Rule): Group {
  return { ...group, rules: [...group.rules.filter(({ name }) => name !== rule.name), rule] };
}

/** Of one direction, defaults included: the first that matches decides. */
export function inOrder({ rules }: Group, direction: Direction): Rule[] {
  return [...rules, ...defaultRules]
    .filter((rule) => rule.direction === direction)
    .sort((one, other) => one.priority - other.priority);
}

/** All is allowed, both ways. */
export function openGroup(name: string): Group {
  return { name, rules: directions.map((direction) => ({ ...everyone, direction, name: direction, access: "Allow" })) };
}

/** After these, nothing is. */
export function closingEdits({ name: group, rules }: Group): Edit[] {
  return rules.map((rule) => ({ type: "rule-written", group, rule: { ...rule, access: "Deny" }, existed: true }));
}

export const everyone: Omit<Rule, "name" | "direction" | "access"> = {
  priority: 100,
  protocol: "*",
  sources: ["*"],
  destinations: ["*"],
  sourcePorts: ["*"],
  destinationPorts: ["*"],
};

/** DOMAIN 1.3 [A1]. */
export const defaultRules: readonly Rule[] = [
  defaultRule("AllowVnetInBound", "Inbound", 65_000, "VirtualNetwork>VirtualNetwork"),
  defaultRule("AllowAzureLoadBalancerInBound", "Inbound", 65_001, "AzureLoadBalancer>*"),
  defaultRule("DenyAllInBound", "Inbound", 65_500, "*>*"),
  defaultRule("AllowVnetOutBound", "Outbound", 65_000, "VirtualNetwork>VirtualNetwork"),
  defaultRule("AllowInternetOutBound", "Outbound", 65_001, "*>Internet"),
  defaultRule("DenyAllOutBound", "Outbound", 65_500, "*>*"),
];

function defaultRule(name: string, direction: Direction, priority: number, ends: string): Rule {
  const [source, destination] = ends.split(">") as [string, string];
  const access = name.startsWith("Allow") ? "Allow" : "Deny";
  return { ...everyone, name, direction, priority, access, sources: [source], destinations: [destination] };
}
