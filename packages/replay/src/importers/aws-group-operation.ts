// Calls that make, change and delete AWS security groups (DOMAIN 4.7). Rules come from the answer where it lists them,
// since it names their ids; else from the request.

import { isUnreadable, type Rule, type RuleDirection } from "@conntrail/engine";
import { type AwsCall, eventOfCall, problemOfCall, stated } from "./aws-call.js";
import { itemsOf, textsInside } from "./aws-items.js";
import { awsRule, awsRuleOfItem, awsRulesOfPermission } from "./aws-rule.js";
import { noteOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, asText, field, type JsonObject } from "./json-field.js";
import { settledRules, unreadableRules } from "./shown-rules.js";

/** A group begins with a rule that lets everything out, and in a network with IPv6 with another for that [W2]. */
export function* readCreation(call: AwsCall): Iterable<Imported> {
  const group = asText(field(call.response, "groupId"));
  if (group === null) return yield problemOfCall(call, "missing-field", "the answer names no `groupId`");
  const network = asText(field(call.request, "vpcId"));
  const data = {
    group,
    name: asText(field(call.request, "groupName")) ?? group,
    rules: [everythingOut("0.0.0.0/0")],
    defaultRules: [],
    subnets: [],
    interfaces: [],
    flushConnection: null,
    kind: "security-group",
    instant: stated,
    begins: true,
    ...(network === null ? {} : { networks: [network] }),
  } as const;
  yield eventOfCall(call, { type: "security-group-seen", data });
  const rule = everythingOut("::/0");
  const perhaps = { group, ruleName: rule.name, rule, perhaps: true, ...call.operation } as const;
  yield eventOfCall(call, { type: "security-rule-written", data: perhaps });
}

function everythingOut(text: string): Rule {
  const nothing = { from: null, to: null, id: null, description: null };
  return awsRule({ direction: "outbound", protocol: "-1", peer: { kind: "prefix", text }, ...nothing });
}

export function* readDeletion(call: AwsCall): Iterable<Imported> {
  const resource = asText(field(call.request, "groupId")) ?? asText(field(call.response, "groupId"));
  if (resource === null) return yield problemOfCall(call, "missing-field", noGroup);
  yield eventOfCall(call, { type: "resource-removed", data: { resource, ...call.operation } });
}

const noGroup = "the record names no `groupId`, and a group's name may be that of several";

export function* readAuthorization(call: AwsCall): Iterable<Imported> {
  const direction = directionOf(call);
  const answered = rulesAnswered(call, "securityGroupRuleSet");
  const group = groupOf(call, "securityGroupRuleSet");
  if (group === null) return yield problemOfCall(call, "missing-field", noGroup);
  const rules = settledRules(answered.length > 0 ? answered : rulesRequested(call.request, direction));
  if (rules.length === 0)
    return yield problemOfCall(call, "missing-field", "the record names no peer, so nobody knows what it allows");
  for (const message of unreadableRules(rules)) yield problemOfCall(call, "malformed", message);
  for (const rule of rules) {
    // A rule that is there already is refused.
    const data = { ...call.operation, effect: "created", group, ruleName: rule.name, rule } as const;
    yield eventOfCall(call, { type: "security-rule-written", data });
  }
}

function directionOf({ name }: AwsCall): RuleDirection {
  return name.endsWith("Egress") ? "outbound" : "inbound";
}

function groupOf({ request, response }: AwsCall, list: string): string | null {
  const answered = itemsOf(field(response, list)).map((item) => asText(field(item, "groupId")));
  return asText(field(request, "groupId")) ?? answered.find((id) => id !== null) ?? null;
}

function rulesAnswered(call: AwsCall, list: string): Rule[] {
  const isEgress = directionOf(call) === "outbound";
  const items = itemsOf(field(call.response, list));
  return items.map((item) => awsRuleOfItem({ ...item, isEgress })).filter((rule) => rule !== null);
}

/** Under `ipPermissions`, or flat beside it. */
function rulesRequested(request: JsonObject, direction: RuleDirection): Rule[] {
  const listed = itemsOf(field(request, "ipPermissions"));
  return [...listed, request].flatMap((permission) => awsRulesOfPermission(direction, permission));
}

