// Brings the views up to the log's head. Rows and checkpoint are written in one transaction, so a killed process
// leaves the views as they were. What new evidence says nothing of is not folded again.

import { isEvidence, type Micros, type Position, type Semantics } from "@conntrail/engine";
import type { EventLog } from "../event-log.js";
import { checkpoint, equalMarks, markAt, setCheckpoint } from "./checkpoint.js";
import { type Control, interventionSources } from "./control.js";
import { readControl } from "./fold-log.js";
import { inserter } from "./inserter.js";
import { PastReader } from "./past-reader.js";
import { type ProjectOptions, projectLog } from "./project-log.js";
import { projectReports } from "./project-reports.js";
import { retractedPast } from "./retraction-index.js";
import { SegmentWriter } from "./segment-writer.js";
import { type SnapshotSpacing, usualSpacing } from "./snapshot-spacing.js";
import { latestHolding, stateAt } from "./snapshots.js";
import { batchesInOrder, indexTraffic } from "./time-index.js";
import { findingRow, versionRow } from "./view-rows.js";
import { execute, inTransaction, type Views } from "./views.js";

export async function isCaughtUp(log: EventLog, views: Views): Promise<boolean> {
  const head = await log.head();
  return equalMarks(head === null ? null : await markAt(log, head), checkpoint(views, "fold"));
}

export type CatchUpOptions = {
  /** Take in nothing behind this position; null: all. */
  readonly knownAt: Position | null;
  /** Fold under these semantics; null: as the resources themselves say. */
  readonly semantics: Semantics | null;
  /** How far apart snapshots are; left out: as it is usual. No answer depends on it. */
  readonly spacing?: SnapshotSpacing;
  /** Hears how many packets have been folded, of how many. */
  readonly progress?: (packets: number, total: number) => void;
} & Pick<ProjectOptions, "workers">;

/** All that the log holds, as the resources themselves say. */
export const asRecorded: CatchUpOptions = { knownAt: null, semantics: null };

/** Cheap when nothing was appended since. */
export async function catchUp(log: EventLog, views: Views, options: CatchUpOptions): Promise<void> {
  if (await isCaughtUp(log, views)) return;
  await inTransaction(views, async () => {
    await indexTraffic(log, views);
    const head = checkpoint(views, "index")?.position ?? null;
    const until = head === null ? null : (Math.min(options.knownAt ?? head, head) as Position);
    const mark = until === null ? null : await markAt(log, until);
    const done = checkpoint(views, "fold");
    if (mark === null || equalMarks(mark, done)) return;
    if (await hasNewEvidence(log, done?.position, mark.position)) {
      await foldOnward(log, views, mark.position, options);
    }
    setCheckpoint(views, "fold", mark);
  });
}

/** Import records alone change no answer, nor do sources that say the same. */
async function hasNewEvidence(log: EventLog, from: Position | undefined, until: Position): Promise<boolean> {
  for await (const event of log.readAll({ from, until })) {
    if (event.type === "source-retracted" || isEvidence(event)) return true;
  }
  return false;
}

/** Folds what the views have not, from the last snapshot on that later evidence has left true. */
async function foldOnward(log: EventLog, views: Views, head: Position, options: CatchUpOptions): Promise<void> {
  const { semantics, spacing = usualSpacing, progress, knownAt: _, ...more } = options;
  const control = await readControl(log, head);
  const sources = interventionSources(control);
  const holding = latestHolding(views, new PastReader(sources, retractedPast(views)));
  const state = holding === null ? null : stateAt(views, holding.time as Micros);
  const from = state === null ? null : holding;
  writePolicy(views, control);
  const span = { from: (from?.time ?? null) as Micros | null, until: null, knownAt: head };
  const packets = batchesInOrder(views, span).reduce((sum, { count }) => sum + count, 0);
  const writer = new SegmentWriter(views, {
    from,
    position: head,
    past: new PastReader(sources, retractedPast(views)),
    packets,
    spacing,
  });
  let folded = 0;
  const onBatch = (count: number) => {
    folded += count;
    progress?.(folded, packets);
  };
  await projectLog(log, views, writer, { control, semantics, knownAt: head, from: state ?? [], onBatch, ...more });
  writer.finish();
  await projectReports(log, views, { control, knownAt: head });
}

function writePolicy(views: Views, { policy }: Control): void {
  for (const table of ["rule_version", "finding"] as const) execute(views, views.kysely.deleteFrom(table));
  const insertVersion = inserter(views, "rule_version");
  const insertFinding = inserter(views, "finding");
  for (const history of policy.groups.values()) {
    for (const version of history.versions) insertVersion(versionRow(version));
  }
  for (const finding of policy.findings) insertFinding(findingRow(finding));
}
