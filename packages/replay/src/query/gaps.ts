// What the evidence does not cover: one gap after the other, with what shows it.

import { type Micros, type PlacedInterface, type Position, type ReportingSensor, sameId } from "@conntrail/engine";
import { type Control, readControl, witnessedOpenings } from "@conntrail/store";
import type { Case } from "../case.js";
import { usage } from "../exit-code.js";
import { clockSkews } from "./clock-skew.js";
import { type CoveredTraffic, coveredTraffic, interfacesIn } from "./covered-traffic.js";
import { type Cloud, type Gap, type GapKind, type GapOf, overlaps, spansOf } from "./gap.js";
import { concerns } from "./gap-concern.js";
import { losses, toldHours } from "./losses.js";
import { flowTimeoutGaps, uncoveredGaps } from "./network-gap.js";
import { placeNames } from "./place-name.js";
import { type JudgedTraffic, policyGaps } from "./policy-gap.js";
import { sensorsOf } from "./sensor-silence.js";
import { readSources, type SourceHistory } from "./sources.js";
import { unplacedGaps } from "./witness.js";

export type GapsQuestion = {
  /** Included, and excluded; null: open. Gaps that reach into the span are told whole. */
  readonly since: Micros | null;
  readonly until: Micros | null;
  /** By name or id; null: all. */
  readonly interface: string | null;
  readonly knownAt: Position | null;
};

export type GapsAnswer = {
  /** What loses most first. */
  readonly gaps: readonly Gap[];
  /** What the answer rests on; null: there is no traffic. */
  readonly first: Micros | null;
  readonly last: Micros | null;
  readonly sensors: number;
  readonly captures: number;
  /** Reports of sensors that they had nothing to report: covered, and no gap. */
  readonly quietReports: number;
};

export async function gaps(kase: Case, question: GapsQuestion): Promise<GapsAnswer> {
  const { knownAt } = question;
  const control = await readControl(kase.log, knownAt);
  const covered = coveredTraffic(kase.views, knownAt);
  const told = toldHours(kase);
  const sensors = sensorsOf(told);
  const sources = await readSources(kase.log, knownAt);
  const nameOf = placeNames(sources);
  const all: Gap[] = [
    ...(await losses({ kase, knownAt, sources, network: control.network, covered, told })),
    ...unplacedGaps({ views: kase.views, told, nameOf }),
    ...uncoveredGaps({ ...control, covered, told }),
    ...flowTimeoutGaps({ ...control, covered, told }),
    ...(covered.span === null ? [] : policyGaps(judgedTraffic(sources, { control, covered }))),
    ...clockSkews(isWitnessedTwice(covered, sensors) ? witnessedOpenings(kase.views) : [], nameOf),
  ];
  const places = question.interface === null ? null : placesCalled(question.interface, { control, covered });
  return {
    gaps: all.filter((gap) => isAsked(gap, question) && (places === null || concerns(gap, places))).sort(byWeight),
    first: covered.span?.from ?? null,
    last: covered.span?.to ?? null,
    sensors: sensors.length,
    captures: new Set(covered.captures.map(({ sha256 }) => sha256)).size,
    quietReports: told.reduce((sum, { noData }) => sum + noData, 0),
  };
}

type Gathered = { readonly control: Control; readonly covered: CoveredTraffic };

function isWitnessedTwice({ captures }: CoveredTraffic, sensors: readonly ReportingSensor[]): boolean {
  return sensors.length + new Set(captures.map(({ place }) => place)).size > 1;
}

function judgedTraffic(sources: readonly SourceHistory[], { control, covered }: Gathered): JudgedTraffic {
  const formats = new Map(sources.map(({ sha256, format }) => [sha256, format]));
  const span = covered.span!;
  const places = interfacesIn(control.network, span).flatMap((place) => {
    const seen = covered.interfaces.get(place.id.toLowerCase());
    return seen === undefined ? [] : [{ place, span: seen }];
  });
  return { ...control, places, span, logOf: (sha256) => changeLogs.get(formats.get(sha256) ?? "") ?? null };
}

const changeLogs: ReadonlyMap<string, Cloud> = new Map([
  ["azure-activity-log", "azure"],
  ["aws-cloudtrail", "aws"],
]);

function placesCalled(name: string, { control, covered }: Gathered): PlacedInterface[] {
  const all = covered.span === null ? [] : interfacesIn(control.network, covered.span);
  const found = all.filter((place) => sameId(place.id, name) || sameId(place.name, name));
  if (found.length === 0)
    throw usage(`there is no interface \`${name}\` while there was traffic: see \`conntrail at\``);
  return found;
}

function isAsked(gap: Gap, { since, until }: GapsQuestion): boolean {
  const [from, to] = [since ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY] as [Micros, Micros];
  const spans = spansOf(gap).map((span) => ({ from: span.from, to: Math.max(span.to, span.from + 1) as Micros }));
  return spans.some((span) => overlaps(span, { from, to }));
}

const byLoss: readonly GapKind[] = [
  "missing-hours",
  "skipped",
  "dropped",
  "no-capture",
  "unread-records",
  "unfinished-import",
  "unplaced",
  "uncovered",
  "flow-timeout",
  "clock-skew",
  "rules-late",
  "changes",
  "access-late",
  "list",
  "no-report",
];

/** Nothing of the order of import is in it. */
function byWeight(a: Gap, b: Gap): number {
  return (
    weightOf(a) - weightOf(b) || a.from - b.from || a.to - b.to || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  );
}

/** What is only likely comes behind what is shown. */
function weightOf(gap: Gap): number {
  const isLikely = gap.kind === "missing-hours" && gap.because === "alone-silent";
  return byLoss.indexOf(gap.kind) + (isLikely ? 0.5 : 0);
}

export function gapsOfKind<Kind extends GapKind>(all: readonly Gap[], kind: Kind): GapOf<Kind>[] {
  return all.filter((gap): gap is GapOf<Kind> => gap.kind === kind);
}
