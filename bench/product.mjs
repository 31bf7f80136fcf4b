// What the benches ask of the product besides its commands, in one place: functions that its packages keep to themselves.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { semanticsNamed } from "../packages/engine/dist/index.js";
import { openForImport, openForQuestions } from "../packages/replay/dist/case.js";
import { Appender } from "../packages/replay/dist/importing/appender.js";
import { filesUnder } from "../packages/replay/dist/importing/evidence-file.js";
import { importFile } from "../packages/replay/dist/importing/import-file.js";
import { stateAt } from "../packages/replay/dist/query/at.js";
import { conversationOf, flows } from "../packages/replay/dist/query/flows.js";
import { why } from "../packages/replay/dist/query/why.js";
import { foldLog, projectLog, readControl } from "../packages/store/dist/index.js";

export const command = new URL("../packages/replay/bin/conntrail.js", import.meta.url).pathname;

/** Evidence into the log, and into no view. */
export async function importToLog(directory, path) {
  const kase = await openForImport(directory);
  try {
    const options = { takenAt: null, interface: null, format: null, onBytes: () => undefined };
    const target = { appender: new Appender(kase.log), views: kase.views };
    for (const file of filesUnder(path)) await importFile(file, options, target);
  } finally {
    await kase.close();
  }
}

export async function withCase(directory, action) {
  const kase = await openForQuestions(directory);
  try {
    return await action(kase);
  } finally {
    await kase.close();
  }
}

/** Makes the views up to date with the log. */
export const project = (directory) => withCase(directory, () => undefined);

export function dropViews(directory) {
  for (const ending of ["", "-wal", "-shm"]) rmSync(join(directory, `views.db${ending}`), { force: true });
}

export const askState = (kase, at) => stateAt(kase, { at, interface: null, knownAt: null });

/** All flow records, with what `askWhy` needs to know of each. */
export function flowRecords(kase) {
  const everything = { at: null, since: null, until: null, from: null, to: null, interface: null };
  return [...flows(kase, everything)];
}

export function askWhy(kase, record) {
  return why(kase, { conversation: conversationOf(record), at: record.last_seen, knownAt: null, newOnly: false });
}

/** All packets of the log judged under these semantics; views are left alone. */
export async function replay(kase, { semantics, onFlow }) {
  const control = await readControl(kase.log, null);
  return foldLog(kase.log, kase.views, {
    control,
    knownAt: null,
    semantics: semantics === null ? null : semanticsNamed(semantics),
    until: null,
    only: null,
    onFlow,
    onVerdict: null,
  });
}

const nowhere = {
  addFlows: () => undefined,
  mayBeDue: () => false,
  isDue: () => false,
  canSave: () => false,
  save: () => undefined,
  addSegment: () => undefined,
};

/** All packets of the log folded in so many threads; what they make is thrown away. */
export async function foldInThreads(kase, workers) {
  const control = await readControl(kase.log, null);
  const options = { control, semantics: null, knownAt: null, from: [], workers };
  await projectLog(kase.log, kase.views, nowhere, options);
}

/** The times of the first and the last packet. */
export function trafficSpan({ views }) {
  const query = 'select min(first_time) as "first", max(last_time) as "last" from batch';
  return views.database.prepare(query).get();
}
