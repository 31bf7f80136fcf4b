// Records of Zeek's other logs: a file of them alone is no conn.log; among connections, as where all logs were sent to one
// place, they are left out and counted.

import type { Imported } from "./importer.js";

export class OtherLogs {
  #firstRecord = 0;
  readonly #counts = new Map<string, number>();

  /** `log`: its name; empty where the record has none. */
  count(log: string, record: number): void {
    if (this.#counts.size === 0) this.#firstRecord = record;
    this.#counts.set(log, (this.#counts.get(log) ?? 0) + 1);
  }

  *told(amongConnections: boolean): Iterable<Imported> {
    if (this.#counts.size === 0) return;
    const counts = countsText(this.#counts);
    if (amongConnections) yield { kind: "note", message: `records of other logs are left out: ${counts}` };
    else
      yield { kind: "problem", problem: { kind: "unsupported", record: this.#firstRecord, message: noneText(counts) } };
  }
}

function noneText(counts: string): string {
  return `no connections, which Zeek writes to \`conn.log\`, but records of other logs: ${counts}`;
}

function countsText(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([log, count]) => `${count} ${log === "" ? "without a name" : log}`).join(", ");
}
