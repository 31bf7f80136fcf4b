// What became of comparing a report with the rules, in words.

import {
  type CheckBasis,
  type CheckClue,
  type CheckOutcome,
  formatInstant,
  type Micros,
  nameOfId,
  unreachable,
} from "@conntrail/engine";

const outcomes: { readonly [outcome in CheckOutcome]: { readonly title: string; readonly words: string } } = {
  agrees: { title: "agrees", words: "the rules as we know them say the same" },
  "other-rule": { title: "by another rule", words: "the rules as we know them say the same, by another rule" },
  "no-verdict": { title: "without a verdict", words: "the sensor sees and does not judge" },
  "no-interface": {
    title: "of no known interface",
    words: "no interface is known where the sensor stands, and no group that it names",
  },
  "unknown-policy": { title: "of unknown policy", words: "the rules are not known well enough to say the same or not" },
  "edit-in-the-same-minute": {
    title: "at an edit",
    words: "the rules changed within a minute of it",
  },
  "opened-before": {
    title: "opened before",
    words: "it was opened before, and the rules would deny only a new connection",
  },
  "denied-elsewhere": {
    title: "denied elsewhere",
    words: "the group that logged it allows it, and another gate of the interface denies it",
  },
  "after-close": {
    title: "after the close",
    words: "AWS rejects packets of a closed connection, and of one that was never opened, although the rules allow it",
  },
  "public-access-blocked": {
    title: "public access blocked",
    words: "rejected by block public access of the VPC, which is no rule",
  },
  "platform-rule": { title: "by the platform", words: "the platform itself decided, by what no evidence shows" },
  "address-list": {
    title: "by a list of another date",
    words: "the rules say otherwise by an address list, and its edition of that day is not known",
  },
  unexplained: { title: "unexplained", words: "nothing in the evidence explains it" },
};

export function describeOutcome(outcome: CheckOutcome): string {
  return outcomes[outcome].words;
}

export function outcomeTitle(outcome: CheckOutcome): string {
  return outcomes[outcome].title;
}

const instants: readonly string[] = ["time", "openedAt", "lastSeen", "edition"];

/** With instants as text. */
export function clueData(clue: CheckClue | null): object | null {
  if (clue === null) return null;
  const told = Object.entries(clue).map(([name, value]) =>
    instants.includes(name) && typeof value === "number" ? [name, formatInstant(value as Micros)] : [name, value],
  );
  return Object.fromEntries(told);
}

/** `edit`: how the edit with this id is named. */
export function describeClue(clue: CheckClue, edit: (event: string) => string): string {
  switch (clue.is) {
    case "edit":
      return clue.event === null
        ? `what the rules rest on changed ${formatInstant(clue.time)}`
        : `edited ${edit(clue.event)}`;
    case "own-record":
      return `the sensor tells of the same connection from ${formatInstant(clue.openedAt)} to ${formatInstant(clue.lastSeen)}`;
    case "packets":
      return `flow record ${clue.flow} of captured packets let it pass`;
    case "earlier-rules":
      return clue.event === null
        ? `no report tells when, and the rules before ${formatInstant(clue.time)} allow it`
        : `no report tells when, and the rules before the edit of ${edit(clue.event)} allow it`;
    case "no-syn":
      return "its segments open none";
    case "list":
      return listWords(clue);
    case "gate":
      return gateWords(clue);
    case "named-rule":
      return namedWords(clue, edit);
    case "doubt":
      return doubtWords(clue);
    default:
      return unreachable(clue);
  }
}

function gateWords({ gate, group, rule }: Extract<CheckClue, { is: "gate" }>): string {
  const by = rule === null ? "" : ` \`${rule}\` of`;
  return `${by}${group === null ? "" : ` ${nameOfId(group)}`} at the ${gate} gate`.trimStart();
}

/** The edit tells its own time. */
function namedWords(clue: Extract<CheckClue, { is: "named-rule" }>, edit: (event: string) => string): string {
  const { group, was, time, event } = clue;
  const when = event === null ? (time === null ? "" : formatInstant(time)) : edit(event);
  switch (was) {
    case "never-seen":
      return `no evidence shows a rule of that name in ${nameOfId(group)}`;
    case "gone":
      return `the rule that the log names had ended ${when}`;
    case "not-yet":
      return `the rule that the log names began later, ${when}`;
    default:
      return unreachable(was);
  }
}

function doubtWords({ group, rule, because }: Extract<CheckClue, { is: "doubt" }>): string {
  const of = group === null ? "" : `${nameOfId(group)}: `;
  return rule === null ? `${of}${because}` : `${of}rule \`${rule}\`: ${because}`;
}

function listWords({ list, edition }: Extract<CheckClue, { is: "list" }>): string {
  const name = list === null ? "address lists" : `\`${list}\``;
  return edition === null
    ? `what ${name} held then is only inferred from a later edition`
    : `it would agree by the edition of ${name} in force ${formatInstant(edition)}`;
}

/** What is held against the report; empty for all gates of the interface. */
export function describeBasis(basis: CheckBasis): string {
  switch (basis) {
    case "all-gates":
    case "own-gate":
    case "platform":
      return "";
    case "group-alone":
      return "by the rules of the named group alone, which no evidence shows at that interface";
    default:
      return unreachable(basis);
  }
}
