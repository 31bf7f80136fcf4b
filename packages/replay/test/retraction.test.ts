// A case in which sources were imported and retracted has the views of a case that never had them, whatever else came
// before, between and after. A failure prints its seed.

import { join } from "node:path";
import { type ControlFact, enteredByHand, type Micros, type NewEvent, type SourceRetracted } from "@conntrail/engine";
import {
  currentRevision,
  type EventDraft,
  type EventLog,
  importRecordId,
  isSnapshot,
  openSqliteLog,
  openViews,
  readControl,
  streamOf,
  type Views,
  verifyLog,
  viewsDigest,
} from "@conntrail/store";
import { expect, test } from "vitest";
import { makeAwsWorld, makeAzureWorld } from "../../engine/test/support/cloud-worlds.js";
import { Random } from "../../engine/test/support/random.js";
import { makeWorld } from "../../engine/test/support/world-maker.js";
import { asRecorded, type CatchUpOptions, catchUp } from "../../store/dist/index.js"; // threads run no TypeScript
import { append, appendable } from "../../store/test/world-log.js";
import type { Draft } from "../src/importers/importer.js";
import { Appender } from "../src/importing/appender.js";
import { temporaryDirectory } from "./support/conntrail.js";

const worlds = 15;

const dense: CatchUpOptions = {
  ...asRecorded,
  spacing: { widest: 1, closest: 0, packetsPerRecord: 0, mostRecords: 2 ** 18 },
};

/** Evidence as one file has it. */
type Source = { readonly sha256: string; readonly drafts: readonly Draft[]; readonly batches: readonly NewEvent[] };

type Step = { readonly is: "import" | "retract"; readonly source: Source };

test.each([
  ["plain", makeWorld],
  ["of Azure", makeAzureWorld],
  ["of AWS", makeAwsWorld],
] as const)("what was retracted is as if it had never been imported, in worlds %s", async (_, make) => {
  for (let seed = 1; seed <= worlds; seed++) {
    const random = new Random(seed);
    const sources = sourcesOf(appendable(make(random), random), random);
    const steps = stepsOver(sources, random);
    const [taken, plain] = [openCase(), openCase()];
    for (const step of steps) {
      await take(taken.log, step);
      if (random.below(2) === 0) await catchUp(taken.log, taken.views, options(random));
    }
    for (const step of standingOf(steps)) await take(plain.log, step);
    await catchUp(taken.log, taken.views, options(random));
    await catchUp(plain.log, plain.views, asRecorded);
    expect(viewsDigest(taken.views), `seed ${seed}`).toBe(viewsDigest(plain.views));
    expect((await verifyLog(taken.log)).problems).toEqual([]);
    for (const { log, views } of [taken, plain]) {
      views.close();
      await log.close();
    }
  }
});

test("of files with one content those count that would without the retracted ones, each under its own time", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed);
    const steps = stepsOver(sameContent(), random);
    const [taken, plain] = [openLog(), openLog()];
    for (const step of steps) await take(taken, step);
    for (const step of standingOf(steps)) await take(plain, step);
    expect(await countingIn(taken), `seed ${seed}`).toEqual(await countingIn(plain));
    await taken.close();
    await plain.close();
  }
});

/** Two files that say when they were taken, one of them twice, and two that only let it be guessed. */
function sameContent(): Source[] {
  const data = { group: "asg-1", name: "asg-1", instant: "stated" } as const;
  const draftAt = (sha256: string, seconds: number): EventDraft<ControlFact> => {
    const time = (seconds * 1_000_000) as Micros;
    const source = { sha256, record: 1 };
    return { type: "application-security-group-seen", data, time, lastTime: time, source, actor: null };
  };
  const stated = [draftAt("a", 10), draftAt("b", 20), draftAt("c", 10)];
  const drafts = [...stated, guessed(draftAt("d", 30), 0), guessed(draftAt("e", 40), 0)];
  return drafts.map((draft) => ({ sha256: draft.source.sha256, drafts: [draft], batches: [] }));
}

async function countingIn(log: EventLog) {
  const { events } = await readControl(log, null);
  return events.map(({ id, time, data }) => ({ id, time, data })).sort((a, b) => a.time - b.time);
}

function openLog(): EventLog {
  return openSqliteLog({ path: join(temporaryDirectory(), "log.db"), access: "write", create: true });
}

function options(random: Random): CatchUpOptions {
  return { ...dense, workers: random.below(30) === 0 ? 2 : 0 };
}

function openCase(): { readonly log: EventLog; readonly views: Views } {
  return { log: openLog(), views: openViews(join(temporaryDirectory(), "views.db")) };
}

/** Each control event is in one file or in several, and some files don't say when their snapshots were taken. */
function sourcesOf(events: readonly NewEvent[], random: Random): Source[] {
  return ["a", "b", "c", "d"].map((name, index): Source => {
    const sha256 = name.repeat(64);
    const isGuessing = random.below(3) === 0;
    const drafts = events.flatMap((event): Draft[] => {
      if (event.type === "packets-observed" || random.below(2) === 0) return [];
      const draft = { ...event, source: { sha256, record: 1 } } as EventDraft<ControlFact>;
      return [isGuessing && isSnapshot(draft) ? guessed(draft, index) : draft];
    });
    const batches = events.flatMap((event, at) =>
      event.type === "packets-observed" && at % 4 === index ? [{ ...event, source: { ...event.source, sha256 } }] : [],
    );
    return { sha256, drafts, batches };
  });
}

function guessed(draft: EventDraft<ControlFact>, index: number): Draft {
  const time = (draft.time + 1_000_000 * (index + 1)) as Micros;
  return { ...draft, time, lastTime: time, data: { ...draft.data, instant: "file-time" } } as Draft;
}

function stepsOver(sources: readonly Source[], random: Random): Step[] {
  return Array.from({ length: 4 + random.below(9) }, () => ({
    is: random.below(3) === 0 ? "retract" : "import",
    source: random.pick(sources),
  }));
}

/** Imports that no later step takes back. */
function standingOf(steps: readonly Step[]): Step[] {
  return steps.filter(
    ({ is, source }, index) =>
      is === "import" && !steps.slice(index).some((later) => later.is === "retract" && later.source === source),
  );
}

async function take(log: EventLog, { is, source }: Step): Promise<void> {
  if (is === "retract") return retract(log, source.sha256);
  const appender = new Appender(log);
  await appender.appendDrafts(source.drafts);
  await appender.finishSource();
  const standing = await standingBatches(log, source.sha256);
  await append(
    log,
    source.batches.filter(({ id }) => !standing.has(id)),
  );
}

async function retract(log: EventLog, sha256: string): Promise<void> {
  const time = 0 as Micros;
  const data = { sha256, because: null };
  const draft: EventDraft<SourceRetracted> = {
    type: "source-retracted",
    data,
    time,
    lastTime: time,
    source: enteredByHand,
    actor: null,
  };
  const stream = streamOf(draft);
  await log.append(stream, await currentRevision(log, stream), [
    { ...draft, id: importRecordId(draft, String(await log.head())) },
  ]);
}

async function standingBatches(log: EventLog, sha256: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const event of log.readAll()) {
    if (event.type === "packets-observed" && event.source.sha256 === sha256) ids.add(event.id);
    if (event.type === "source-retracted" && event.data.sha256 === sha256) ids.clear();
  }
  return ids;
}
