// Joins the records of a cloud's operation log into edits: only what succeeded changed anything, at the time of the
// record that says so, and the body may stand in any record of the same operation (DOMAIN 4.3).

import {
  type AccessPolicyWritten,
  type AccessRequested,
  type AddressesChanged,
  type AddressListChanged,
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
import { microsPerMinute } from "../time.js";
import { type Rule, ruleKey } from "./rule.js";
import { type Cause, causeOf } from "./rule-version.js";

export type OperationFact =
  | SecurityRuleWritten
  | SecurityRuleDeleted
  | SecurityGroupWritten
  | AssociationWritten
  | AddressesChanged
  | MembershipWritten
  | SettingWritten
  | AddressListChanged
  | ResourceRemoved
  | AccessRequested
  | AccessPolicyWritten;
export type OperationEvent = RecordedEvent<OperationFact>;

export type Edit = { readonly group: string; readonly cause: Cause } & (
  | {
      readonly kind: "rule-written";
      readonly ruleName: string;
      readonly rule: Rule | null;
      /** Whether the rule was there before, as the record says; see `RuleFact`. */
      readonly existed: boolean | "perhaps" | null;
      /** What it says if it is outbound, where the record does not tell the direction. */
      readonly ifOutbound: Rule | null;
    }
  /** No record says whether it was written. */
  | { readonly kind: "rule-perhaps-written"; readonly ruleName: string; readonly rule: Rule }
  | {
      readonly kind: "rule-deleted";
      readonly ruleName: string;
      /** What it said, where the record says: AWS revokes by content. */
      readonly rule: Rule | null;
      /** Whether there was such a rule to delete, as the record says. */
      readonly existed: boolean | "likely" | null;
    }
  /** One of these rules, by lower-case name, or one that no evidence names. */
  | { readonly kind: "some-rule-deleted"; readonly candidates: ReadonlySet<string> }
  /** It went with the access that it was made for, if it was still there. */
  | { readonly kind: "rule-lapsed"; readonly ruleName: string }
  | { readonly kind: "group-written"; readonly rules: readonly Rule[] | null; readonly existed: boolean | null }
  | { readonly kind: "group-removed" }
);

const operationTypes: ReadonlySet<string> = new Set([
  "security-rule-written",
  "security-rule-deleted",
  "security-group-written",
  "association-written",
  "addresses-changed",
  "membership-written",
  "setting-written",
  "address-list-changed",
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
    case "addresses-changed":
      return event.data.interface;
    case "membership-written":
      return `${event.data.interface} ${event.data.address}`;
    case "setting-written":
      return `${event.data.resource} ${event.data.setting}`;
    case "address-list-changed":
      return event.data.list;
    case "resource-removed":
      return event.data.resource;
    case "access-requested":
    case "access-policy-written":
      return event.data.policy;
  }
}

/** Two exports tell the time of one record apart by less than this: milliseconds are cut off, or seconds. */
const sameRecordMicros = microsPerMinute;

function joinSubject(records: readonly OperationEvent[]): Operation[] {
  const named = groupBy(records, ({ data }) => data.operationId);
  const unsettled = records.filter(({ data }) => data.phase !== "succeeded");
  const correlated = groupBy(unsettled, correlationOf);
  return successesByOperation(records.filter(({ data }) => data.phase === "succeeded")).map((successes) => {
    const ids = successes.flatMap(({ data }) => data.operationId ?? []);
    const correlations = successes.flatMap((success) => correlationOf(success) ?? []);
    const others = [
      ...ids.flatMap((id) => named.get(id) ?? []),
      ...correlations.flatMap((id) => correlated.get(id) ?? []),
    ];
    return { outcome: successes[0]!, records: [...new Set([...successes, ...others])].sort(compareControlEvents) };
  });
}

/**
 * One operation for each operation id. A success without one is an operation of its own, unless another export of the
 * same correlation shows the same success.
 */
function successesByOperation(successes: readonly OperationEvent[]): OperationEvent[][] {
  const named = successes.filter(({ data }) => data.operationId !== null);
  const operations = [...groupBy(named, ({ data }) => data.operationId).values()];
  const correlated = groupBy(operations, ([first]) => correlationOf(first!));
  for (const success of successes) {
    if (success.data.operationId !== null) continue;
    const correlation = correlationOf(success);
    const alike = correlation === null ? [] : (correlated.get(correlation) ?? []);
    const known = alike.find((operation) => operation.some((other) => isSameSuccess(success, other)));
    if (known !== undefined) {
      known.push(success);
      continue;
    }
    operations.push([success]);
    if (correlation !== null) correlated.set(correlation, [...alike, operations.at(-1)!]);
  }
  return operations.map((operation) => operation.sort(compareControlEvents));
}

/**
 * Of two of one correlation. Records of one export all have an operation id, or none has: two without are one record only
 * at the same instant.
 */
function isSameSuccess(unnamed: OperationEvent, other: OperationEvent): boolean {
  const apart = Math.abs(unnamed.time - other.time);
  const near = apart < (other.data.operationId === null ? 1 : sameRecordMicros);
  return near && agree(unnamed.data, other.data);
}

/** What one export leaves out does not disagree. */
function agree(a: OperationEvent["data"], b: OperationEvent["data"]): boolean {
  const said = new Map<string, unknown>(Object.entries(b));
  return Object.entries(a).every(([field, value]) => {
    const other = said.get(field) ?? null;
    return value === null || other === null || JSON.stringify(value) === JSON.stringify(other);
  });
}

function correlationOf(event: OperationEvent): string | null {
  return event.actor?.correlationId ?? null;
}

/** What it changed of a group; null where it changed none. */
export function editOf(operation: Operation): Edit | null {
  const { outcome } = operation;
  const cause = causeOf(outcome);
  const existed = existedBefore(operation);
  switch (outcome.type) {
    case "security-rule-written": {
      const { group, ruleName, perhaps, ifOutbound = null } = outcome.data;
      const rule = bodyOf(operation, (data) => ("rule" in data ? (data.rule ?? null) : null));
      if (perhaps === true && rule !== null) return { kind: "rule-perhaps-written", group, cause, ruleName, rule };
      return { kind: "rule-written", group, cause, ruleName, rule, existed, ifOutbound };
    }
    case "security-rule-deleted": {
      const { group, ruleName } = outcome.data;
      const rule = bodyOf(operation, (data) => ("rule" in data ? (data.rule ?? null) : null));
      return { kind: "rule-deleted", group, cause, ruleName, rule, existed };
    }
    case "security-group-written": {
      const rules = bodyOf(operation, (data) => ("rules" in data ? data.rules : null));
      return { kind: "group-written", group: outcome.data.group, cause, rules, existed };
    }
    case "resource-removed":
      return { kind: "group-removed", group: outcome.data.resource, cause };
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
