// What the switches of single resources stood at, at any time: as snapshots show them and operations set them.

import type { ControlEvent, ResourceId, Setting } from "../event.js";
import { groupBy } from "../grouping.js";
import { fact, type PastFact } from "../past-fact.js";
import { beginningOfTime, type Micros, toMicros } from "../time.js";
import { joinOperations } from "./operation.js";
import { type Cause, causeOf, type Provenance } from "./rule-version.js";
import { currentSnapshots, type SnapshotEvent } from "./snapshot-evidence.js";

/** Null: as the platform does where nobody set it. */
export type SettingValue = boolean | number | null;

/**
 * `unsettled`: a later snapshot shows it otherwise, and nobody recorded the change; either may hold. `unseen`: no
 * evidence tells, so the platform's default may be taken, as inferred.
 */
export type SettingState =
  | { readonly is: "known"; readonly value: SettingValue; readonly provenance: Provenance; readonly cause: Cause }
  | { readonly is: "unsettled"; readonly candidates: readonly [SettingValue, SettingValue]; readonly cause: Cause }
  | { readonly is: "unseen" };

export type SettingsHistory = {
  /** Instants at which any setting may change, ascending. */
  readonly boundaries: readonly Micros[];
  settingAt(resource: ResourceId, setting: Setting, time: Micros): SettingState;
  /** What may be told of it, with the instant from which it can be. */
  past(): PastFact[];
};

type SettingFact = {
  readonly resource: ResourceId;
  readonly setting: Setting;
  readonly value: SettingValue;
  readonly shown: "by-edit" | "by-snapshot" | "by-making";
  readonly cause: Cause;
};

export function settingsHistory(events: readonly ControlEvent[]): SettingsHistory {
  const facts = [...currentSnapshots(events).flatMap(factsOfSnapshot), ...factsOfOperations(events)];
  const bySetting = groupBy(facts.sort(inOrder), ({ resource, setting }) => keyOf(resource, setting));
  const boundaries = [...new Set(facts.map(({ cause }) => cause.time))];
  const settingAt = (resource: ResourceId, setting: Setting, time: Micros) =>
    stateAt(bySetting.get(keyOf(resource, setting)) ?? [], time);
  const past = () =>
    [...bySetting].flatMap(([key, own]) =>
      timesTold(own).map((time) => fact(time, "setting", key, stateAt(own, time))),
    );
  return { boundaries, settingAt, past };
}

/** At the very instant of a fact, it may tell something else than behind it. */
function timesTold(facts: readonly SettingFact[]): Micros[] {
  return [beginningOfTime, ...new Set(facts.flatMap(({ cause: { time } }) => [time, toMicros(time + 1)]))];
}

function keyOf(resource: ResourceId, setting: Setting): string {
  return `${setting} ${resource.toLowerCase()}`;
}

/** Of one instant, what an edit did counts over what a snapshot shows, and so comes after it. */
function inOrder(a: SettingFact, b: SettingFact): number {
  const edits = Number(a.shown === "by-edit") - Number(b.shown === "by-edit");
  return a.cause.time - b.cause.time || edits || (a.cause.event < b.cause.event ? -1 : 1);
}

function stateAt(facts: readonly SettingFact[], time: Micros): SettingState {
  const index = facts.findLastIndex(({ cause }) => cause.time <= time);
  const [last, next] = [facts[index], facts[index + 1]];
  if (last === undefined) return stateBefore(next);
  const { value, cause } = last;
  const drifted = next?.shown === "by-snapshot" && next.value !== value;
  if (drifted && cause.time < time) return { is: "unsettled", candidates: [value, next.value], cause: next.cause };
  return { is: "known", value, provenance: "recorded", cause };
}

function stateBefore(first: SettingFact | undefined): SettingState {
  if (first?.shown !== "by-snapshot") return { is: "unseen" };
  return { is: "known", value: first.value, provenance: "inferred", cause: first.cause };
}

function factsOfSnapshot(event: SnapshotEvent): SettingFact[] {
  const begins = "begins" in event.data && event.data.begins === true;
  const common = { cause: causeOf(event), shown: begins ? "by-making" : "by-snapshot" } as const;
  const { resource, values } = shownBy(event);
  return values.flatMap(([setting, value]) => (value === undefined ? [] : [{ ...common, resource, setting, value }]));
}

type Shown = {
  readonly resource: ResourceId;
  readonly values: readonly (readonly [Setting, SettingValue | undefined])[];
};

function shownBy(event: SnapshotEvent): Shown {
  switch (event.type) {
    case "security-group-seen":
      return { resource: event.data.group, values: [["flushConnection", event.data.flushConnection]] };
    case "virtual-network-seen":
      return { resource: event.data.network, values: [["flowTimeoutMinutes", event.data.flowTimeoutMinutes]] };
    case "interface-seen":
      return { resource: event.data.interface, values: shownByInterface(event.data) };
    default:
      return { resource: "", values: [] };
  }
}

function shownByInterface(data: Extract<SnapshotEvent, { type: "interface-seen" }>["data"]): Shown["values"] {
  return [
    ["disableTcpStateTracking", data.disableTcpStateTracking],
    ["allowPort25Out", data.allowPort25Out],
    ["tcpEstablishedSeconds", data.connectionTracking?.tcpEstablishedSeconds],
    ["udpStreamSeconds", data.connectionTracking?.udpStreamSeconds],
    ["udpSeconds", data.connectionTracking?.udpSeconds],
  ];
}

function factsOfOperations(events: readonly ControlEvent[]): SettingFact[] {
  return joinOperations(events).flatMap(({ outcome }) => {
    if (outcome.type !== "setting-written") return [];
    const { resource, setting, value } = outcome.data;
    return [{ resource, setting, value, shown: "by-edit" as const, cause: causeOf(outcome) }];
  });
}
