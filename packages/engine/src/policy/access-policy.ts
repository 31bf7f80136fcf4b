// Just-in-time policies over time: which ports of which machines may be asked for, from where, and for how long. Before
// the first sight of a policy what it shows is inferred, as with rules (DESIGN 4).

import type { ControlState } from "../decide/decided.js";
import { type AccessPolicyMachine, type ControlEvent, compareControlEvents, type ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import { nameOfId } from "../resource-id.js";
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

/** What evidence tells of one policy; `name` null: only an edit tells, by the id. */
type Told = { readonly policy: ResourceId; readonly name: string | null; readonly fact: PolicyFact };

/** All versions, by policy and time; where a policy was not there, there is none. */
export function accessPolicies(events: readonly ControlEvent[]): AccessPolicyVersion[] {
  const told = groupBy([...sightings(events), ...edits(events)], ({ policy }) => policy.toLowerCase());
  return [...told.values()]
    .filter((own) => own.some(({ fact }) => fact.after.is !== "absent"))
    .sort(([a], [b]) => (a!.policy.toLowerCase() < b!.policy.toLowerCase() ? -1 : 1))
    .flatMap((own) => {
      const { policy, name } = own.find((one) => one.name !== null) ?? own[0]!;
      const facts = own.map(({ fact }) => fact).sort(byTime);
      return versionsOf({ policy, name: name ?? nameOfId(policy) }, facts);
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

function sightings(events: readonly ControlEvent[]): Told[] {
  const seen = currentSnapshots(events).filter((event) => event.type === "access-policy-seen");
  return seen.sort(compareControlEvents).map((event) => {
    const { policy, name, machines, begins } = event.data;
    const existed = begins === true ? false : null;
    const after = { is: "present", machines } as const;
    return { policy, name, fact: { cause: causeOf(event), shown: "by-snapshot", existed, after } };
  });
}

/** A deletion may be of anything: it counts where other evidence tells of a policy. */
function edits(events: readonly ControlEvent[]): Told[] {
  const records = events.filter(({ type }) => type === "access-policy-written" || type === "resource-removed");
  return joinOperations(records).flatMap((operation): Told[] => {
    const { data } = operation.outcome;
    if ("resource" in data) return [{ policy: data.resource, name: null, fact: removalOf(operation) }];
    return "policy" in data ? [{ policy: data.policy, name: null, fact: writingOf(operation) }] : [];
  });
}

function removalOf({ outcome }: Operation): PolicyFact {
  return { cause: causeOf(outcome), shown: "by-edit", existed: true, after: { is: "absent" } };
}

function writingOf(operation: Operation): PolicyFact {
  const machines = bodyOf(operation, (data) => ("machines" in data ? data.machines : null));
  const effects = operation.records.map(({ data }) => data.effect);
  const existed = effects.includes("created") ? false : effects.includes("updated") ? true : null;
  const after = machines === null ? ({ is: "opaque" } as const) : ({ is: "present", machines } as const);
  return { cause: causeOf(operation.outcome), shown: "by-edit", existed, after };
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
