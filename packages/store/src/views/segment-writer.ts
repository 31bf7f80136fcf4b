// Writes what a fold yields into the views, segment by segment: one goes from a snapshot to the next, so that what
// comes after a snapshot can be taken back and written anew.

import type { FlowRecord, FoldSnapshot, Position, Projection } from "@conntrail/engine";
import { FlowWriter } from "./flow-writer.js";
import type { FoldPause, FoldSaving } from "./fold-log.js";
import { inserter } from "./inserter.js";
import type { PastReader } from "./past-reader.js";
import { isFarEnough, type SnapshotSpacing, thinned } from "./snapshot-spacing.js";
import {
  dropSnapshots,
  dropSnapshotsAfter,
  encodeParts,
  type SnapshotMark,
  saveSnapshot,
  snapshotMarks,
} from "./snapshots.js";
import { deniedRow } from "./view-rows.js";
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

export class SegmentWriter {
  readonly #flows: FlowWriter;
  readonly #before: number;
  #saved: number;
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
    this.#saved = 0;
    execute(views, views.kysely.deleteFrom("denied_row").where("segment", ">=", segment));
    dropSnapshotsAfter(views, start.from?.time ?? Number.NEGATIVE_INFINITY);
  }

  addFlow(record: FlowRecord): void {
    this.#flows.add(record);
  }

  get saving(): FoldSaving {
    return { isDue: (pause) => this.#isDue(pause), onSaved: (snapshot, pause, so) => this.#save(snapshot, pause, so) };
  }

  finish(projection: Projection): void {
    this.#writeSegment(projection);
    this.#flows.finish();
    dropSnapshots(this.views, thinned(snapshotMarks(this.views), this.start.spacing));
  }

  #isDue({ packets, live }: FoldPause): boolean {
    return isFarEnough({ apart: packets - this.#saved, left: this.start.packets - packets, live }, this.start.spacing);
  }

  #save(snapshot: FoldSnapshot, { packets }: FoldPause, projection: Projection): void {
    this.#writeSegment(projection);
    this.#saved = packets;
    const { position, past } = this.start;
    const mark: SnapshotMark = {
      time: snapshot.time,
      position,
      past: past.before(snapshot.time),
      packets: this.#before + packets,
      ...this.#flows.written,
      segment: this.#segment,
    };
    saveSnapshot(this.views, mark, encodeParts([snapshot]));
  }

  #writeSegment({ denied }: Projection): void {
    const insert = inserter(this.views, "denied_row");
    for (const attempt of denied.rows) insert({ segment: this.#segment, ...deniedRow(attempt) });
    denied.reset();
    this.#segment++;
  }
}
