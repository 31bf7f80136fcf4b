// Edits of AWS that name no interface or subnet of their own: by machine, by an association's id, address by address.

import { describe, expect, it } from "vitest";
import { buildNetworkHistory, type ControlEvent, formatAddress, type PlacedInterface } from "../../src/index.js";
import {
  associated,
  factAt,
  groupSeen,
  type InterfaceMore,
  interfaceSeen,
  removed,
} from "../support/control-events.js";
import { at } from "../support/instants.js";

const done = { phase: "succeeded", operationId: null, effect: null } as const;

function shown(when: string, id: string, more: InterfaceMore["more"] = {}, addresses = ["10.0.0.4"]): ControlEvent {
  const data = { platform: "aws", groups: ["sg-old"], machine: "i-1", ...more } as const;
  return interfaceSeen(when, id, { addresses, more: data });
}

/** Null: there is none. The same in either order of the events. */
function placeAt(events: readonly ControlEvent[], time: string, id = "eni-1"): PlacedInterface | null {
  const [place, other] = [events, events.toReversed()].map(
    (list) => buildNetworkHistory(list).topologyAt(at(time)).interfacesNamed(id)[0] ?? null,
  );
  expect(other).toEqual(place);
  return place!;
}

const gate = (place: PlacedInterface | null, kind: "interface" | "network-acl") => {
  const standing = place?.gates[kind];
  return standing?.is === "groups" ? standing.groups.join("+") : standing?.is;
};

describe("groups put before a machine", () => {
  const put = associated("10:00", "interface", "i-1", ["sg-new"]);

  it("stand before its only interface", () => {
    const events = [shown("09:00", "eni-1"), put];
    expect(["09:59", "10:00"].map((time) => gate(placeAt(events, time), "interface"))).toEqual(["sg-old", "sg-new"]);
  });

  it("leave it unknown which of several stands so", () => {
    const events = [shown("09:00", "eni-1"), shown("09:00", "eni-2"), put];
    expect(gate(placeAt(events, "10:00"), "interface")).toBe("unknown");
    expect(gate(placeAt(events, "10:00", "eni-2"), "interface")).toBe("unknown");
  });

  it("stand before no interface that another machine has then", () => {
    const events = [shown("09:00", "eni-1"), shown("09:30", "eni-1", { machine: "i-2" }), put];
    expect(gate(placeAt(events, "10:00"), "interface")).toBe("sg-old");
  });
});

it("a machine's interfaces end with it, until somebody sees one again", () => {
  const events = [shown("09:00", "eni-1"), removed("10:00", "i-1"), shown("11:00", "eni-1", { machine: "i-2" })];
  expect(["09:59", "10:00", "11:00"].map((time) => placeAt(events, time)?.machine ?? null)).toEqual([
    "i-1",
    null,
    "i-2",
  ]);
});

describe("a network ACL put before an association", () => {
  const replaced = (when: string, target: string, replacedBy: string, group: string) =>
    factAt(when, {
      type: "association-written",
      data: { ...done, gate: "network-acl", target, replacedBy, groups: [group] },
    });
  const acl = (when: string, group: string, id: string) =>
    groupSeen(when, [], {
      group,
      kind: "network-acl",
      subnets: ["subnet-1"],
      associations: [{ id, subnet: "subnet-1" }],
    });
  const edits = [
    replaced("10:00", "aclassoc-1", "aclassoc-2", "acl-b"),
    replaced("11:00", "aclassoc-2", "aclassoc-3", "acl-c"),
  ];
  const told = (events: readonly ControlEvent[]) =>
    ["09:59", "10:00", "11:00"].map((time) => gate(placeAt([shown("09:00", "eni-1"), ...events], time), "network-acl"));

  it("stands before the subnet that an earlier snapshot names", () => {
    expect(told([acl("09:00", "acl-a", "aclassoc-1"), ...edits])).toEqual(["acl-a", "acl-b", "acl-c"]);
  });

  it("stands before the subnet that a later snapshot names, and what stood there before is unknown", () => {
    expect(told([acl("12:00", "acl-c", "aclassoc-3"), ...edits])).toEqual(["unknown", "acl-b", "acl-c"]);
  });

  it("concerns no subnet that has another association", () => {
    expect(told([acl("09:00", "acl-a", "aclassoc-9"), ...edits])).toEqual(["acl-a", "acl-a", "acl-a"]);
  });
});

describe("addresses given to an interface and taken away", () => {
  const changed = (when: string, added: readonly string[], removed: readonly string[] = []) =>
    factAt(when, { type: "addresses-changed", data: { ...done, interface: "eni-1", added, removed } });
  const told = (events: readonly ControlEvent[], ...times: string[]) =>
    times.map((time) => placeAt(events, time)?.addresses.map(formatAddress).sort().join(" "));

  it("add to what the last sight of it shows", () => {
    const events = [
      shown("09:00", "eni-1"),
      changed("10:00", ["10.0.0.5"]),
      changed("10:00", ["10.0.0.6"]),
      changed("11:00", [], ["10.0.0.5"]),
      shown("12:00", "eni-1", {}, ["10.0.0.4"]),
    ];
    expect(told(events, "09:59", "10:00", "11:00", "12:00")).toEqual([
      "10.0.0.4",
      "10.0.0.4 10.0.0.5 10.0.0.6",
      "10.0.0.4 10.0.0.6",
      "10.0.0.4",
    ]);
  });

  it("are taken back before the first sight of it, as inferred", () => {
    const events = [
      changed("10:00", ["10.0.0.5"]),
      changed("11:00", [], ["10.0.0.6"]),
      shown("12:00", "eni-1", {}, ["10.0.0.4", "10.0.0.5"]),
    ];
    expect(told(events, "09:00", "10:00", "11:00")).toEqual([
      "10.0.0.4 10.0.0.6",
      "10.0.0.4 10.0.0.5 10.0.0.6",
      "10.0.0.4 10.0.0.5",
    ]);
    expect(placeAt(events, "10:00")?.provenance).toBe("inferred");
  });
});
