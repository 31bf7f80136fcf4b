import { join } from "node:path";
import { addGroup, type ControlState, parseInstant, setRule } from "@conntrail/engine";
import { openSqliteLog, verifyLog } from "@conntrail/store";
import { afterAll, describe, expect, test } from "vitest";
import { appendDecided } from "../src/appending/append-decided.js";
import { temporaryDirectory } from "./support/conntrail.js";

const at = (clock: string) => parseInstant(`2026-03-18T${clock}Z`)!.time;
const open = (path: string, create: boolean) => openSqliteLog({ path, access: "write", create });

const rule = (name: string, priority: string) => (state: ControlState) =>
  setRule(state, { group: "web", rule: name, text: { priority, direction: "inbound", access: "allow" } });

describe("a command that another writer was faster than", () => {
  const path = join(temporaryDirectory(), "log.db");
  const [log, rival] = [open(path, true), open(path, false)];
  afterAll(async () => {
    await log.close();
    await rival.close();
  });

  /** The rival appends between the reading of the state and the appending, the first time. */
  function afterRival(decide: (state: ControlState) => ReturnType<typeof setRule>, rivals: () => Promise<unknown>) {
    let done: Promise<unknown> | null = null;
    const raced: typeof log = {
      ...bound(log),
      append: async (...args) => {
        done ??= rivals();
        await done;
        return log.append(...args);
      },
    };
    return appendDecided(raced, { at: at("10:00"), who: "alice", decide });
  }

  test("is decided anew: refused by what the other wrote", async () => {
    await appendDecided(log, {
      at: at("09:00"),
      who: "alice",
      decide: (state) => addGroup(state, { name: "web", flush: false }),
    });
    const outcome = await afterRival(rule("one", "100"), () =>
      appendDecided(rival, { at: at("10:00"), who: "bob", decide: rule("other", "100") }),
    );
    expect(outcome).toMatchObject({ is: "refused", refusal: { refused: "priority-taken", by: "other" } });
  });

  test("is decided anew: taken after it, where nothing contradicts", async () => {
    const outcome = await afterRival(rule("two", "200"), () =>
      appendDecided(rival, { at: at("10:00"), who: "bob", decide: rule("three", "300") }),
    );
    expect(outcome).toMatchObject({ is: "appended", events: [{ revision: 3, data: { ruleName: "two" } }] });
    expect((await verifyLog(log)).problems).toEqual([]);
  });
});

/** The adapter's methods, to put another in place of one. */
function bound(log: ReturnType<typeof open>): ReturnType<typeof open> {
  return {
    append: (...args) => log.append(...args),
    readStream: (...args) => log.readStream(...args),
    readAll: (...args) => log.readAll(...args),
    readStored: (...args) => log.readStored(...args),
    subscribe: (...args) => log.subscribe(...args),
    head: () => log.head(),
    close: () => log.close(),
  };
}
