// What is told to be not known of rules while there was traffic, from 10:00 to 12:00.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  formatInstant,
  type Micros,
  microsPerHour,
} from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { policySeen, policyWritten } from "../../../engine/test/support/access-events.js";
import {
  eventOf,
  groupSeen,
  groupWritten,
  interfaceSeen,
  networkSeen,
  ruleWritten,
} from "../../../engine/test/support/control-events.js";
import { at } from "../../../engine/test/support/instants.js";
import type { Cloud, Gap } from "../../src/query/gap.js";
import { policyGaps } from "../../src/query/policy-gap.js";

const span = { from: at("10:00"), to: at("12:00") };
const ssh = "100 ssh inbound allow tcp 203.0.113.0/24 * -> * 22";
const tagged = "110 tagged inbound allow tcp Storage.WestEurope * -> * 443";
const network = [networkSeen("09:00", "net"), interfaceSeen("09:00", "nic", { group: "web" })];

function clock(time: Micros): string {
  return formatInstant(time).slice(11, 16);
}

function line(gap: Gap): string {
  const between = `${clock(gap.from)}-${clock(gap.to)}`;
  switch (gap.kind) {
    case "rules-late":
      return `rules ${gap.groups.join()} ${gap.doubt} ${between}`;
    case "changes":
      return `changes ${gap.is} ${between}`;
    case "access-late":
      return `access ${gap.name} ${gap.doubt} ${between}`;
    case "list":
      return `list ${gap.lists.join()} ${gap.is} ${between}`;
    default:
      return gap.kind;
  }
}

/** `logged`: the events come from an Activity Log. */
function gapsOf(events: readonly ControlEvent[], logged: Cloud | null = "azure"): string[] {
  const all = [...network, ...events];
  const topology = buildNetworkHistory(all).topologyAt(span.from);
  const places = topology.interfaces.map((place) => ({ place, span }));
  const judged = { events: all, policy: buildPolicyHistory(all), places, span, logOf: () => logged };
  const told = policyGaps(judged).map(line).sort();
  expect(
    policyGaps({ ...judged, events: all.toReversed() })
      .map(line)
      .sort(),
  ).toEqual(told);
  return told;
}

const machines = [{ machine: "vm1", ports: [] }];

function listSeen(time: Micros): ControlEvent {
  const data = { list: "Storage.WestEurope", prefixes: ["20.0.0.0/8"], edition: null, instant: "stated" as const };
  return eventOf(time, { type: "address-list-seen", data });
}

function daysBefore(days: number): Micros {
  return (span.from - days * 24 * microsPerHour) as Micros;
}

describe("groups", () => {
  test.each([
    [
      "seen before the traffic, with a log from then on, are known",
      [groupSeen("09:00", [ssh]), ruleWritten("09:30", ssh), ruleWritten("12:30", ssh)],
      [],
    ],
    [
      "seen behind it, with a log that reaches back before it, are known",
      [ruleWritten("09:30", ssh), groupSeen("13:00", [ssh])],
      [],
    ],
    [
      "seen behind it are inferred before the log begins",
      [ruleWritten("11:00", ssh), groupSeen("13:00", [ssh])],
      ["changes before 10:00-11:00", "rules web inferred 10:00-11:00"],
    ],
    [
      "that were never seen whole are unknown",
      [ruleWritten("09:30", ssh), ruleWritten("12:30", ssh)],
      ["rules web unknown 10:00-12:00"],
    ],
    [
      "of which nothing tells are unknown",
      [ruleWritten("09:30", ssh, { group: "other" }), ruleWritten("12:30", ssh, { group: "other" })],
      ["rules web unknown 10:00-12:00"],
    ],
    [
      "that a record wrote whole, without saying what, are unknown from then on",
      [groupSeen("09:00", [ssh]), groupWritten("11:00", null), ruleWritten("12:30", ssh)],
      ["rules web unknown 11:00-12:00"],
    ],
  ])("%s", (_, events, expected) => expect(gapsOf(events)).toEqual(expected));
});

describe("changes", () => {
  test.each([
    [
      "behind the last record are not known",
      [ruleWritten("09:30", ssh), ruleWritten("11:00", ssh), groupSeen("09:00", [ssh])],
      ["changes after 11:00-12:00"],
    ],
    [
      "behind it would show in a group that is seen later",
      [groupSeen("09:00", [ssh]), ruleWritten("11:00", ssh), groupSeen("13:00", [ssh])],
      [],
    ],
  ])("%s", (_, events, expected) => expect(gapsOf(events)).toEqual(expected));

  test("are not told at all where no log is in the case", () => {
    expect(gapsOf([groupSeen("09:00", [ssh])], null)).toEqual(["changes none 10:00-12:00"]);
  });
});

describe("just-in-time policies", () => {
  const known = [groupSeen("09:00", [ssh]), ruleWritten("09:30", ssh), ruleWritten("12:30", ssh)];
  test.each([
    ["seen late, while a log told of changes, are known", [policySeen("11:00", machines)], []],
    [
      "whose first record tells that they were there before are unknown till then",
      [policyWritten("11:00", machines, { effect: "updated" })],
      ["access jit unknown 10:00-11:00"],
    ],
    ["that were made then are known", [policyWritten("11:00", machines, { effect: "created" })], []],
  ])("%s", (_, events, expected) => expect(gapsOf([...known, ...events])).toEqual(expected));

  test("seen late are inferred where no log told of changes", () => {
    const told = gapsOf([groupSeen("09:00", [ssh]), policySeen("11:00", machines)], null);
    expect(told).toEqual(["access jit inferred 10:00-11:00", "changes none 10:00-12:00"]);
  });
});

describe("address lists that rules name", () => {
  const known = [groupSeen("09:00", [tagged]), ruleWritten("09:30", tagged), ruleWritten("12:30", tagged)];
  const list = "list storage.westeurope";
  test.each([
    ["are unknown where no edition is there", [], [`${list} never-shown 10:00-12:00`]],
    ["are known from an edition of the week before on", [listSeen(daysBefore(6))], []],
    ["are inferred before their first edition", [listSeen(at("11:00"))], [`${list} shown-later 10:00-11:00`]],
    ["are out of date a week behind an edition", [listSeen(daysBefore(30))], [`${list} shown-earlier 10:00-12:00`]],
    [
      "are out of date until the next edition",
      [listSeen(daysBefore(30)), listSeen(at("11:30"))],
      [`${list} shown-earlier 10:00-11:30`],
    ],
  ])("%s", (_, events, expected) => expect(gapsOf([...known, ...events])).toEqual(expected));
});