export function* readRevocation(call: AwsCall): Iterable<Imported> {
  const group = groupOf(call, "revokedSecurityGroupRuleSet");
  if (group === null) return yield problemOfCall(call, "missing-field", noGroup);
  const revoked = rulesAnswered(call, "revokedSecurityGroupRuleSet");
  const unmatched = new Set(unknownRules(call).map(({ name }) => name));
  const requested = rulesRequested(call.request, directionOf(call)).filter(({ name }) => !unmatched.has(name));
  const ids = revoked.length > 0 ? [] : idsRequested(call.request);
  const rules = settledRules(revoked.length > 0 ? revoked : requested);
  if (unmatched.size > 0) yield noteOf(unmatchedText(call, unmatched.size));
  if (rules.length + ids.length + unmatched.size === 0)
    yield problemOfCall(
      call,
      "missing-field",
      "the record names neither a rule nor a peer, so nobody knows what it ended",
    );
  const effect = revoked.length > 0 ? "updated" : null;
  for (const ruleName of ids) yield deletion(call, { group, ruleName });
  for (const rule of rules) {
    const said = isUnreadable(rule) ? {} : { rule };
    yield deletion({ ...call, operation: { ...call.operation, effect } }, { group, ruleName: rule.name, ...said });
  }
}

type Deleted = {
  readonly group: string;
  readonly ruleName: string;
  readonly rule?: Exclude<Rule, { unreadable: string }>;
};

function deletion(call: AwsCall, deleted: Deleted): Imported {
  return eventOfCall(call, { type: "security-rule-deleted", data: { ...call.operation, ...deleted } });
}

/** What the answer says that no rule matched. */
function unknownRules({ response, ...call }: AwsCall): Rule[] {
  const unknown = itemsOf(field(response, "unknownIpPermissionSet"));
  return unknown.flatMap((permission) => awsRulesOfPermission(directionOf({ response, ...call }), permission));
}

function unmatchedText({ place }: AwsCall, count: number): string {
  const rules = count === 1 ? "a rule that was" : `${count} rules that were`;
  return `record ${place.number} revokes ${rules} not there: AWS answers that it matched none`;
}

function idsRequested(request: JsonObject): string[] {
  const named = Object.entries(request).filter(([name]) => /^securityGroupRuleId/i.test(name));
  return [...new Set(named.flatMap(([, value]) => textsInside(value)).filter((text) => /^sgr-/i.test(text)))].sort();
}

/** The request says what a rule is to be, by its id, and not whether it is of ingress or egress. */
export function* readModification(call: AwsCall): Iterable<Imported> {
  const request = asObject(field(call.request, "ModifySecurityGroupRulesRequest")) ?? call.request;
  const group = asText(field(request, "GroupId"));
  if (group === null) return yield problemOfCall(call, "missing-field", noGroup);
  const updates = itemsOf(field(request, "SecurityGroupRule", "SecurityGroupRules"));
  if (updates.length === 0) yield problemOfCall(call, "missing-field", "the record names no rule");
  for (const update of updates) yield* readUpdate(call, group, update);
}

function* readUpdate(call: AwsCall, group: string, update: JsonObject): Iterable<Imported> {
  const id = asText(field(update, "SecurityGroupRuleId"));
  const content = asObject(field(update, "SecurityGroupRule"));
  const of = (isEgress: boolean) =>
    content === null ? null : awsRuleOfItem({ ...content, SecurityGroupRuleId: id, isEgress });
  const [rule, ifOutbound] = [of(false), of(true)];
  if (id === null) return yield problemOfCall(call, "missing-field", "an update names no `SecurityGroupRuleId`");
  for (const message of unreadableRules(rule === null ? [] : [rule])) yield problemOfCall(call, "malformed", message);
  const either = ifOutbound === null ? {} : { ifOutbound };
  const data = { ...call.operation, effect: "updated", group, ruleName: id, rule, ...either } as const;
  yield eventOfCall(call, { type: "security-rule-written", data });
}
