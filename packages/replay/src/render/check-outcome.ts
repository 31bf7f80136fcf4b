// What became of comparing a report with the rules, in words.

import {
  type CheckBasis,
  type CheckClue,
  type CheckOutcome,
  formatInstant,
  nameOfId,
  unreachable,
} from "@conntrail/engine";

const outcomes: { readonly [outcome in CheckOutcome]: { readonly title: string; readonly words: string } } = {
  agrees: { title: "agrees", words: "the rules as we know them say the same" },
  "other-rule": { title: "other rule", words: "the rules as we know them say the same, by another rule" },
  "no-verdict": { title: "no verdict", words: "the sensor sees and does not judge" },
  "no-interface": {
    title: "no interface",
    words: "no interface is known where the sensor stands, and no group that it names",
  },
  "unknown-policy": { title: "policy unknown", words: "the rules are not known well enough to say the same or not" },
  "edit-in-the-same-minute": {
    title: "edit in the minute",
    words: "the rules say otherwise, and changed within a minute of it",
  },
  "opened-before": {
    title: "opened before",
    words: "the rules would deny a new connection: it was opened before",
  },
  "denied-elsewhere": {
    title: "denied elsewhere",
    words: "the group that logged it allows it, and another gate of the interface would deny it",
  },
  "after-close": {
    title: "after the close",
    words:
      "rejected although the rules allow it: a packet after the close of a connection, or of one that was never opened",
  },
  "public-access-blocked": {
    title: "access blocked",
    words: "rejected by block public access of the VPC, which is no rule",
  },
  "platform-rule": { title: "platform rule", words: "the platform itself decided, by what no evidence shows" },
  "address-list": {
    title: "list of another date",
    words: "the rules say otherwise by an address list whose edition of that day is not known",
  },
  unexplained: { title: "unexplained", words: "the rules as we know them say otherwise, and nothing explains it" },
};

export function describeOutcome(outcome: CheckOutcome): string {
  return outcomes[outcome].words;
}

export function outcomeTitle(outcome: CheckOutcome): string {
  return outcomes[outcome].title;
}

/** `edit`: how the edit with this id is named. */
export function describeClue(clue: CheckClue, edit: (event: string) => string): string {
  switch (clue.is) {
    case "edit":
      return clue.event === null
        ? `what the rules rest on changed ${formatInstant(clue.time)}`
        : `edited ${edit(clue.event)}`;
    case "own-record":
      return `the sensor has an earlier record of it, from ${formatInstant(clue.openedAt)} to ${formatInstant(clue.lastSeen)}`;
    case "packets":
      return `flow record ${clue.flow} of captured packets let it pass`;
    case "earlier-rules":
      return clue.event === null
        ? `the rules before ${formatInstant(clue.time)} allow it, and no report tells when it was opened`
        : `the rules before the edit allow it, and no report tells when it was opened: ${edit(clue.event)}`;
    case "no-syn":
      return "the segment opens no connection";
    case "list":
      return listWords(clue);
    case "doubt":
      return doubtWords(clue);
    default:
      return unreachable(clue);
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
