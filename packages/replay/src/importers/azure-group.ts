// Azure network security groups, rules shown alone, and application security groups.

import { nameOfId, type Rule } from "@conntrail/engine";
import { idsOf, namedOf, parentOfId } from "./azure-id.js";
import { brokenGroupLimits, brokenRuleLimits } from "./azure-limits.js";
import { readAzureRule } from "./azure-rule.js";
import { type EvidenceRecord, eventOf, problemOf, problemsOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asBoolean, asObject, field, type JsonObject, propertiesOf } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

export function* readGroup(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  if (!Array.isArray(field(properties, "securityRules"))) {
    const because = `group \`${named.name}\` has no \`securityRules\``;
    return yield problemOf(record, "missing-field", `${because}: export it with \`az network nsg show -o json\``);
  }
  const rules = readRules(properties, "securityRules");
  const defaultRules = readRules(properties, "defaultSecurityRules");
  yield* brokenRules(record, rules);
  yield* problemsOf(record, "malformed", unreadableRules(defaultRules));
  yield* problemsOf(record, "over-limit", brokenGroupLimits(rules));
  yield eventOf(record, {
    type: "security-group-seen",
    data: {
      group: named.id,
      name: named.name,
      rules,
      defaultRules,
      subnets: idsOf(field(properties, "subnets")),
      interfaces: idsOf(field(properties, "networkInterfaces")),
      flushConnection: asBoolean(field(properties, "flushConnection")),
      instant: record.context.taken.instant,
    },
  });
}

export const withoutId = "the resource has no `id`: export it with `az … show -o json`";

/** In the order of their names: the order in the file says nothing. */
export function readRules(properties: JsonObject, name: string): Rule[] {
  const listed = field(properties, name);
  const entries: unknown[] = Array.isArray(listed) ? listed : [];
  return settledRules(entries.map((raw, index) => ruleOfEntry(asObject(raw), `${name} entry ${index + 1}`)));
}

function ruleOfEntry(raw: JsonObject | null, place: string): Rule {
  const rule = raw === null ? null : readAzureRule(raw);
  if (rule !== null) return rule;
  const unreadable = raw === null ? "it is no object" : "it has no name";
  return { name: place, unreadable, direction: null, access: null, priority: null };
}

/** What is wrong with rules that users wrote: not readable, or beyond what Azure takes. */
function brokenRules(record: EvidenceRecord, rules: readonly Rule[]): Imported[] {
  const beyond = rules.flatMap((rule) => brokenRuleLimits(rule));
  return [...problemsOf(record, "malformed", unreadableRules(rules)), ...problemsOf(record, "over-limit", beyond)];
}

/** A rule shown alone: `az network nsg rule show` or `list`, or as a template's own resource. */
export function* readLoneRule(record: EvidenceRecord): Iterable<Imported> {
  const group = parentOfId(namedOf(record.value)?.id ?? "");
  const rule = readAzureRule(record.value);
  if (group === null || rule === null)
    return yield problemOf(record, "missing-field", "the rule's `id` names no security group");
  yield* brokenRules(record, [rule]);
  yield eventOf(record, {
    type: "security-group-seen",
    data: {
      group,
      name: nameOfId(group),
      rules: [rule],
      defaultRules: [],
      subnets: [],
      interfaces: [],
      flushConnection: null,
      instant: record.context.taken.instant,
      partial: true,
    },
  });
}

export function* readApplicationSecurityGroup(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  yield eventOf(record, {
    type: "application-security-group-seen",
    data: { group: named.id, name: named.name, instant: record.context.taken.instant },
  });
}
