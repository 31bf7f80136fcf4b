// A security rule: what it says (content, as stored in events) and how it is matched (matcher, made once a version).
// Fields and limits: Microsoft.Network/networkSecurityGroups 2023-09-01, DOMAIN 1.1 and 1.2.

import { type Prefix, parsePrefix } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";

export type RuleDirection = "inbound" | "outbound";
export type RuleAccess = "allow" | "deny";
export type RuleProtocol = "tcp" | "udp" | "icmp" | "esp" | "ah" | "*";

/** A rule as an event carries it: normalised text, so that equal rules are equal JSON. */
export type RuleContent = {
  readonly name: string;
  readonly description: string | null;
  readonly direction: RuleDirection;
  readonly access: RuleAccess;
  /** 100 to 4096; default rules 65000 and above. Lower is first. */
  readonly priority: number;
  readonly protocol: RuleProtocol;
  readonly source: RuleSide;
  readonly destination: RuleSide;
};

export type RuleSide = {
  /** `*`, addresses, prefixes, or names of service tags. */
  readonly addresses: readonly string[];
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

export function isUnreadable(rule: RuleContent | UnreadableRule): rule is UnreadableRule {
  return "unreadable" in rule;
}
