// What sensors reported held against our own verdicts: how often they agree, by sensor and rule, and each disagreement
// with its likeliest cause.

import {
  type Cause,
  type CheckClue,
  type CheckOutcome,
  causeOf,
  type DerivedRule,
  groupBy,
  type Micros,
  microsPerHour,
  nameOfId,
  type Position,
  type ReportedRule,
  type ReportingSensor,
  type ResourceId,
  ruleName,
  type Standing,
  toMicros,
} from "@conntrail/engine";
import {
  type CheckSpan,
  type CheckTallyTable,
  type ClueCount,
  checkTallies,
  clueCounts,
  type DisagreementRow,
  disagreementCount,
  disagreements,
  readControl,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { type ListInUse, listsInUse } from "./lists-in-use.js";
import { type ReportAddress, reportedAt } from "./report-address.js";
import { positionsOf } from "./rules.js";

export type CheckQuestion = {
  /** Included, and excluded; counted by whole hours, so that the hours of both count whole. */
  readonly since: Micros | null;
  readonly until: Micros | null;
  /** As logged, with or without its prefix; null: all. */
  readonly rule: string | null;
  /** Its kind, interface, MAC address, or what is logged; null: all. */
  readonly sensor: string | null;
  /** So many disagreements at most. */
  readonly limit: number;
  readonly knownAt: Position | null;
};

/** Reports by outcome. */
export type CheckCounts = ReadonlyMap<CheckOutcome, number>;

export type CheckLine = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly counts: CheckCounts;
};

export type DisagreementAnswer = {
  readonly row: DisagreementRow;
  readonly outcome: CheckOutcome;
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly derivedRule: DerivedRule | null;
  readonly clue: CheckClue | null;
  /** Of the first of them. */
  readonly address: ReportAddress | null;
};

export type Doubted = { readonly clue: CheckClue | null; readonly reports: number };

export type Unplaced = {
  readonly sensor: ReportingSensor;
  /** That they name by full ids, and nobody showed. */
  readonly groups: readonly ResourceId[];
  readonly reports: number;
};

export type CheckAnswer = {
  /** Whole hours. */
  readonly span: CheckSpan;
  readonly counts: CheckCounts;
  readonly lines: readonly CheckLine[];
  readonly disagreements: readonly DisagreementAnswer[];
  /** How many more there are. */
  readonly more: number;
  /** Why reports could not be compared for want of policy. */
  readonly doubts: readonly Doubted[];
  /** Sensors whose interface is not known, where that leaves reports uncompared. */
  readonly unplaced: readonly Unplaced[];
  /** Whether not all reports were asked for. */
  readonly isNarrowed: boolean;
  /** Compared reports by how firm our own answer is. */
  readonly standings: ReadonlyMap<Standing, number>;
  /** What the answer rests on: when sensors reported, and which editions of lists rules name. */
  readonly first: Micros | null;
  readonly last: Micros | null;
  readonly sensors: number;
  readonly lists: readonly ListInUse[];
  /** The edit that a clue names; null: the log no longer holds it. */
  editOf(event: string): Cause | null;
  readonly positions: ReadonlyMap<string, Position>;
};

export async function check(kase: Case, question: CheckQuestion): Promise<CheckAnswer> {
  const { knownAt, limit } = question;
  const span = wholeHours(question);
  const tallies = checkTallies(kase.views, span).filter(asked(question));
  const { events, policy } = await readControl(kase.log, knownAt);
  const edits = new Map(events.map((event) => [event.id, event]));
  const found = await disagreementsOf(kase, tallies, { span, names: namesIn(tallies, question), limit });
  return {
    span,
    counts: countsOf(tallies),
    lines: linesOf(tallies),
    ...found,
    unplaced: unplacedIn(tallies),
    isNarrowed: [question.since, question.until, question.rule, question.sensor].some((own) => own !== null),
    standings: standingsOf(tallies),
    first: firstOf(tallies),
    last: lastOf(tallies),
    sensors: new Set(tallies.map(({ sensor }) => sensor)).size,
    lists: listsInUse(events, policy),
    editOf: (event) => (edits.has(event) ? causeOf(edits.get(event)!) : null),
    positions: positionsOf(events),
  };
}

