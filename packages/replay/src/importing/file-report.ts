// What became of one file of an import.

import type { Micros, ProblemCounts } from "@conntrail/engine";
import type { Problem, ProblemKind } from "../importers/importer.js";
import { foreignContent } from "./foreign-content.js";

export type FileReport = {
  readonly name: string;
  /** Null: no importer knows the content. */
  readonly format: string | null;
  /** How sure the importer was of the content, 0 to 1; 1 where the user named the format. */
  readonly confidence: number;
  readonly records: number;
  /** Events that the log did not have, a batch of packets counting as one for each packet. */
  readonly added: number;
  /** Events and packets that the log had already. */
  readonly known: number;
  readonly first: Micros | null;
  readonly last: Micros | null;
  readonly problemCount: number;
  /** Of all. */
  readonly problemsByKind: ProblemCounts;
  /** The first thousand at most. */
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

/** Nothing of it could be used, for one reason. */
export function failedReport(name: string, kind: ProblemKind, message: string): FileReport {
  const nothing = { format: null, confidence: 0, records: 0, added: 0, known: 0, first: null, last: null, notes: [] };
  return {
    name,
    ...nothing,
    problemCount: 1,
    problemsByKind: { [kind]: 1 },
    problems: [{ kind, record: null, message }],
  };
}

const notRecognised =
  "not recognised: it is of no format that `conntrail import --help` names; if it is one of them, say so with --format";

export function whyUnrecognised(head: Uint8Array): string {
  return foreignContent(head) ?? notRecognised;
}
