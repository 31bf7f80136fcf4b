// AWS security groups: `describe-security-groups`, and `describe-security-group-rules`, which names each rule's id.

import { groupBy, type Rule } from "@conntrail/engine";
import { beyondQuota, securityGroupQuota } from "./aws-limits.js";
import { awsDirections, awsRuleOfItem, awsRulesOfPermission } from "./aws-rule.js";
import { type EvidenceRecord, eventOf, noteOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asText, field, hiddenObjects, type JsonObject, objectsOf } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

export function* readSecurityGroup(record: EvidenceRecord): Iterable<Imported> {
  const group = asText(field(record.value, "GroupId"));
  if (group === null) return yield problemOf(record, "missing-field", "the security group has no `GroupId`");
  const name = asText(field(record.value, "GroupName")) ?? group;
  const network = asText(field(record.value, "VpcId"));
  const permissions = permissionsOf(record.value);
  const hidden = permissionLists.filter(([, list]) => hiddenObjects(field(record.value, list)) > 0);
  for (const [, list] of hidden)
    yield problemOf(record, "malformed", `group \`${name}\`: \`${list}\` holds what is no permission`);
  for (const { said } of permissions.filter(({ rules }) => rules.length === 0)) {
    yield problemOf(record, "missing-field", `group \`${name}\`: ${said} names no peer, so it allows nothing`);
  }
  const rules = settledRules(permissions.flatMap((permission) => permission.rules));
  for (const message of unreadableRules(rules)) yield problemOf(record, "malformed", message);
  for (const said of beyondQuota(rules, securityGroupQuota)) yield noteOf(`group \`${name}\` has ${said}`);
  yield groupSeen(record, { group, name, rules, ...(network === null ? {} : { networks: [network] }) });
}

const permissionLists = [
  ["inbound", "IpPermissions"],
  ["outbound", "IpPermissionsEgress"],
] as const;

type Permission = { readonly rules: readonly Rule[]; readonly said: string };

function permissionsOf(group: JsonObject): Permission[] {
  return permissionLists.flatMap(([direction, list]) => {
    const listed = objectsOf(field(group, list));
    return listed.map((permission, index) => ({
      rules: awsRulesOfPermission(direction, permission),
      said: `${awsDirections[direction]} permission ${index + 1}`,
    }));
  });
}

type Shown = {
  readonly group: string;
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly networks?: readonly string[];
  readonly partial?: true;
};

function groupSeen(record: EvidenceRecord, shown: Shown): Imported {
  const { instant } = record.context.taken;
  const nothing = { defaultRules: [], subnets: [], interfaces: [], flushConnection: null };
  const data = { ...shown, ...nothing, kind: "security-group", instant } as const;
  return eventOf(record, { type: "security-group-seen", data });
}

/** All of a file together. A filter may have left rules out, and the list does not say so: it is never taken for whole. */
export function* readSecurityGroupRules(records: readonly EvidenceRecord[]): Iterable<Imported> {
  const read = records.map((record) => ({ record, rule: awsRuleOfItem(record.value) }));
  const byGroup = groupBy(read, ({ record }) => asText(field(record.value, "GroupId")) ?? "");
  for (const [group, own] of byGroup) {
    for (const { record, rule } of own) {
      if (group === "" || rule === null)
        yield problemOf(record, "missing-field", "the rule has no `GroupId`, or names no peer");
      else for (const message of unreadableRules([rule])) yield problemOf(record, "malformed", message);
    }
    const rules = settledRules(own.map(({ rule }) => rule).filter((rule) => rule !== null));
    if (group !== "") yield groupSeen(own[0]!.record, { group, name: group, rules, partial: true });
  }
}
