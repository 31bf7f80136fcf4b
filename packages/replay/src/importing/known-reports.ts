// How many reported flows of a source the case has from others already. They are stored all the same, so that a source can be
// retracted without taking from others what it shares with them; the fold takes each once.

import { type Micros, type Position, type ReportedBatch, repeatedInBatch, reportIdentities } from "@conntrail/engine";
import { type EventLog, mayHoldSensors, readReports, reportBatchesWithin, type Views } from "@conntrail/store";
import { reportSpan } from "./appender.js";

/** Reports of the same time and sensors that one batch is compared with, and that are kept for the next batch: 16 MB. */
const maxCompared = 2_000_000;

export class KnownReports {
  /** Ascending, by the position of their batch; what was asked for last is last. */
  readonly #identities = new Map<number, Float64Array>();
  #kept = 0;

  constructor(
    private readonly log: EventLog,
    private readonly views: Views,
    private readonly sha256: string,
  ) {}

  /** Those that stand in the batch twice count as known too. */
  async countIn(batch: ReportedBatch): Promise<number> {
    const others = await this.#others(batch);
    if (others.length === 0) return repeatedInBatch(batch);
    const identities = reportIdentities(batch).sort();
    let known = 0;
    identities.forEach((identity, index) => {
      const isRepeated = index > 0 && identities[index - 1] === identity;
      if (isRepeated || others.some((other) => holds(other, identity))) known++;
    });
    return known;
  }

  async #others(batch: ReportedBatch): Promise<Float64Array[]> {
    const [from, to] = reportSpan(batch);
    const others: Float64Array[] = [];
    let compared = 0;
    for (const row of reportBatchesWithin(this.views, { from, to: to as Micros, knownAt: null })) {
      if (row.sha256 === this.sha256 || !mayHoldSensors(row, batch.sensors)) continue;
      compared += row.count;
      if (compared > maxCompared) return others;
      others.push(await this.#identitiesAt(row.position as Position));
    }
    return others;
  }

  async #identitiesAt(position: Position): Promise<Float64Array> {
    const kept = this.#identities.get(position);
    this.#identities.delete(position);
    const batch = kept === undefined ? await readReports(this.log, { position }) : null;
    const identities = kept ?? (batch === null ? new Float64Array() : reportIdentities(batch).sort());
    if (kept === undefined) this.#makeRoom(identities.length);
    this.#identities.set(position, identities);
    return identities;
  }

  #makeRoom(count: number): void {
    this.#kept += count;
    for (const [position, identities] of this.#identities) {
      if (this.#kept <= maxCompared) return;
      this.#identities.delete(position);
      this.#kept -= identities.length;
    }
  }
}

function holds(ascending: Float64Array, wanted: number): boolean {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ascending[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return ascending[from] === wanted;
}
