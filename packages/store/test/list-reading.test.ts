import { join } from "node:path";
import { type ControlFact, type Micros, type NewEvent, toMicros } from "@conntrail/engine";
import { type Control, type EventLog, eventId, openSqliteLog, readControl, streamOf } from "@conntrail/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const source = { sha256: "ab".repeat(32), record: 1 };

function event(time: number, fact: ControlFact): NewEvent<ControlFact> {
  const draft = { time: toMicros(time), lastTime: toMicros(time), source, actor: null, ...fact };
  return { ...draft, id: eventId(draft) };
}

function list(time: number, name: string, ...prefixes: string[]) {
  return event(time, { type: "address-list-seen", data: { list: name, prefixes, edition: null, instant: "stated" } });
}

function allow(name: string) {
  const side = { applicationSecurityGroups: [], ports: ["*"] };
  const rule = {
    name: "r",
    description: null,
    direction: "inbound",
    access: "allow",
    priority: 100,
    protocol: "*",
    source: { ...side, addresses: [name] },
    destination: { ...side, addresses: ["*"] },
  } as const;
  const data = { phase: "succeeded", operationId: null, effect: "created", group: "nsg", ruleName: "r", rule } as const;
  return event(50, { type: "security-rule-written", data });
}

const lists = [
  list(10, "Storage", "20.0.0.0/24"),
  list(20, "Storage.WestEurope", "20.0.1.0/24"),
  list(30, "Storage", "20.0.2.0/24"),
  list(40, "Sql.WestEurope", "20.0.3.0/24"),
  list(40, "Sql.NorthEurope", "20.0.4.0/24"),
  list(60, "Other", "20.0.5.0/24"),
];

async function logOf(...events: readonly NewEvent<ControlFact>[]): Promise<EventLog> {
  const log = openSqliteLog({ path: join(temporaryDirectory(), "log.db"), access: "write", create: true });
  onTestFinished(() => log.close());
  for (const one of events) {
    const stream = streamOf(one);
    let revision: number | "no-stream" = "no-stream";
    for await (const last of log.readStream(stream, { direction: "backwards", limit: 1 })) revision = last.revision;
    await log.append(stream, revision, [one]);
  }
  return log;
}

function listsOf({ events }: Control): string[] {
  return events.flatMap((one) => (one.type === "address-list-seen" ? [`${one.data.list} ${one.time}`] : [])).sort();
}

describe("of service tags and prefix lists, judging reads", () => {
  test.each([
    ["*", []],
    ["203.0.113.7", []],
    ["Internet", []],
    ["VIRTUAL_NETWORK", []],
    ["other", ["Other 60"]],
    ["storage", ["Storage 10", "Storage 30"]],
    ["Storage.WestEurope", ["Storage 10", "Storage 30", "Storage.WestEurope 20"]],
    ["Sql.WestEurope", ["Sql.WestEurope 40"]],
  ])("what `%s` in a rule needs", async (name, read) => {
    const log = await logOf(allow(name), ...lists);
    expect(listsOf(await readControl(log, null))).toEqual(read);
  });

  test("all of them where a tag is known by its regions alone", async () => {
    const log = await logOf(allow("Sql"), ...lists);
    expect(listsOf(await readControl(log, null))).toHaveLength(lists.length);
  });

  test("no edition that was not known then", async () => {
    const log = await logOf(allow("storage"), ...lists);
    const [, first] = (await readControl(log, null)).events;
    expect(listsOf(await readControl(log, first!.position))).toEqual(["Storage 10"]);
  });

  test.each(["storage", "Storage.EastUS", "Sql", "Sql.EastUS", "Unheard"])(
    "the same of `%s` as with all",
    async (name) => {
      const log = await logOf(allow(name), ...lists);
      const [named, all] = [await readControl(log, null), await readControl(log, null, "all")];
      for (const time of [5, 15, 25, 35, 45, 65]) {
        const find = ({ policy }: Control) => policy.lists.listsAt(time as Micros).find(name);
        expect(find(named)).toEqual(find(all));
      }
    },
  );
});
