// What sensors reported held against our own verdicts: how often they agree, by sensor and rule, and each disagreement
// with its likeliest cause.

import {
  type Cause,
  causeOf,
  type Micros,
  microsPerHour,
  type Position,
  type ReportedRule,
  type ReportingSensor,
  ruleName,
  type Standing,
  toMicros,
} from "@conntrail/engine";
import { type CheckSpan, type CheckTallyTable, checkTallies, readControl } from "@conntrail/store";
import type { Case } from "../case.js";
import { type CheckCounts, type CheckLine, countsOf, linesOf, ruleOf, standingsOf } from "./check-counts.js";
import { type DisagreementsAsked, type DisagreementsFound, disagreementsOf } from "./disagreements.js";
import { type ListInUse, listsInUse } from "./lists-in-use.js";
import { positionsOf } from "./rules.js";
import { type UnplacedSensor, unplacedSensors } from "./unplaced-sensors.js";

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

export type CheckAnswer = DisagreementsFound & {
  /** Whole hours. */
  readonly span: CheckSpan;
  readonly counts: CheckCounts;
  readonly lines: readonly CheckLine[];
  /** Sensors whose interface is not known, where that leaves reports uncompared. */
  readonly unplaced: readonly UnplacedSensor[];
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
  const found = await disagreementsOf(kase, tallies, { ...span, ...namesIn(tallies, question), limit });
  return {
    span,
    counts: countsOf(tallies),
    lines: linesOf(tallies),
    ...found,
    unplaced: unplacedSensors(tallies),
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
type Names = Pick<DisagreementsAsked, "sensors" | "rules">;

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
