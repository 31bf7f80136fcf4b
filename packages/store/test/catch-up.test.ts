// The views depend on what the log holds, and not on how they came to know of it. A failure prints its seed.

import { join } from "node:path";
import { expect, test } from "vitest";
import { makeAwsWorld, makeAzureWorld } from "../../engine/test/support/cloud-worlds.js";
import { Random } from "../../engine/test/support/random.js";
import { makeWorld } from "../../engine/test/support/world-maker.js";
import {
  asRecorded,
  type CatchUpOptions,
  catchUp,
  openSqliteLog,
  openViews,
  queryAll,
  viewsDigest,
} from "../dist/index.js"; // as it is built, since threads run no TypeScript
import { temporaryDirectory } from "./temporary-directory.js";
import { append, appendable } from "./world-log.js";

const worlds = 40;

/** A snapshot before nearly every batch. */
const dense: CatchUpOptions = {
  ...asRecorded,
  spacing: { widest: 1, closest: 0, packetsPerRecord: 0, mostRecords: 2 ** 18 },
};

test.each([
  ["plain", makeWorld],
  ["of Azure", makeAzureWorld],
  ["of AWS", makeAwsWorld],
] as const)(
  "views that follow the log piece by piece are those that are made at once, in worlds %s",
  async (_, make) => {
    let kept = 0;
    for (let seed = 1; seed <= worlds; seed++) {
      const random = new Random(seed);
      const events = appendable(make(random), random);
      const directory = temporaryDirectory();
      const log = openSqliteLog({ path: join(directory, "log.db"), access: "write", create: true });
      const [onward, atOnce] = [openViews(join(directory, "onward.db")), openViews(join(directory, "at-once.db"))];
      for (let from = 0; from < events.length; ) {
        const to = from + 1 + random.below(events.length);
        await append(log, events.slice(from, to));
        await catchUp(log, onward, { ...dense, workers: random.below(20) === 0 ? 1 + random.below(3) : 0 });
        from = to;
      }
      await catchUp(log, atOnce, asRecorded);
      expect(viewsDigest(onward), `seed ${seed}`).toBe(viewsDigest(atOnce));
      const query = onward.kysely.selectFrom("fold_snapshot").select("position");
      const head = await log.head();
      if (queryAll(onward, query).some(({ position }) => position < head!)) kept++;
      onward.close();
      atOnce.close();
      await log.close();
    }
    expect(kept).toBeGreaterThan(worlds / 10);
  },
);
