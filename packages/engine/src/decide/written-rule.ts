// What a rule says after it was written: what was given, else what it said before, else any.

import { azureLimits, isAzureName } from "../policy/azure-limits.js";
import { azureDefaultRules } from "../policy/default-rules.js";
import { isUnreadable, type RuleContent, ruleKey } from "../policy/rule.js";
import type { RuleVersion } from "../policy/rule-version.js";
import type { ControlState } from "./decided.js";
import type { KnownGroup } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";
import {
  type RuleText,
  readAccess,
  readAddresses,
  readDirection,
  readPorts,
  readPriority,
  readProtocol,
} from "./rule-text.js";

export type Written = {
  readonly group: KnownGroup;
  readonly name: string;
  readonly text: RuleText;
  readonly before: RuleVersion | null;
};

/** What the rule says after the command. */
export function writtenRule({ inventory }: ControlState, written: Written): RuleContent | Refusal {
  const { group, name, text, before } = written;
  const isAzure = group.kind === "network-security-group";
  if (before === null && !(isAzure ? isAzureName(name) : name !== "")) return { refused: "bad-name", name };
  if (isAzure && isDefaultName(name)) return { refused: "default-rule", rule: name };
  const known = before === null ? null : knownContent(before);
  const base = known ?? newRule(group);
  const missing = missingFields(written);
  if (missing.length > 0) {
    const because = before === null || before.content.kind === "known" ? null : before.content.because;
    return { refused: "fields-missing", rule: name, fields: missing, because };
  }
  const source = sideAfter(base.source, { addresses: text.from, ports: text.fromPorts }, inventory);
  if (isRefusal(source)) return source;
  const destination = sideAfter(base.destination, { addresses: text.to, ports: text.toPorts }, inventory);
  if (isRefusal(destination)) return destination;
  const head = headAfter(base, text, group);
  if (isRefusal(head)) return head;
  const description = text.description === undefined ? base.description : text.description || null;
  const { icmp: _, ...kept } = base;
  const icmp = base.icmp !== undefined && text.protocol === undefined ? { icmp: base.icmp } : {};
  return { ...kept, ...icmp, ...head, name: known?.name ?? name, description, source, destination };
}

export function isDefaultName(name: string): boolean {
  return azureDefaultRules.some((rule) => ruleKey(rule.name) === ruleKey(name));
}

export function knownContent({ content }: RuleVersion): RuleContent | null {
  return content.kind === "known" && !isUnreadable(content.rule) ? content.rule : null;
}

const anywhere = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] } as const;

/** AWS security groups have no priorities and only allow (DOMAIN 2.5). */
function newRule({ kind }: KnownGroup): Omit<RuleContent, "name"> {
  const priority = kind === "security-group" ? 0 : azureLimits.highestPriority;
  return {
    description: null,
    direction: "inbound",
    access: "allow",
    priority,
    protocol: "*",
    source: anywhere,
    destination: anywhere,
  };
}

/** What has no value of its own; of a rule whose content is not known, all that a change would otherwise keep. */
function missingFields({ group, text, before }: Written): (keyof RuleText)[] {
  if (before !== null && knownContent(before) !== null) return [];
  const needed: readonly (keyof RuleText)[] = group.kind === "security-group" ? ["direction"] : basicFields;
  const wanted = before === null ? needed : [...needed, ...contentFields];
  return wanted.filter((field) => text[field] === undefined);
}

const basicFields = ["priority", "direction", "access"] as const;
const contentFields = ["protocol", "from", "fromPorts", "to", "toPorts"] as const;

type SideText = { readonly addresses: readonly string[] | undefined; readonly ports: readonly string[] | undefined };

function sideAfter(
  side: RuleContent["source"],
  text: SideText,
  inventory: ControlState["inventory"],
): RuleContent["source"] | Refusal {
  const addresses = text.addresses === undefined ? side : readAddresses(text.addresses, inventory);
  if (isRefusal(addresses)) return addresses;
  const ports = text.ports === undefined ? side.ports : readPorts(text.ports);
  if (isRefusal(ports)) return ports;
  return { addresses: addresses.addresses, applicationSecurityGroups: addresses.applicationSecurityGroups, ports };
}

type Head = Pick<RuleContent, "priority" | "direction" | "access" | "protocol">;

function headAfter(base: Head, text: RuleText, group: KnownGroup): Head | Refusal {
  const direction = text.direction === undefined ? base.direction : readDirection(text.direction);
  const access = text.access === undefined ? base.access : readAccess(text.access);
  const priority = text.priority === undefined ? base.priority : readPriority(text.priority);
  const protocol = text.protocol === undefined ? base.protocol : readProtocol(text.protocol, group.kind);
  for (const field of [direction, access, priority, protocol]) if (isRefusal(field)) return field;
  return { direction, access, priority, protocol } as Head;
}