function wholeHours({ since, until }: CheckQuestion): CheckSpan {
  return {
    from: since === null ? null : toMicros(Math.floor(since / microsPerHour) * microsPerHour),
    to: until === null ? null : toMicros(Math.ceil(until / microsPerHour) * microsPerHour),
  };
}

function asked({ rule, sensor }: CheckQuestion): (tally: CheckTallyTable) => boolean {
  const isRule = (text: string) => rule === null || isCalledRule(ruleOf(text), rule);
  const isSensor = (text: string) => sensor === null || isCalledSensor(JSON.parse(text) as ReportingSensor, sensor);
  return (tally) => isRule(tally.rule) && isSensor(tally.sensor);
}

/** As the views write them, of what was asked for; null: all. */
type Names = { readonly sensors: readonly string[] | null; readonly rules: readonly string[] | null };

function namesIn(tallies: readonly CheckTallyTable[], { sensor, rule }: CheckQuestion): Names {
  const own = (name: "sensor" | "rule") => [...new Set(tallies.map((tally) => tally[name]))];
  return { sensors: sensor === null ? null : own("sensor"), rules: rule === null ? null : own("rule") };
}

function isCalledRule(rule: ReportedRule | null, wanted: string): boolean {
  return rule?.rule != null && ruleName(rule.rule) === ruleName(wanted);
}

/** Ids by their last part, too, and MAC addresses in any spelling. */
function isCalledSensor({ kind, interface: id, mac, resource }: ReportingSensor, wanted: string): boolean {
  const name = wanted.toLowerCase();
  const ids = [id, resource].flatMap((own) => (own === null ? [] : [own.toLowerCase()]));
  const isMac = mac !== null && mac === name.replace(/[-:.]/g, "");
  return kind === name || isMac || ids.some((own) => own === name || own.endsWith(`/${name}`));
}

function ruleOf(text: string): ReportedRule | null {
  return text === "" ? null : (JSON.parse(text) as ReportedRule);
}

function countsOf(tallies: readonly CheckTallyTable[]): CheckCounts {
  const counts = new Map<CheckOutcome, number>();
  for (const { outcome, reports } of tallies) {
    counts.set(outcome as CheckOutcome, (counts.get(outcome as CheckOutcome) ?? 0) + reports);
  }
  return counts;
}

/** Those with the most that nothing explains first, then those with the most reports. */
function linesOf(tallies: readonly CheckTallyTable[]): CheckLine[] {
  const byNames = groupBy(tallies, ({ sensor, rule }) => `${sensor}\n${rule}`);
  const lines = [...byNames.values()].map((own) => ({
    sensor: JSON.parse(own[0]!.sensor) as ReportingSensor,
    rule: ruleOf(own[0]!.rule),
    counts: countsOf(own),
  }));
  const open = ({ counts }: CheckLine) => counts.get("unexplained") ?? 0;
  return lines.sort((a, b) => open(b) - open(a) || total(b.counts) - total(a.counts));
}

function unplacedIn(tallies: readonly CheckTallyTable[]): Unplaced[] {
  const bySensor = groupBy(
    tallies.filter(({ outcome, basis }) => outcome === "no-interface" || isDoubtOfGroupAlone({ outcome, basis })),
    ({ sensor }) => sensor,
  );
  const unplaced = [...bySensor].map(([sensor, own]) => ({
    sensor: JSON.parse(sensor) as ReportingSensor,
    groups: [...new Set(own.flatMap(unknownGroup))],
    reports: own.reduce((sum, { reports }) => sum + reports, 0),
  }));
  return unplaced.sort((a, b) => b.reports - a.reports);
}

function isDoubtOfGroupAlone({ outcome, basis }: Pick<CheckTallyTable, "outcome" | "basis">): boolean {
  return outcome === "unknown-policy" && basis === "group-alone";
}

function unknownGroup({ rule, outcome }: CheckTallyTable): ResourceId[] {
  const group = ruleOf(rule)?.group ?? null;
  return outcome === "no-interface" && group !== null && nameOfId(group) !== group ? [group] : [];
}

