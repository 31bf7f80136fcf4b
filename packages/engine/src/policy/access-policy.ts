// Just-in-time policies over time: which ports of which machines may be asked for, from where, and for how long. Before
// the first sight of a policy what it shows is inferred, as with rules (DESIGN 4).

import type { ControlState } from "../decide/decided.js";
import { nameOfId } from "../decide/inventory.js";
import {
  type AccessPolicyMachine,
  type AccessPolicySeen,
  type ControlEvent,
  compareControlEvents,
  type RecordedEvent,
  type ResourceId,
} from "../event.js";
import { groupBy } from "../grouping.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import { bodyOf, joinOperations, type Operation } from "./operation.js";
import { type Cause, causeOf } from "./rule-version.js";
import { currentSnapshots } from "./snapshot-evidence.js";

/** What a policy said over a span in which nobody changed it. */
export type AccessPolicyVersion = {
  readonly policy: ResourceId;
  readonly name: string;
  readonly from: Micros;
  readonly to: Micros;
  /** The first instant at which evidence shows this content; before it the version is inferred. */
  readonly recordedFrom: Micros;
  readonly content: AccessPolicyContent;
  readonly begunBy: Cause | null;
  readonly endedBy: Cause | null;
};

export type AccessPolicyContent =
  | { readonly is: "known"; readonly machines: readonly AccessPolicyMachine[] }
  | { readonly is: "unknown"; readonly because: string };

type PolicySeen = RecordedEvent<AccessPolicySeen>;

/** What one event says of a policy. `opaque`: written, and the record does not say what. */
type PolicyFact = {
  readonly cause: Cause;
  readonly shown: "by-snapshot" | "by-edit";
  readonly existed: boolean | null;
  readonly after:
    | { readonly is: "present"; readonly machines: readonly AccessPolicyMachine[] }
    | { readonly is: "absent" | "opaque" };
};

type Held = AccessPolicyContent | null;

/** All versions, by policy and time; where a policy was not there, there is none. */
export function accessPolicies(events: readonly ControlEvent[]): AccessPolicyVersion[] {
  const snapshots = currentSnapshots(events).filter((event) => event.type === "access-policy-seen");
  const sightings = snapshots.sort(compareControlEvents);
  const operations = joinOperations(events);
  const policyOf = ({ outcome: { data } }: Operation) => ("policy" in data ? data.policy : null);
  const seen = sightings.map(({ data }) => data.policy);
  const written = operations.filter(({ outcome }) => outcome.type === "access-policy-written").map(policyOf);
  const ids = groupBy(
    [...seen, ...written].filter((id) => id !== null),
    (id) => id.toLowerCase(),
  );
  return [...ids]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, [id]]) => {
      const shown = sightings.find(({ data }) => data.policy.toLowerCase() === key);
      const facts = [
        ...sightings.filter(({ data }) => data.policy.toLowerCase() === key).map(factOfSighting),
        ...operations.flatMap((operation) => factOfOperation(operation, key)),
      ].sort(byTime);
      return versionsOf({ policy: shown?.data.policy ?? id!, name: shown?.data.name ?? nameOfId(id!) }, facts);
    });
}

/** A policy as a decision finds it. `because`: why it is not known what it says; then there are no machines. */
export type PolicyInForce = {
  readonly id: ResourceId;
  readonly name: string;
  readonly machines: readonly AccessPolicyMachine[];
  readonly because: string | null;
};

export function policiesInForce({ events, at }: Pick<ControlState, "events" | "at">): PolicyInForce[] {
  const inForce = accessPolicies(events).filter(({ from, to }) => from <= at && at < to);
  return inForce.map(({ policy: id, name, content }) =>
    content.is === "known"
      ? { id, name, machines: content.machines, because: null }
      : { id, name, machines: [], because: content.because },
  );
}

/** Whether two policies allow the same, in whatever order they list it. */
export function sameMachines(a: readonly AccessPolicyMachine[], b: readonly AccessPolicyMachine[]): boolean {
  return meaning(a) === meaning(b);
}

