// Operations of the Activity Log that write and delete security rules and whole groups.

import type { ControlFact, Rule } from "@conntrail/engine";
import type { Activity, BodyTest } from "./azure-activity.js";
import { readRules } from "./azure-group.js";
import { brokenGroupLimits, brokenRuleLimits } from "./azure-limits.js";
import { settingOf } from "./azure-network-operation.js";
import type { OperationReader } from "./azure-operation.js";
import { readAzureRule } from "./azure-rule.js";
import { eventOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asBoolean, field, type JsonObject, propertiesOf } from "./json-field.js";
import { unreadableRules } from "./shown-rules.js";

const groupPath = "(/subscriptions/.*/providers/microsoft\\.network/networksecuritygroups/[^/]+)";
const rulePattern = new RegExp(`^${groupPath}/securityrules/([^/]+)$`, "i");
const groupPattern = new RegExp(`^${groupPath}$`, "i");
const noGroup = "the record's `resourceId` names no security group";

const isRule: BodyTest = (body) => field(propertiesOf(body), "access") !== undefined;
const isGroup: BodyTest = (body) => Array.isArray(field(propertiesOf(body), "securityRules"));

export const ruleWrite: OperationReader = {
  bodies: [isRule],
  *read(activity) {
    const target = ruleTarget(activity);
    if (target === null) return yield problemOf(activity.place, "missing-field", noGroup);
    const rule = activity.body === null ? null : readAzureRule(activity.body, target.ruleName);
    yield* written(activity, rule === null ? [] : [rule], {
      type: "security-rule-written",
      data: { ...target, rule, ...activity.operation },
    });
  },
  *readJoined(activity, body) {
    // What Azure refused is no news; what it took and should not have is.
    if (activity.operation.phase !== "succeeded") return;
    const rule = readAzureRule(body, ruleTarget(activity)?.ruleName ?? null);
    for (const message of rule === null ? [] : brokenRuleLimits(rule))
      yield problemOf(activity.place, "over-limit", message);
  },
};

export const ruleDeletion: OperationReader = {
  bodies: [],
  *read(activity) {
    const target = ruleTarget(activity);
    if (target === null) return yield problemOf(activity.place, "missing-field", noGroup);
    const data = { ...target, ...activity.operation };
    yield eventOf(activity.place, { type: "security-rule-deleted", data }, activity.occasion);
  },
};

export const groupWrite: OperationReader = {
  bodies: [isGroup],
  *read(activity) {
    const group = groupPattern.exec(activity.target)?.[1]?.toLowerCase();
    if (group === undefined) return yield problemOf(activity.place, "missing-field", noGroup);
    const rules = activity.body === null ? null : rulesOf(activity.body);
    yield* written(activity, rules ?? [], {
      type: "security-group-written",
      data: { group, rules, ...activity.operation },
    });
  },
  *readJoined(activity, body) {
    if (activity.operation.phase === "succeeded") yield* brokenLimits(activity, rulesOf(body));
    yield* settingOf(activity, "flushConnection", asBoolean(field(propertiesOf(body), "flushConnection")));
  },
};

function ruleTarget({ target }: Activity): { group: string; ruleName: string } | null {
  const match = rulePattern.exec(target);
  if (match === null) return null;
  const [, group = "", ruleName = ""] = match;
  return { group: group.toLowerCase(), ruleName: ruleName.toLowerCase() };
}

function rulesOf(body: JsonObject): Rule[] {
  return readRules(propertiesOf(body), "securityRules");
}

function* written(activity: Activity, rules: readonly Rule[], fact: ControlFact): Iterable<Imported> {
  for (const message of unreadableRules(rules)) yield problemOf(activity.place, "malformed", message);
  yield eventOf(activity.place, fact, activity.occasion);
}

function* brokenLimits({ place }: Activity, rules: readonly Rule[]): Iterable<Imported> {
  const messages = [...rules.flatMap((rule) => brokenRuleLimits(rule)), ...brokenGroupLimits(rules)];
  for (const message of messages) yield problemOf(place, "over-limit", message);
}
