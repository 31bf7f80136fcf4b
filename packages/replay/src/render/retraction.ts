// Why a source could not be taken back, or had been before.

import { formatInstant, type RecordedEvent } from "@conntrail/engine";
import type { RetractionOutcome } from "../appending/retract-source.js";
import type { SourceHistory } from "../query/sources.js";

const mostListed = 20;

export function describeUnretracted(
  named: string,
  outcome: Extract<RetractionOutcome, { readonly is: "unknown" | "ambiguous" }>,
): string {
  if (outcome.is === "ambiguous") {
    return `\`${named}\` may be ${listed(outcome.candidates, " or ")}: give more digits of the SHA-256`;
  }
  if (outcome.all.length === 0) return `\`${named}\` is no source: nothing was imported into this case`;
  return `\`${named}\` is no source of this case, which has ${listed(outcome.all, ", ")}: see \`conntrail sources\``;
}

export function retractedAlready(named: string, { position, recordedAt }: RecordedEvent): string {
  return `\`${named}\` was retracted already, at log position ${position} on ${formatInstant(recordedAt)}; nothing to do`;
}

function listed(sources: readonly SourceHistory[], between: string): string {
  const shown = sources.slice(0, mostListed).map(({ sha256, names }) => `${sha256.slice(0, 12)} (${names.join(", ")})`);
  const hidden = sources.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`${hidden} more`] : [])].join(between);
}
