// Security admin rules of an Azure virtual network manager (DOMAIN 1.4 [A1][A18]): rule collections and their rules come in
// exports of their own, so a file's are read together, a group for each collection.

import { groupBy, nameOfId, type Rule } from "@conntrail/engine";
import { parentOfId, typeOf } from "./azure-id.js";
import { brokenRuleLimits } from "./azure-limits.js";
import { readAzureRule } from "./azure-rule.js";
import { type EvidenceRecord, eventOf, noteOf, problemOf, problemsOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asText, field, type JsonObject, objectsOf, propertiesOf } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

const managerType = "microsoft.network/networkmanagers";
const collectionType = `${managerType}/securityadminconfigurations/rulecollections`;
const ruleType = `${collectionType}/rules`;
const memberType = `${managerType}/networkgroups/staticmembers`;

export const adminRuleTypes = [collectionType, ruleType, memberType] as const;

export function* readAdminRules(records: readonly EvidenceRecord[]): Iterable<Imported> {
  const byType = groupBy(records, ({ value }) => typeOf(value)?.toLowerCase() ?? "");
  const rules = groupBy(byType.get(ruleType) ?? [], ({ value }) => parentOfId(idOf(value))?.toLowerCase() ?? "");
  const members = groupBy(byType.get(memberType) ?? [], ({ value }) => parentOfId(idOf(value))?.toLowerCase() ?? "");
  const collections = new Map(
    (byType.get(collectionType) ?? []).map((record) => [idOf(record.value).toLowerCase(), record]),
  );
  for (const key of new Set([...collections.keys(), ...rules.keys()])) {
    const own = rules.get(key) ?? [];
    const collection = collections.get(key) ?? null;
    if (own.length === 0)
      yield noteOf(`no rules of \`${nameOfId(key)}\` here: export them with \`… rule list\` as well`);
    else yield* readCollection({ collection, rules: own, members });
  }
}

function idOf(resource: JsonObject): string {
  return asText(field(resource, "id")) ?? "";
}

type Collection = {
  /** Null: the file holds its rules alone. */
  readonly collection: EvidenceRecord | null;
  readonly rules: readonly EvidenceRecord[];
  readonly members: ReadonlyMap<string, readonly EvidenceRecord[]>;
};

function* readCollection({ collection, rules: records, members }: Collection): Iterable<Imported> {
  const [first] = records;
  const group = parentOfId(idOf(first!.value));
  if (group === null) return yield problemOf(first!, "missing-field", "the rule's `id` names no rule collection");
  const read = records.map((record) => ({ record, rule: readAdminRule(record.value) }));
  for (const { record, rule } of read) {
    yield* problemsOf(record, "malformed", unreadableRules([rule]));
    yield* problemsOf(record, "over-limit", brokenRuleLimits(rule, "security-admin"));
  }
  const networks = networksOf(propertiesOf((collection ?? first!).value), members);
  yield eventOf(collection ?? first!, {
    type: "security-group-seen",
    data: {
      group,
      name: nameOfId(group),
      rules: settledRules(read.map(({ rule }) => rule)),
      defaultRules: [],
      subnets: [],
      interfaces: [],
      flushConnection: null,
      instant: first!.context.taken.instant,
      kind: "security-admin",
      // Rules alone may be all of a collection, or one of them.
      ...(networks.length === 0 ? { partial: true } : { networks }),
    },
  });
  if (networks.length === 0) yield noteOf(withoutNetworks(nameOfId(group)));
}

function withoutNetworks(name: string): string {
  return `nothing here says which virtual networks \`${name}\` applies to: add its collection and the static members of its network groups to the file`;
}

/** Members of the network groups that it applies to; effective rules name the groups themselves. */
function networksOf(properties: JsonObject, members: Collection["members"]): string[] {
  const applies = objectsOf(field(properties, "appliesToGroups", "ruleCollectionAppliesToGroups"));
  const groups = applies.map((entry) => asText(field(entry, "networkGroupId")));
  const networks = groups.flatMap((group) =>
    (members.get(group?.toLowerCase() ?? "") ?? []).map(({ value }) =>
      asText(field(propertiesOf(value), "resourceId")),
    ),
  );
  return [...new Set(networks.filter((network) => network !== null))].sort();
}

/** Read as a rule of a security group is, but for the sides and for `AlwaysAllow`. */
function readAdminRule(resource: JsonObject): Rule {
  const properties = propertiesOf(resource);
  const access = asText(field(properties, "access"))?.toLowerCase();
  const isAlways = access === "alwaysallow";
  const rule = readAzureRule({
    name: asText(field(resource, "name")) ?? nameOfId(idOf(resource)),
    properties: {
      ...properties,
      access: isAlways ? "Allow" : access,
      sourceAddressPrefixes: addressesOf(properties, "sources"),
      destinationAddressPrefixes: addressesOf(properties, "destinations"),
    },
  });
  return isAlways ? { ...rule!, access: "always-allow" } : rule!;
}

/** No list means any address (2025 portal text); a network group stays as its id, which no rule can be read with. */
function addressesOf(properties: JsonObject, side: string): (string | null)[] {
  const listed = objectsOf(field(properties, side));
  return listed.length === 0 ? ["*"] : listed.map((entry) => asText(field(entry, "addressPrefix")));
}
