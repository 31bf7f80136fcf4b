// Snapshots of the fold are a cache: without them, or with others, all answers are the same.

import { join } from "node:path";
import {
  asRecorded,
  catchUp,
  type EventLog,
  openSqliteLog,
  openViews,
  queryAll,
  stateBefore,
  type Views,
  viewsDigest,
} from "@conntrail/store";
import { expect, onTestFinished, test } from "vitest";
import { Random } from "../../engine/test/support/random.js";
import { makeWorld } from "../../engine/test/support/world-maker.js";
import { temporaryDirectory } from "./temporary-directory.js";
import { append, appendable } from "./world-log.js";

const dense = {
  ...asRecorded,
  workers: 0,
  spacing: { widest: 1, closest: 0, packetsPerRecord: 0, mostRecords: 2 ** 18 },
};

/** Views of all but the last events, and what they are once those are there. */
async function halfway(): Promise<{ log: EventLog; views: Views; rest: () => Promise<void>; expected: string }> {
  const random = new Random(11);
  const events = appendable(makeWorld(random), random).sort((a, b) => a.time - b.time);
  const directory = temporaryDirectory();
  const log = openSqliteLog({ path: join(directory, "log.db"), access: "write", create: true });
  const [views, other] = [openViews(join(directory, "views.db")), openViews(join(directory, "other.db"))];
  onTestFinished(async () => {
    views.close();
    other.close();
    await log.close();
  });
  await append(log, events.slice(0, -2));
  await catchUp(log, views, dense);
  await append(log, events.slice(-2));
  await catchUp(log, other, asRecorded);
  return { log, views, rest: () => catchUp(log, views, dense), expected: viewsDigest(other) };
}

function snapshotCount(views: Views): number {
  return queryAll(views, views.kysely.selectFrom("fold_snapshot").select("time")).length;
}

test.each([
  ["as they are", "select 1"],
  ["all damaged", "update fold_snapshot set state = zeroblob(length(state))"],
  ["the last one damaged", "update fold_snapshot set checksum = 0 where time = (select max(time) from fold_snapshot)"],
  ["of another version", "update fold_snapshot set state = x'00', checksum = 3523407757"],
  ["all gone", "delete from fold_snapshot"],
])("views go on right with snapshots %s", async (_, change) => {
  const { views, rest, expected } = await halfway();
  expect(snapshotCount(views)).toBeGreaterThan(2);
  if (change !== "select 1") views.database.exec(change);
  await rest();
  expect(viewsDigest(views)).toBe(expected);
  expect(snapshotCount(views)).toBeGreaterThan(2);
});

test("the state before an instant is that of the last snapshot that can be read", async () => {
  const { views } = await halfway();
  const times = queryAll(views, views.kysely.selectFrom("fold_snapshot").select("time").orderBy("time"));
  const [first, second] = times.map(({ time }) => time);
  expect(stateBefore(views, second! + 1)[0]!.time).toBe(second);
  views.database.exec(`update fold_snapshot set checksum = 0 where time = ${second}`);
  expect(stateBefore(views, second! + 1)[0]!.time).toBe(first);
  expect(stateBefore(views, first! - 1)).toEqual([]);
});
