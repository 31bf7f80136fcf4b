// The problems of a case: a summary by kind, then one row each.

import type { ProblemCounts } from "@conntrail/engine";
import type { ProblemsAnswer } from "../query/problems.js";
import { formatCount, plural } from "./amount.js";
import type { Style } from "./style.js";
import { tableParts } from "./table.js";

/** `7 malformed, 3 missing-field`; those of older imports have no kind. */
export function kindsText(counts: ProblemCounts, total: number): string {
  const kinds = Object.entries(counts).map(([kind, count]) => [kind, count] as const);
  const rest = total - kinds.reduce((sum, [, count]) => sum + count, 0);
  const all = rest > 0 ? [...kinds, ["of no kind", rest] as const] : kinds;
  return all.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(", ");
}

export function* renderProblems(answer: ProblemsAnswer, style: Style): Iterable<string> {
  const { problemCount, problemsByKind, sources } = answer;
  if (problemCount === 0) return yield "no problems: every record was read";
  const where = plural(sources.length, "file");
  yield `${plural(problemCount, "problem")} in ${where}: ${kindsText(problemsByKind, problemCount)}`;
  yield "";
  yield* tableParts(["file", "record", "kind", "message"], () => rowsOf(answer), style);
  for (const { name, problemCount: all, problems } of sources) {
    if (all > problems.length) yield `${name}: and ${formatCount(all - problems.length)} more, which are only counted`;
  }
}

function* rowsOf({ sources }: ProblemsAnswer): Iterable<readonly string[]> {
  for (const { name, problems } of sources) {
    for (const { record, kind, message } of problems)
      yield [name, record === null ? "-" : `${record}`, kind ?? "-", message];
  }
}

/** One each. */
export function problemItems({ sources }: ProblemsAnswer) {
  return sources.flatMap(({ name, sha256, problems }) =>
    problems.map(({ kind, record, offset = null, message }) => ({ file: name, sha256, kind, record, offset, message })),
  );
}
