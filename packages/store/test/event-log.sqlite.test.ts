import { join } from "node:path";
import { type Micros, toMicros } from "@conntrail/engine";
import { type EventLog, openSqliteLog } from "@conntrail/store";
import { expect, it, onTestFinished } from "vitest";
import { describeEventLog } from "./event-log.contract.js";
import { smallEvent, smallEvents } from "./sample-events.js";
import { temporaryDirectory } from "./temporary-directory.js";

const paths = new WeakMap<EventLog, string>();

function open(path: string): EventLog {
  const log = openSqliteLog({ path, access: "write", create: true });
  paths.set(log, path);
  onTestFinished(() => log.close());
  return log;
}

describeEventLog("a SQLite file", {
  open: async () => open(join(temporaryDirectory(), "log.db")),
  openAgain: async (log) => open(paths.get(log)!),
  skips: {},
});

function logWithClock(times: readonly number[]): EventLog {
  const left = times.map(toMicros);
  const clock = () => left.shift()!;
  const log = openSqliteLog({ path: join(temporaryDirectory(), "log.db"), access: "write", create: true, clock });
  onTestFinished(() => log.close());
  return log;
}

it("recorded times come from the clock, and ascend over all streams even when it is set back", async () => {
  const log = logWithClock([5_000, 4_000, 5_001, 9_000]);
  for (const stream of ["a", "b", "c", "d"]) await log.append(stream, "no-stream", smallEvents(0, 2));
  const times: Micros[] = [];
  for await (const event of log.readAll()) times.push(event.recordedAt);
  expect(times).toEqual([5_000, 5_000, 5_001, 5_001, 5_002, 5_002, 9_000, 9_000]);
});

it("closing twice is closing once", async () => {
  const log = logWithClock([1]);
  await log.append("a", "no-stream", [smallEvent(0)]);
  await log.close();
  await log.close();
});
