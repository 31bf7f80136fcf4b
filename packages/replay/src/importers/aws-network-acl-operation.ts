// Calls that make, change and delete network ACLs and their entries, and put them before subnets (DOMAIN 2.6, 4.7).

import type { OperationRecord } from "@conntrail/engine";
import { type AwsCall, eventOfCall, problemOfCall, stated } from "./aws-call.js";
import { itemsOf } from "./aws-items.js";
import { awsAclRule, awsAclRuleName } from "./aws-network-acl.js";
import type { Imported } from "./importer.js";
import { asNumber, asObject, asText, field } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

/** Nothing passes one that was made by hand: it begins with the last entries alone. */
export function* readCreation(call: AwsCall): Iterable<Imported> {
  const made = asObject(field(call.response, "networkAcl"));
  const group = asText(field(made, "networkAclId"));
  if (group === null) return yield problemOfCall(call, "missing-field", "the answer names no `networkAclId`");
  const network = asText(field(made, "vpcId")) ?? asText(field(call.request, "vpcId"));
  const rules = settledRules(itemsOf(field(made, "entrySet")).map(awsAclRule));
  const data = {
    group,
    name: group,
    rules,
    defaultRules: [],
    subnets: [],
    interfaces: [],
    flushConnection: null,
    kind: "network-acl",
    instant: stated,
    begins: true,
    ...(network === null ? {} : { networks: [network] }),
  } as const;
  yield eventOfCall(call, { type: "security-group-seen", data });
}

export function* readDeletion(call: AwsCall): Iterable<Imported> {
  const resource = asText(field(call.request, "networkAclId"));
  if (resource === null) return yield problemOfCall(call, "missing-field", noAcl);
  yield eventOfCall(call, { type: "resource-removed", data: { resource, ...call.operation } });
}

const noAcl = "the record names no `networkAclId`";

export function readEntryCreation(call: AwsCall): Iterable<Imported> {
  return readEntry(call, "created");
}

export function readEntryReplacement(call: AwsCall): Iterable<Imported> {
  return readEntry(call, "updated");
}

function* readEntry(call: AwsCall, effect: OperationRecord["effect"]): Iterable<Imported> {
  const group = asText(field(call.request, "networkAclId"));
  if (group === null) return yield problemOfCall(call, "missing-field", noAcl);
  const rule = awsAclRule(call.request);
  for (const message of unreadableRules([rule])) yield problemOfCall(call, "malformed", message);
  const data = { ...call.operation, effect, group, ruleName: rule.name, rule };
  yield eventOfCall(call, { type: "security-rule-written", data });
}

export function* readEntryDeletion(call: AwsCall): Iterable<Imported> {
  const group = asText(field(call.request, "networkAclId"));
  const number = asNumber(field(call.request, "ruleNumber"));
  if (group === null || number === null)
    return yield problemOfCall(call, "missing-field", "the record names no `networkAclId` or no `ruleNumber`");
  const direction = field(call.request, "egress") === true ? "outbound" : "inbound";
  const data = { ...call.operation, group, ruleName: awsAclRuleName(direction, number) };
  yield eventOfCall(call, { type: "security-rule-deleted", data });
}

/** The subnet is named by the id of its association alone, which the call replaces. */
export function* readAssociation(call: AwsCall): Iterable<Imported> {
  const target = asText(field(call.request, "associationId"));
  const group = asText(field(call.request, "networkAclId"));
  if (target === null || group === null)
    return yield problemOfCall(call, "missing-field", "the record names no `associationId` or no `networkAclId`");
  const replacedBy = asText(field(call.response, "newAssociationId"));
  const replaced = replacedBy === null ? {} : { replacedBy };
  const data = { gate: "network-acl", target, groups: [group], ...replaced, ...call.operation } as const;
  yield eventOfCall(call, { type: "association-written", data });
}
