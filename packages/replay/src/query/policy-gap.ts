// What is not known of rules while there was traffic: groups whose history begins late, changes that no log tells of,
// just-in-time policies that were seen late, address lists of another date.

import {
  accessPolicies,
  beginningOfTime,
  type ControlEvent,
  type ControlFact,
  type GroupHistory,
  groupBy,
  groupNamed,
  type Micros,
  type PlacedInterface,
  type PolicyHistory,
  type ResourceId,
  sameId,
} from "@conntrail/engine";
import { type ChangesTold, changesTold, untoldChanges } from "./change-gap.js";
import { type Cloud, commonSpan, type GapOf, type GapSpan } from "./gap.js";
import { listGaps } from "./list-gap.js";

export type JudgedTraffic = {
  readonly events: readonly ControlEvent[];
  readonly policy: PolicyHistory;
  /** Interfaces with traffic, and when. */
  readonly places: readonly { readonly place: PlacedInterface; readonly span: GapSpan }[];
  /** Of all traffic. */
  readonly span: GapSpan;
  /** Of which cloud's log of changes a source is; null: of none. */
  readonly logOf: (sha256: string) => Cloud | null;
};

export function policyGaps(judged: JudgedTraffic) {
  const told = changesTold(judged);
  return [
    ...lateGroups(judged, told),
    ...untoldChanges(judged, told),
    ...lateAccess(judged, told),
    ...listGaps(judged),
  ];
}

type LateGroup = GapSpan & Pick<GapOf<"rules-late">, "doubt" | "because"> & { readonly group: ResourceId };

/** Groups with the same gap stand together. */
function lateGroups(judged: JudgedTraffic, told: ChangesTold): GapOf<"rules-late">[] {
  const late = [...guardSpans(judged)].flatMap(([group, guard]) => latenessOf(group, { ...guard, judged, told }));
  return [...groupBy(late, ({ from, to, because }) => `${from} ${to} ${because}`).values()].map((own) => {
    const { group: _, ...gap } = own[0]!;
    return { kind: "rules-late", ...gap, groups: own.map(({ group }) => group).sort() };
  });
}

type Guard = { readonly cloud: Cloud; readonly span: GapSpan };

/** The groups that stand before interfaces with traffic, and when there was traffic at them. */
function guardSpans({ places, span: all }: JudgedTraffic): Map<ResourceId, Guard> {
  const guards = new Map<ResourceId, Guard>();
  for (const { place, span } of places) {
    for (const gate of Object.values(place.gates)) {
      for (const group of gate.is === "groups" ? gate.groups : []) {
        const key = group.toLowerCase();
        const known = guards.get(key)?.span ?? span;
        const from = Math.max(Math.min(known.from, span.from), all.from) as Micros;
        const to = Math.min(Math.max(known.to, span.to), all.to) as Micros;
        guards.set(key, { cloud: place.platform, span: { from, to } });
      }
    }
  }
  return guards;
}

type Guarded = Guard & { readonly judged: JudgedTraffic; readonly told: ChangesTold };

function latenessOf(group: ResourceId, { cloud, span, judged, told }: Guarded): LateGroup[] {
  const history = groupNamed(judged.policy, group);
  if (history === null) return [{ group, ...span, doubt: "unknown", because: "the group was never seen" }];
  const blind = history.spans.filter(({ is }) => is === "blind");
  const unknown = blind.flatMap((own): LateGroup[] => {
    const common = commonSpan(own, span);
    return common === null ? [] : [{ group: history.group, ...common, doubt: "unknown", because: own.because }];
  });
  return [...unknown, ...inferredBefore(history, { span, told: told(cloud), events: judged.events })];
}

type Told = { readonly span: GapSpan; readonly told: GapSpan | null; readonly events: readonly ControlEvent[] };

/** Before anything tells of the group, or could have told of its changes. */
function inferredBefore({ group, spans }: GroupHistory, { span, told, events }: Told): LateGroup[] {
  const first = spans.find(({ is, from }) => is === "inferred" && from === beginningOfTime);
  if (first === undefined) return [];
  const to = Math.min(first.to, told?.from ?? first.to, firstSight(events, group) ?? first.to) as Micros;
  const common = commonSpan({ from: first.from, to }, span);
  return common === null ? [] : [{ group, ...common, doubt: "inferred", because: first.because }];
}

const rulesTold: ReadonlySet<string> = new Set<ControlFact["type"]>([
  "security-group-seen",
  "security-group-written",
  "security-rule-written",
  "security-rule-deleted",
]);

function firstSight(events: readonly ControlEvent[], group: ResourceId): Micros | null {
  const isOwn = ({ type, data }: ControlEvent) =>
    rulesTold.has(type) && "group" in data && data.group !== null && sameId(data.group, group);
  const own = events.filter(isOwn);
  return own.reduce<Micros | null>((least, { time }) => (least === null || time < least ? time : least), null);
}

function lateAccess({ events, span }: JudgedTraffic, told: ChangesTold): GapOf<"access-late">[] {
  const start = told("azure")?.from ?? null;
  return accessPolicies(events).flatMap(({ policy, name, from, to, recordedFrom, content }) => {
    const isUnknown = content.is === "unknown";
    const end = isUnknown ? to : (Math.min(recordedFrom, start ?? recordedFrom) as Micros);
    const common = commonSpan({ from, to: end }, span);
    if (common === null) return [];
    return [{ kind: "access-late" as const, policy, name, doubt: isUnknown ? "unknown" : "inferred", ...common }];
  });
}
