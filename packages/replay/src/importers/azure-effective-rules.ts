// Effective rules of an interface: `az network nic list-effective-nsg` (DOMAIN 4.5 [A26][A19]). They show what the groups
// before one interface come to, so they are evidence of rules and associations, and never of all of a group.

import { nameOfId, type Rule } from "@conntrail/engine";
import { readAzureRule } from "./azure-rule.js";
import { type EvidenceRecord, eventOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, asText, field, idOf, type JsonObject, objectsOf } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

export function isEffectiveRules(resource: JsonObject): boolean {
  return Array.isArray(field(resource, "effectiveSecurityRules"));
}

export function* readEffectiveRules(record: EvidenceRecord): Iterable<Imported> {
  const group = idOf(field(record.value, "networkSecurityGroup"));
  if (group === null)
    return yield problemOf(record, "missing-field", "these effective rules name no `networkSecurityGroup`");
  const entries = objectsOf(field(record.value, "effectiveSecurityRules"));
  const [defaults, written] = [true, false].map((isDefault) =>
    settledRules(entries.filter((entry) => isDefaultRule(entry) === isDefault).flatMap(ruleOf)),
  );
  for (const message of unreadableRules([...written!, ...defaults!])) yield problemOf(record, "malformed", message);
  const association = asObject(field(record.value, "association"));
  yield eventOf(record, {
    type: "security-group-seen",
    data: {
      group,
      name: nameOfId(group),
      rules: written!,
      defaultRules: defaults!,
      subnets: associated(association, "subnet"),
      interfaces: associated(association, "networkInterface"),
      flushConnection: null,
      instant: record.context.taken.instant,
      partial: true,
    },
  });
}

function isDefaultRule(entry: JsonObject): boolean {
  return /^defaultSecurityRules\//i.test(asText(field(entry, "name")) ?? "");
}

function associated(association: JsonObject | null, target: string): string[] {
  const id = idOf(field(association, target));
  return id === null ? [] : [id];
}

function ruleOf(entry: JsonObject): Rule[] {
  const rule = readAzureRule({ ...entry, ...addressesOf(entry, "source"), ...addressesOf(entry, "destination") });
  return rule === null ? [] : [rule];
}

/** Any address is shown as all of IPv4, also in the default rules, which say `*` (OBS in [A26]). */
function addressesOf(entry: JsonObject, side: "source" | "destination") {
  const shown = [`${side}AddressPrefix`, `${side}AddressPrefixes`].map((name) => [name, field(entry, name)] as const);
  const anyAddress = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(anyAddress) : value === "0.0.0.0/0" ? "*" : value;
  return Object.fromEntries(shown.map(([name, value]) => [name, anyAddress(value)]));
}