function factOfSighting(event: PolicySeen): PolicyFact {
  const { machines, begins } = event.data;
  const existed = begins === true ? false : null;
  return { cause: causeOf(event), shown: "by-snapshot", existed, after: { is: "present", machines } };
}

function factOfOperation(operation: Operation, key: string): PolicyFact[] {
  const { outcome, records } = operation;
  const edit = { cause: causeOf(outcome), shown: "by-edit" } as const;
  if (outcome.type === "resource-removed" && outcome.data.resource.toLowerCase() === key) {
    return [{ ...edit, existed: true, after: { is: "absent" } }];
  }
  if (outcome.type !== "access-policy-written" || outcome.data.policy.toLowerCase() !== key) return [];
  const machines = bodyOf(operation, (data) => ("machines" in data ? data.machines : null));
  const effects = records.map(({ data }) => data.effect);
  const existed = effects.includes("created") ? false : effects.includes("updated") ? true : null;
  return [{ ...edit, existed, after: machines === null ? { is: "opaque" } : { is: "present", machines } }];
}

function byTime(a: PolicyFact, b: PolicyFact): number {
  return a.cause.time - b.cause.time || (a.cause.event < b.cause.event ? -1 : 1);
}

function versionsOf(
  names: Pick<AccessPolicyVersion, "policy" | "name">,
  facts: readonly PolicyFact[],
): AccessPolicyVersion[] {
  const versions: AccessPolicyVersion[] = [];
  for (let index = -1; index < facts.length; index++) {
    const [fact, next] = [facts[index] ?? null, facts[index + 1] ?? null];
    const content = fact === null ? heldBefore(next!) : heldBetween(fact, next);
    const from = fact?.cause.time ?? beginningOfTime;
    const to = next?.cause.time ?? endOfTime;
    const recordedFrom = fact?.after.is === "present" ? from : to;
    const [begunBy, endedBy] = [causeOfEdit(fact), causeOfEdit(next)];
    if (content !== null && from < to)
      extend(versions, { ...names, from, to, recordedFrom, content, begunBy, endedBy });
  }
  return versions;
}

function causeOfEdit(fact: PolicyFact | null): Cause | null {
  return fact?.shown === "by-edit" ? fact.cause : null;
}

/** Neighbours that say the same are one version. */
function extend(versions: AccessPolicyVersion[], next: AccessPolicyVersion): void {
  const last = versions.at(-1);
  if (last === undefined || last.to !== next.from || !sameContent(last.content, next.content)) versions.push(next);
  else versions[versions.length - 1] = { ...last, to: next.to, endedBy: next.endedBy };
}

function heldBefore({ shown, existed, after }: PolicyFact): Held {
  if (existed === true) return unknown("it was there before the first recorded edit, and what it said is not recorded");
  if (shown === "by-edit" || existed === false) return null;
  return after.is === "present" ? { is: "known", machines: after.machines } : null;
}

function heldBetween({ after }: PolicyFact, next: PolicyFact | null): Held {
  const seenNext = next?.shown === "by-snapshot" && next.after.is === "present" ? next.after.machines : null;
  if (after.is === "opaque") {
    if (seenNext !== null) return { is: "known", machines: seenNext };
    return unknown("it was written, and the record does not say what");
  }
  const held = after.is === "present" ? after.machines : null;
  if (seenNext !== null && (held === null || !sameMachines(held, seenNext))) {
    return unknown("a later snapshot shows it otherwise, and no edit between is recorded");
  }
  return held === null ? null : { is: "known", machines: held };
}

function unknown(because: string): AccessPolicyContent {
  return { is: "unknown", because };
}

function sameContent(a: AccessPolicyContent, b: AccessPolicyContent): boolean {
  return a.is === "known" && b.is === "known" && sameMachines(a.machines, b.machines);
}

function meaning(machines: readonly AccessPolicyMachine[]): string {
  const ports = (machine: AccessPolicyMachine) =>
    machine.ports.map(({ port, protocol, sources, maxDurationSeconds }) =>
      JSON.stringify([port, protocol, [...sources].sort(), maxDurationSeconds]),
    );
  return JSON.stringify(machines.map((machine) => [machine.machine.toLowerCase(), ports(machine).sort()]).sort());
}
