// Reads a rule as a person writes it, field by field, into the rule's own terms or a refusal. Spellings as real exports
// have them: case does not matter, `any` and `all` are `*` (DOMAIN 1.1).

import { azureLimits } from "../policy/azure-limits.js";
import {
  parsePortRange,
  type RuleAccess,
  type RuleContent,
  type RuleDirection,
  type RuleProtocol,
  type RuleSide,
} from "../policy/rule.js";
import { formatPrefix, parsePrefix } from "../wire/address.js";
import { parseProtocol, protocolName } from "../wire/protocol.js";
import type { Inventory, KnownGroup } from "./inventory.js";
import type { Limited, Refusal } from "./refusal.js";
import { isRefusal } from "./refusal.js";
import { resolve } from "./resolve.js";

/** The fields of a rule as they were given; those left out are absent. */
export type RuleText = {
  readonly priority?: string;
  readonly direction?: string;
  readonly access?: string;
  readonly protocol?: string;
  readonly from?: readonly string[];
  readonly fromPorts?: readonly string[];
  readonly to?: readonly string[];
  readonly toPorts?: readonly string[];
  readonly description?: string;
};

type Read<T> = T | Refusal;

const anyWords: ReadonlySet<string> = new Set(["*", "any", "all"]);
const tagName = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$/;
const prefixListId = /^pl-[0-9a-f]+$/i;
const groupMark = /^asg:|^sg:/i;

export function readDirection(text: string): Read<RuleDirection> {
  const direction = ({ inbound: "inbound", outbound: "outbound" } as const)[text.toLowerCase()];
  return direction ?? { refused: "bad-field", field: "direction", text };
}

export function readAccess(text: string): Read<RuleAccess> {
  const access = ({ allow: "allow", deny: "deny" } as const)[text.toLowerCase()];
  return access ?? { refused: "bad-field", field: "access", text };
}

export function readPriority(text: string): Read<number> {
  if (!/^\d{1,9}$/.test(text)) return { refused: "bad-field", field: "priority", text };
  const [lowest, highest] = [azureLimits.lowestPriority, azureLimits.highestPriority];
  const value = Number(text);
  if (value >= lowest && value <= highest) return value;
  return { refused: "out-of-range", field: "priority", value, range: { lowest, highest } };
}

const azureProtocols: ReadonlySet<string> = new Set(["tcp", "udp", "icmp", "esp", "ah"]);

/** Azure knows five protocols; AWS any number (DOMAIN 1.1, 4.8). */
export function readProtocol(text: string, kind: KnownGroup["kind"]): Read<RuleProtocol> {
  const name = text.toLowerCase();
  if (anyWords.has(name)) return "*";
  const number = parseProtocol(name);
  if (azureProtocols.has(name)) return name as RuleProtocol;
  if (kind === "network-security-group" || number === null) return { refused: "bad-field", field: "protocol", text };
  const known = protocolName(number);
  if (known === "icmp6") return "icmpv6";
  return azureProtocols.has(known) ? (known as RuleProtocol) : `${number}`;
}

export function readPorts(texts: readonly string[]): Read<readonly string[]> {
  const entries = entriesOf(texts);
  if (entries.some((entry) => anyWords.has(entry.toLowerCase()))) return ["*"];
  const bad = entries.find((entry) => parsePortRange(entry) === null);
  if (bad !== undefined || entries.length === 0) return { refused: "bad-field", field: "port", text: bad ?? "" };
  return entries.map((entry) => entry.replace(/\s/g, ""));
}

/** `*`, addresses and prefixes, one service tag, or groups of members as `asg:NAME`. */
export function readAddresses(
  texts: readonly string[],
  inventory: Inventory,
): Read<Pick<RuleSide, "addresses" | "applicationSecurityGroups">> {
  const entries = entriesOf(texts);
  const names = entries.filter((entry) => groupMark.test(entry));
  const addresses = entries.filter((entry) => !groupMark.test(entry)).map(readAddress);
  const bad = addresses.find(isRefusal);
  if (bad !== undefined) return bad;
  if (entries.length === 0) return { refused: "bad-field", field: "address", text: "" };
  const groups = names.map((name) => readGroup(name, inventory));
  const unknown = groups.find(isRefusal);
  if (unknown !== undefined) return unknown;
  const side = {
    addresses: [...new Set(addresses as readonly string[])],
    applicationSecurityGroups: [...new Set(groups as readonly string[])],
  };
  return sideRefusal(side) ?? (side.addresses.includes("*") ? { ...side, addresses: ["*"] } : side);
}

function entriesOf(texts: readonly string[]): string[] {
  const entries = texts.flatMap((text) => text.split(",")).map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}

function readAddress(text: string): Read<string> {
  if (anyWords.has(text.toLowerCase())) return "*";
  const prefix = parsePrefix(text);
  if (prefix !== null) return formatPrefix(prefix);
  return isName(text) ? text : { refused: "bad-field", field: "address", text };
}

function isName(text: string): boolean {
  return tagName.test(text) || prefixListId.test(text);
}

/** An application security group; on AWS a security group. */
function readGroup(text: string, { applicationGroups, groups }: Inventory): Read<string> {
  const name = text.replace(groupMark, "");
  const found = /^sg:/i.test(text)
    ? resolve(groups, "group", name)
    : resolve(applicationGroups, "application security group", name);
  return isRefusal(found) ? found : found.id;
}

/** One service tag, or application security groups, or addresses: never two of the three (DOMAIN 1.1, [A1]). */
function sideRefusal(side: Pick<RuleSide, "addresses" | "applicationSecurityGroups">): Refusal | null {
  const { addresses, applicationSecurityGroups: groups } = side;
  const tags = addresses.filter((entry) => tagName.test(entry));
  if (tags.length > 1) return { refused: "several-tags", tags };
  const kinds = [tags.length, groups.length, addresses.length - tags.length].filter((count) => count > 0);
  if (kinds.length > 1) return { refused: "mixed-side", entries: [...addresses, ...groups] };
  return null;
}

/** The limits of one rule (DOMAIN 1.2). */
export function ruleLimitRefusal({ source, destination, description }: RuleContent): Refusal | null {
  const groups = [source, destination].map((side) => side.applicationSecurityGroups.length);
  const addresses = [source, destination].map((side) => side.addresses.length);
  return (
    tooMany("addresses on a side", Math.max(...addresses), azureLimits.addressesInSide) ??
    tooMany("application security groups in a rule", Math.max(...groups), azureLimits.applicationGroupsInRule) ??
    tooMany("characters in a description", description?.length ?? 0, azureLimits.descriptionLength)
  );
}

export function tooMany(what: Limited, count: number, limit: number): Refusal | null {
  return count > limit ? { refused: "too-many", what, count, limit } : null;
}
