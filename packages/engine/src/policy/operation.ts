// Joins the records of a cloud's operation log into edits: only what succeeded changed anything, at the time of the
// record that says so, and the body may stand in any record of the same operation (DOMAIN 4.3).

import {
  type AccessPolicyWritten,
  type AccessRequested,
  type AssociationWritten,
  type ControlEvent,
  compareControlEvents,
  type MembershipWritten,
  type RecordedEvent,
  type ResourceRemoved,
  type SecurityGroupWritten,
  type SecurityRuleDeleted,
  type SecurityRuleWritten,
  type SettingWritten,
} from "../event.js";
import { groupBy } from "../grouping.js";
import { type Rule, ruleKey } from "./rule.js";
import { type Cause, causeOf } from "./rule-version.js";

export type OperationFact =
  | SecurityRuleWritten
  | SecurityRuleDeleted
  | SecurityGroupWritten
  | AssociationWritten
  | MembershipWritten
  | SettingWritten
  | ResourceRemoved
  | AccessRequested
  | AccessPolicyWritten;
export type OperationEvent = RecordedEvent<OperationFact>;

export type Edit = { readonly group: string; readonly cause: Cause } & (
  | {
      readonly kind: "rule-written";
      readonly ruleName: string;
      readonly rule: Rule | null;
      readonly existed: boolean | null;
    }
  | { readonly kind: "rule-deleted"; readonly ruleName: string }
  /** It went with the access that it was made for, if it was still there. */
  | { readonly kind: "rule-lapsed"; readonly ruleName: string }
  | { readonly kind: "group-written"; readonly rules: readonly Rule[] | null }
);

const operationTypes: ReadonlySet<string> = new Set([
  "security-rule-written",
  "security-rule-deleted",
  "security-group-written",
  "association-written",
  "membership-written",
  "setting-written",
  "resource-removed",
  "access-requested",
  "access-policy-written",
]);

export function isOperation(event: ControlEvent): event is ControlEvent & OperationEvent {
  return operationTypes.has(event.type);
}

/** A succeeded operation with all records that belong to it, in order of time. */
export type Operation = { readonly outcome: OperationEvent; readonly records: readonly OperationEvent[] };

/** The succeeded operations, each at its first record that says so. */
export function joinOperations(events: readonly ControlEvent[]): Operation[] {
  const bySubject = groupBy(events.filter(isOperation).sort(compareControlEvents), subjectOf);
  return [...bySubject.values()].flatMap(joinSubject).sort((a, b) => compareControlEvents(a.outcome, b.outcome));
}

function subjectOf(event: OperationEvent): string {
  return `${event.type} ${targetOf(event).toLowerCase()}`;
}

function targetOf(event: OperationEvent): string {
  switch (event.type) {
    case "security-rule-written":
    case "security-rule-deleted":
      return `${event.data.group} ${ruleKey(event.data.ruleName)}`;
    case "security-group-written":
      return event.data.group;
    case "association-written":
      return `${event.data.target} ${event.data.gate}`;
    case "membership-written":
      return `${event.data.interface} ${event.data.address}`;
    case "setting-written":
      return `${event.data.resource} ${event.data.setting}`;
    case "resource-removed":
      return event.data.resource;
    case "access-requested":
    case "access-policy-written":
      return event.data.policy;
  }
}

/** One operation for each operation id; where there is none, for each succeeded record of a correlation. */
function joinSubject(records: readonly OperationEvent[]): Operation[] {
  const joined = new Set<string>();
  const operations: Operation[] = [];
  for (const outcome of records) {
    const { operationId } = outcome.data;
    if (outcome.data.phase !== "succeeded" || (operationId !== null && joined.has(operationId))) continue;
    if (operationId !== null) joined.add(operationId);
    operations.push({ outcome, records: records.filter((record) => belongTogether(record, outcome)) });
  }
  return operations;
}

function belongTogether(record: OperationEvent, outcome: OperationEvent): boolean {
  if (record === outcome) return true;
  const ids = [record.data.operationId, outcome.data.operationId];
  if (ids[0] !== null && ids[0] === ids[1]) return true;
  const correlation = outcome.actor?.correlationId ?? null;
  const sameCorrelation = correlation !== null && record.actor?.correlationId === correlation;
  return sameCorrelation && record.data.phase !== "succeeded";
}

export function editOf(operation: Operation): Edit | null {
  const { outcome } = operation;
  const cause = causeOf(outcome);
  switch (outcome.type) {
    case "security-rule-written": {
      const { group, ruleName } = outcome.data;
      const rule = bodyOf(operation, (data) => ("rule" in data ? data.rule : null));
      return { kind: "rule-written", group, cause, ruleName, rule, existed: existedBefore(operation) };
    }
    case "security-rule-deleted":
      return { kind: "rule-deleted", group: outcome.data.group, cause, ruleName: outcome.data.ruleName };
    case "security-group-written":
      return {
        kind: "group-written",
        group: outcome.data.group,
        cause,
        rules: bodyOf(operation, (data) => ("rules" in data ? data.rules : null)),
      };
    default:
      return null;
  }
}

/** The body nearest to the outcome: its own, else the latest one before it, else the earliest after it. */
export function bodyOf<T>(operation: Operation, read: (data: OperationEvent["data"]) => T | null): T | null {
  const own = read(operation.outcome.data);
  if (own !== null) return own;
  const before = operation.records.filter((record) => record.time <= operation.outcome.time).reverse();
  const after = operation.records.filter((record) => record.time > operation.outcome.time);
  for (const record of [...before, ...after]) {
    const body = read(record.data);
    if (body !== null) return body;
  }
  return null;
}

/** Created anywhere in the operation: it was not there before. Updated, and never created: it was. Else not said. */
function existedBefore(operation: Operation): boolean | null {
  const effects = operation.records.map((record) => record.data.effect);
  if (effects.includes("created")) return false;
  return effects.includes("updated") ? true : null;
}
