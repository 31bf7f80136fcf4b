// What became of one file of an import.

import type { Micros } from "@conntrail/engine";
import { allImporters } from "../importers/all-importers.js";
import type { Problem, ProblemKind } from "../importers/importer.js";

export type FileReport = {
  readonly name: string;
  /** Null: no importer knows the content. */
  readonly format: string | null;
  readonly records: number;
  /** Events that the log did not have, a batch of packets counting as one for each packet. */
  readonly added: number;
  /** Events and packets that the log had already. */
  readonly known: number;
  readonly first: Micros | null;
  readonly last: Micros | null;
  readonly problemCount: number;
  /** The first hundred. */
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

/** Nothing of it could be used, for one reason. */
export function failedReport(name: string, kind: ProblemKind, message: string): FileReport {
  const nothing = { format: null, records: 0, added: 0, known: 0, first: null, last: null, notes: [] };
  return { name, ...nothing, problemCount: 1, problems: [{ kind, record: null, message }] };
}

export function whyUnrecognised(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty";
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return "not recognised: the text is UTF-16; save it as UTF-8";
  }
  return `not recognised: conntrail reads ${allImporters.map(({ title }) => title).join(", ")}`;
}
