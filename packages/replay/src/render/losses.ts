// The line with which an answer is told where traffic was lost.

import type { Loss } from "../query/gap.js";
import { plural } from "./amount.js";

/** Null: nothing was lost. */
export function lossesNote(lost: readonly Loss[]): string | null {
  if (lost.length === 0) return null;
  return `note: traffic of this span was lost, so counts may be too low, and what is not here may have been there: ${plural(lost.length, "gap")}, see \`conntrail gaps\``;
}
