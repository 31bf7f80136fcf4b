import { describe, expect, it } from "vitest";
import { accessGrants, type ControlEvent, grantOf, type RequestedAccess } from "../../src/index.js";
import { accessRequested, groupSeen, ruleDeleted, ruleWritten } from "../support/control-events.js";
import { historyOf } from "../support/histories.js";
import { at } from "../support/instants.js";

const jitName = "MicrosoftDefenderForCloud-JITRule--1105480617-9EF6964F0A0B4C3D9EF6964F0A0B4C3D";
const jitRule = `100 ${jitName} inbound allow tcp 203.0.113.7 * -> 10.0.0.4 22`;
const ssh: RequestedAccess = { machine: "vm1", port: 22, sources: ["203.0.113.7"], until: at("10:00") };

/** The requestor and the tie of the grant that each version of the rules was made for. */
function grantsOf(events: readonly ControlEvent[]) {
  const versions = historyOf(events)
    .groups.get("web")!
    .versions.filter(({ isDefault }) => !isDefault);
  const told = (order: readonly ControlEvent[]) =>
    versions.map((version) => {
      const match = grantOf(version, accessGrants(order));
      return match === null ? null : `${match.grant.cause.actor?.who} by ${match.by}`;
    });
  expect(told(events.toReversed())).toEqual(told(events));
  return told(events);
}

describe("a request for access", () => {
  it("grants when it succeeds, with the body of whichever record has one", () => {
    const events = [
      accessRequested("09:00", [ssh], { phase: "started", operationId: "op", justification: "ticket 7", who: "alice" }),
      accessRequested("09:00:02", null, { operationId: "op", who: "alice" }),
    ];
    expect(accessGrants(events)).toMatchObject([
      { machine: "vm1", port: 22, sources: ["203.0.113.7"], justification: "ticket 7", from: at("09:00:02") },
    ]);
    expect(accessGrants(events.toReversed())).toEqual(accessGrants(events));
  });

  it("that failed, or only started, grants nothing", () => {
    expect(accessGrants([accessRequested("09:00", [ssh], { phase: "started" })])).toEqual([]);
    expect(accessGrants([accessRequested("09:00", [ssh], { phase: "failed" })])).toEqual([]);
  });

  it("that names no source is for the address it came from", () => {
    const grants = accessGrants([accessRequested("09:00", [{ ...ssh, sources: null }], { from: "203.0.113.7" })]);
    expect(grants[0]!.sources).toEqual(["203.0.113.7"]);
  });
});

describe("a rule is tied to the grant that it was made for", () => {
  const whole = groupSeen("08:00", []);

  it("by correlation id, whatever its name", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice", correlationId: "c" }),
      ruleWritten("09:00:05", "100 odd inbound allow tcp * * -> * 22", { correlationId: "c" }),
    ];
    expect(grantsOf(events)).toEqual(["alice by correlation id"]);
  });

  it("else by name, port, source and time, and to the latest that fits", () => {
    const events = [
      whole,
      accessRequested("08:30", [ssh], { who: "alice" }),
      accessRequested("09:00", [ssh], { who: "bob" }),
      accessRequested("09:00:02", [{ ...ssh, port: 3389 }], { who: "carol" }),
      accessRequested("09:00:03", [{ ...ssh, sources: ["198.51.100.1"] }], { who: "dave" }),
      ruleWritten("09:00:05", jitRule, { effect: "created" }),
      accessRequested("09:01", [ssh], { who: "erin" }),
    ];
    expect(grantsOf(events)).toEqual(["bob by port, source and time"]);
  });

  it("and each version to its own", () => {
    const events = [
      whole,
      accessRequested("09:00", [ssh], { who: "alice" }),
      ruleWritten("09:00:05", jitRule, { effect: "created" }),
      ruleDeleted("09:30", jitName),
      accessRequested("10:00", [ssh], { who: "bob" }),
      ruleWritten("10:00:05", jitRule, { effect: "created" }),
    ];
    expect(grantsOf(events)).toEqual(["alice by port, source and time", "bob by port, source and time"]);
  });

  it("and to none when it is older, an hour younger, or the policy's own deny", () => {
    const request = accessRequested("09:00", [ssh], { who: "alice" });
    expect(grantsOf([whole, request, ruleWritten("08:59", jitRule)])).toEqual([null]);
    expect(grantsOf([whole, request, ruleWritten("10:00", jitRule)])).toEqual(["alice by port, source and time"]);
    expect(grantsOf([whole, request, ruleWritten("10:00:01", jitRule)])).toEqual([null]);
    const deny = jitRule.replace("JITRule-", "JITRule_").replace("allow", "deny");
    expect(grantsOf([whole, request, ruleWritten("09:01", deny)])).toEqual([null]);
  });
});