function standingsOf(tallies: readonly CheckTallyTable[]): ReadonlyMap<Standing, number> {
  const sums = new Map<Standing, number>();
  for (const { standing, outcome, reports } of tallies) {
    if (apart.includes(outcome as CheckOutcome)) continue;
    sums.set(standing as Standing, (sums.get(standing as Standing) ?? 0) + reports);
  }
  return sums;
}

export function total(counts: CheckCounts): number {
  return [...counts.values()].reduce((sum, reports) => sum + reports, 0);
}

/** The verdict is the same. */
const agreeing: readonly CheckOutcome[] = ["agrees", "other-rule"];
/** Nothing is held against these. */
const apart: readonly CheckOutcome[] = ["no-verdict", "no-interface", "unknown-policy"];

export type CheckSummary = {
  /** By sensors that judge. */
  readonly judged: number;
  readonly compared: number;
  readonly agreed: number;
  readonly unexplained: number;
  /** Neither agreed nor unexplained. */
  readonly explained: number;
  readonly notCompared: number;
};

export function summaryOf(counts: CheckCounts): CheckSummary {
  const sum = (outcomes: readonly CheckOutcome[]) =>
    outcomes.reduce((reports, outcome) => reports + (counts.get(outcome) ?? 0), 0);
  const compared = total(counts) - sum(apart);
  const [agreed, unexplained] = [sum(agreeing), sum(["unexplained"])];
  const notCompared = sum(["no-interface", "unknown-policy"]);
  const judged = compared + notCompared;
  return { judged, compared, agreed, unexplained, explained: compared - agreed - unexplained, notCompared };
}

/** The worst first. */
const inOrder: readonly CheckOutcome[] = [
  "unexplained",
  "platform-rule",
  "denied-elsewhere",
  "address-list",
  "after-close",
  "public-access-blocked",
  "opened-before",
  "edit-in-the-same-minute",
  "other-rule",
];

type Found = Pick<CheckAnswer, "disagreements" | "more" | "doubts">;

async function disagreementsOf(
  kase: Case,
  tallies: readonly CheckTallyTable[],
  { span, names, limit }: { readonly span: CheckSpan; readonly names: Names; readonly limit: number },
): Promise<Found> {
  const shown: DisagreementRow[] = [];
  let all = 0;
  for (const outcome of inOrder.filter((own) => tallies.some((tally) => tally.outcome === own))) {
    const filter = { ...span, ...names, outcome, limit: limit - shown.length };
    all += disagreementCount(kase.views, filter);
    if (filter.limit > 0) shown.push(...disagreements(kase.views, filter));
  }
  const told: DisagreementAnswer[] = [];
  for (const row of shown) told.push(await answerOf(kase, row));
  const doubts = clueCounts(kase.views, { ...span, ...names, outcome: "unknown-policy", limit });
  return { disagreements: told, more: all - told.length, doubts: doubts.map(doubtedOf) };
}

function doubtedOf({ clue, reports }: ClueCount): Doubted {
  return { clue: clueOf(clue), reports };
}

function clueOf(text: string): CheckClue | null {
  return text === "" ? null : (JSON.parse(text) as CheckClue);
}

async function answerOf(kase: Case, row: DisagreementRow): Promise<DisagreementAnswer> {
  return {
    row,
    outcome: row.outcome as CheckOutcome,
    sensor: JSON.parse(row.sensor) as ReportingSensor,
    rule: ruleOf(row.rule),
    derivedRule: row.derived_rule === "" ? null : (JSON.parse(row.derived_rule) as DerivedRule),
    clue: clueOf(row.clue),
    address: await reportedAt(kase, row),
  };
}

function firstOf(tallies: readonly CheckTallyTable[]): Micros | null {
  return tallies.reduce<Micros | null>(
    (least, { first }) => (least === null || first < least ? (first as Micros) : least),
    null,
  );
}

function lastOf(tallies: readonly CheckTallyTable[]): Micros | null {
  return tallies.reduce<Micros | null>(
    (most, { last }) => (most === null || last > most ? (last as Micros) : most),
    null,
  );
}
