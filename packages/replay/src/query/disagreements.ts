// Where reports and the rules differ: the worst first, each with what it rests on and where its first record stands; and why
// others could not be compared.

import type { CheckClue, CheckOutcome, DerivedRule, ReportedRule, ReportingSensor } from "@conntrail/engine";
import {
  type CheckTallyTable,
  type ClueCount,
  clueCounts,
  type DisagreementFilter,
  type DisagreementRow,
  disagreementCount,
  disagreements,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { ruleOf } from "./check-counts.js";
import { type ReportAddress, reportedAt } from "./report-address.js";

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

export type DisagreementsFound = {
  readonly disagreements: readonly DisagreementAnswer[];
  /** How many more there are. */
  readonly more: number;
  /** Why reports could not be compared for want of policy. */
  readonly doubts: readonly Doubted[];
};

/** Whose disagreements, and how many of them at most. */
export type DisagreementsAsked = Omit<DisagreementFilter, "outcome">;

const mostDoubts = 40;

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

export async function disagreementsOf(
  kase: Case,
  tallies: readonly CheckTallyTable[],
  asked: DisagreementsAsked,
): Promise<DisagreementsFound> {
  const { limit } = asked;
  const shown: DisagreementRow[] = [];
  let all = 0;
  for (const outcome of inOrder.filter((own) => tallies.some((tally) => tally.outcome === own))) {
    const filter = { ...asked, outcome, limit: limit - shown.length };
    all += disagreementCount(kase.views, filter);
    if (filter.limit > 0) shown.push(...disagreements(kase.views, filter));
  }
  const told: DisagreementAnswer[] = [];
  for (const row of shown) told.push(await answerOf(kase, row));
  const doubts = clueCounts(kase.views, { ...asked, outcome: "unknown-policy", limit: mostDoubts });
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
