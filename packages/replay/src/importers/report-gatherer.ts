// Gathers reported flows into batches for the log. An importer fills `report` and adds it, again and again, and yields what
// is full.

import { newReportedFlow, ReportedBatchBuilder } from "@conntrail/engine";
import type { Imported } from "./importer.js";

const reportsInBatch = 16_384;

export class ReportGatherer {
  /** The report in the making. */
  readonly report = newReportedFlow();
  readonly #builder = new ReportedBatchBuilder(reportsInBatch);
  #handedOn = 0;

  /** Reports so far. */
  get count(): number {
    return this.#handedOn + this.#builder.count;
  }

  /** A batch to be taken at once where this was the last that fits into it; else null. */
  add(): Imported | null {
    this.#builder.add(this.report);
    return this.#builder.isFull ? this.take() : null;
  }

  /** What has been gathered since; null: nothing. */
  take(): Imported | null {
    if (this.#builder.count === 0) return null;
    const firstReport = this.#handedOn;
    const batch = this.#builder.finish();
    this.#handedOn += batch.count;
    return { kind: "flows", firstReport, batch };
  }
}
