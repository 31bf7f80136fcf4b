// What imports could not read, of the whole case: of each source as its last import found it.

import type { ImportFinished, ProblemCounts, ProblemKind, RecordedEvent } from "@conntrail/engine";
import type { EventLog } from "@conntrail/store";

/** Of one source. */
export type SourceProblems = Pick<ImportFinished["data"], "name" | "problemCount" | "problemsByKind" | "problems"> & {
  readonly sha256: string;
};

export type ProblemsAnswer = {
  readonly problemCount: number;
  readonly problemsByKind: ProblemCounts;
  /** Those with problems, in the order of their last imports. */
  readonly sources: readonly SourceProblems[];
};

export async function importProblems(log: EventLog): Promise<ProblemsAnswer> {
  const last = new Map<string, RecordedEvent<ImportFinished>>();
  for await (const event of log.readAll({ categories: ["import"] })) {
    if (event.type !== "import-finished") continue;
    last.delete(event.source.sha256);
    last.set(event.source.sha256, event);
  }
  const sources = [...last.values()].filter(({ data }) => data.problemCount > 0).map(problemsOf);
  const problemCount = sources.reduce((sum, source) => sum + source.problemCount, 0);
  return { problemCount, problemsByKind: countsTogether(sources), sources };
}

function problemsOf({ source, data }: RecordedEvent<ImportFinished>): SourceProblems {
  const { name, problemCount, problemsByKind, problems } = data;
  return { name, sha256: source.sha256, problemCount, problemsByKind, problems };
}

export function countsTogether(sources: readonly { readonly problemsByKind: ProblemCounts }[]): ProblemCounts {
  const counts = new Map<ProblemKind, number>();
  for (const { problemsByKind } of sources) {
    for (const [kind, count] of Object.entries(problemsByKind) as [ProblemKind, number][]) {
      counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
  }
  return Object.fromEntries([...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)));
}
