// Writes what a fold yields into the views, segment by segment: one goes from a snapshot to the next, so that what
// comes after a snapshot can be taken back and written anew.

import type { Micros, Position } from "@conntrail/engine";
import type { FlowRows } from "./flow-rows.js";
import { FlowWriter } from "./flow-writer.js";
import type { SegmentRows } from "./fold-part.js";
import type { PastReader } from "./past-reader.js";
import type { ProjectionSink } from "./project-log.js";
import { rowTableOf, type SegmentTableName, segmentTableNames } from "./segment-schema.js";
import { isFarEnough, type SnapshotSpacing, thinned } from "./snapshot-spacing.js";
import { dropSnapshots, dropSnapshotsAfter, type SnapshotMark, saveSnapshot, snapshotMarks } from "./snapshots.js";
import { execute, type Views } from "./views.js";

export type SegmentStart = {
  /** Where the fold goes on; null: from the beginning. */
  readonly from: SnapshotMark | null;
  /** Of the log that is folded. */
  readonly position: Position;
  readonly past: PastReader;
  /** Packets that are to be folded. */
  readonly packets: number;
  readonly spacing: SnapshotSpacing;
};

const nothing = { packets: 0, flow_rows: 0, circumstances: 0, segment: 0 };

export class SegmentWriter implements ProjectionSink {
  readonly #flows: FlowWriter;
  readonly #before: number;
  #saved = 0;
  #segment: number;

  /** Takes back what was written after the start. */
  constructor(
    private readonly views: Views,
    private readonly start: SegmentStart,
  ) {
    const { packets, segment, ...rows } = start.from ?? nothing;
    this.#flows = new FlowWriter(views, rows);
    this.#segment = segment;
    this.#before = packets;
    for (const name of segmentTableNames) {
      execute(views, views.kysely.deleteFrom(rowTableOf(name)).where("segment", ">=", segment));
    }
    dropSnapshotsAfter(views, start.from?.time ?? Number.NEGATIVE_INFINITY);
  }

  addFlows(part: number, rows: FlowRows): void {
    this.#flows.add(part, rows);
  }

  mayBeDue(packets: number): boolean {
    return this.isDue(packets, 0);
  }

  isDue(packets: number, live: number): boolean {
    const { packets: all, spacing } = this.start;
    return isFarEnough({ apart: packets - this.#saved, left: all - packets, live }, spacing);
  }

  canSave(live: number): boolean {
    return live <= this.start.spacing.mostRecords;
  }

  save({ time, packets, states }: { time: Micros; packets: number; states: readonly Uint8Array[] }): void {
    const { position, past } = this.start;
    const mark: SnapshotMark = {
      time,
      position,
      past: past.before(time),
      packets: this.#before + packets,
      ...this.#flows.written,
      segment: this.#segment,
    };
    this.#saved = packets;
    saveSnapshot(this.views, mark, states);
  }

  addSegment(parts: readonly SegmentRows[]): void {
    for (const rows of parts) for (const name of segmentTableNames) this.#insertAll(name, rows[name]);
    this.#segment++;
  }

  finish(): void {
    this.#flows.finish();
    dropSnapshots(this.views, thinned(snapshotMarks(this.views), this.start.spacing));
  }

  #insertAll(name: SegmentTableName, rows: readonly object[]): void {
    if (rows.length === 0) return;
    const columns = ["segment", ...Object.keys(rows[0]!)];
    const quoted = columns.map((column) => `"${column}"`).join(", ");
    const values = columns.map(() => "?").join(", ");
    const sql = `insert into "${rowTableOf(name)}" (${quoted}) values (${values})`;
    const insert = this.views.database.prepare(sql);
    for (const row of rows) insert.run(this.#segment, ...Object.values(row).map((value) => value ?? ""));
  }
}
