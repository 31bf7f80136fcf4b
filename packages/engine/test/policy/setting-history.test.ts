import { describe, expect, it } from "vitest";
import { type ControlEvent, type OperationPhase, type Setting, settingsHistory } from "../../src/index.js";
import { factAt, groupSeen, interfaceSeen, type OperationMore } from "../support/control-events.js";
import { at } from "../support/instants.js";

function written(
  when: string,
  value: boolean | number | null,
  more: OperationMore & { readonly resource?: string; readonly setting?: Setting } = {},
): ControlEvent {
  const { resource = "web", setting = "flushConnection", phase = "succeeded", operationId = null } = more;
  const data = { phase: phase as OperationPhase, operationId, effect: null, resource, setting, value };
  return factAt(when, { type: "setting-written", data }, more);
}

const flush = (when: string, flushConnection: boolean | null, more = {}) =>
  groupSeen(when, [], { flushConnection, ...more });

/** `true recorded`, `false or true`, `unseen` at these times. */
function told(
  events: readonly ControlEvent[],
  times: readonly string[],
  resource = "web",
  setting: Setting = "flushConnection",
) {
  const orders = [events, events.toReversed()].map((order) => {
    const history = settingsHistory(order);
    return times.map((time) => {
      const state = history.settingAt(resource, setting, at(time));
      if (state.is === "unsettled") return state.candidates.join(" or ");
      return state.is === "known" ? `${state.value} ${state.provenance}` : "unseen";
    });
  });
  expect(orders[1]).toEqual(orders[0]);
  return orders[0];
}

describe("a setting", () => {
  it("holds as a snapshot shows it: before, inferred; after, recorded", () => {
    expect(told([flush("09:00", true)], ["08:59", "09:00", "10:00"])).toEqual([
      "true inferred",
      "true recorded",
      "true recorded",
    ]);
  });

  it("changes when it is written, and not before or by what failed", () => {
    const events = [flush("08:00", false), written("09:00", true), written("10:00", false, { phase: "failed" })];
    expect(told(events, ["08:59", "09:00", "11:00"])).toEqual(["false recorded", "true recorded", "true recorded"]);
  });

  it("is unseen before its first recorded write, and where nothing tells", () => {
    expect(told([written("09:00", true)], ["08:59", "09:00"])).toEqual(["unseen", "true recorded"]);
    expect(told([written("09:00", true)], ["10:00"], "other")).toEqual(["unseen"]);
  });

  it("is unseen before its resource was made", () => {
    expect(told([flush("09:00", true, { begins: true })], ["08:59", "09:00"])).toEqual(["unseen", "true recorded"]);
  });

  it("is unsettled between two snapshots that differ, where nobody recorded the change", () => {
    const events = [flush("08:00", false), flush("10:00", true)];
    expect(told(events, ["08:00", "09:00", "10:00"])).toEqual(["false recorded", "false or true", "true recorded"]);
  });

  it("set back to the platform's default is null", () => {
    expect(told([flush("08:00", true), written("09:00", null)], ["09:00"])).toEqual(["null recorded"]);
  });

  it("is written once by one operation in two exports", () => {
    const events = [
      written("09:00", true, { operationId: "op", correlationId: "c" }),
      written("09:00:00.5", true, { correlationId: "c" }),
    ];
    expect(settingsHistory(events).boundaries).toEqual([at("09:00")]);
  });

  it("is of its resource alone, whatever the case of the id", () => {
    const events = [flush("08:00", false), written("09:00", true, { resource: "WEB" })];
    expect(told(events, ["09:30"], "Web")).toEqual(["true recorded"]);
  });
});

describe("an interface", () => {
  const shown = interfaceSeen("09:00", "nic", {
    more: {
      disableTcpStateTracking: true,
      allowPort25Out: false,
      connectionTracking: { tcpEstablishedSeconds: 600, udpStreamSeconds: null, udpSeconds: 30, nitroV6: null },
    },
  });

  it.each([
    ["[A25]", "disableTcpStateTracking", "true recorded"],
    ["[A1]", "allowPort25Out", "false recorded"],
    ["[W6]", "tcpEstablishedSeconds", "600 recorded"],
    ["[W6]", "udpStreamSeconds", "null recorded"],
    ["[W6]", "udpSeconds", "30 recorded"],
  ] as const)("%s shows %s", (_, setting, expected) => {
    expect(told([shown], ["09:00"], "nic", setting)).toEqual([expected]);
  });

  it("that does not show a setting says nothing of it", () => {
    expect(told([interfaceSeen("09:00", "nic")], ["09:00"], "nic", "allowPort25Out")).toEqual(["unseen"]);
  });
});
