import { describe, expect, it } from "vitest";
import { addressLists, type ControlEvent, listEditions, parseAddress } from "../../src/index.js";
import { factAt } from "../support/control-events.js";
import { at } from "../support/instants.js";

const list = "pl-0123456789abcdef0";

const seen = (when: string, ...prefixes: string[]) =>
  factAt(when, { type: "address-list-seen", data: { list, prefixes, edition: null, instant: "stated" } });

function changed(when: string, added: string[], removed: string[], phase: "succeeded" | "failed" = "succeeded") {
  const data = { list, added, removed, edition: null, phase, operationId: null, effect: null };
  return factAt(when, { type: "address-list-changed", data });
}

/** Which of 10.1.0.1, 10.2.0.1 and 10.3.0.1 the list holds, and how that is known. */
function toldAt(events: readonly ControlEvent[], time: string): string {
  const found = addressLists(events).listsAt(at(time)).find(list);
  if (found === null) return "unknown";
  const held = [1, 2, 3].filter((net) => found.inside.has(parseAddress(`10.${net}.0.1`)!));
  return `${held.join(" ")} ${found.provenance}`;
}

const [one, two, three] = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"] as const;

describe("a prefix list", () => {
  it("holds what was shown, with the changes since", () => {
    const events = [seen("09:00", one), changed("10:00", [two], []), changed("11:00", [three], [one])];
    for (const order of [events, events.toReversed()]) {
      expect(["08:00", "09:00", "10:00", "11:00"].map((time) => toldAt(order, time))).toEqual([
        "1 inferred",
        "1 recorded",
        "1 2 recorded",
        "2 3 recorded",
      ]);
    }
  });

  it("held before it was shown what the changes until then make of that, as inferred", () => {
    const events = [changed("10:00", [two], []), changed("11:00", [three], [one]), seen("12:00", two, three)];
    expect(["09:00", "10:00", "11:00", "12:00"].map((time) => toldAt(events, time))).toEqual([
      "1 inferred",
      "1 2 inferred",
      "2 3 inferred",
      "2 3 recorded",
    ]);
  });

  it("is not changed by what failed, and not known by changes alone", () => {
    expect(toldAt([seen("09:00", one), changed("10:00", [two], [], "failed")], "10:00")).toBe("1 recorded");
    expect(toldAt([changed("10:00", [two], [])], "11:00")).toBe("unknown");
    expect(listEditions([changed("10:00", [two], [])]).size).toBe(0);
  });
});
