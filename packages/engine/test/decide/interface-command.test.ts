import { describe, expect, it, test } from "vitest";
import {
  type AddInterface,
  addApplicationGroup,
  addInterface,
  addNetwork,
  removeInterface,
  setMembership,
  setTcpStateTracking,
} from "../../src/index.js";
import { applicationGroupSeen, groupSeen } from "../support/control-events.js";
import { type Command, given } from "../support/decisions.js";

const network: Command = (state) =>
  addNetwork(state, {
    name: "vnet",
    prefixes: ["10.1.0.0/16", "2001:db8::/56"],
    subnets: [
      { name: "web", prefixes: ["10.1.0.0/24", "2001:db8::/64"] },
      { name: "db", prefixes: ["10.1.1.0/24"] },
    ],
  });
const add =
  (name: string, more: Partial<AddInterface> = {}): Command =>
  (state) =>
    addInterface(state, { name, addresses: ["10.1.0.4"], subnet: "web", groups: [], machine: null, ...more });

const subnet = "local/virtualNetworks/vnet/subnets/web";
const lab = given(groupSeen("08:00", [])).and("09:00", network);

describe("interface add", () => {
  it("makes an interface in its subnet, with its group and machine", () => {
    const { facts } = lab.when("10:00", add("nic-1", { groups: ["web"], machine: "vm1" }));
    const data = {
      interface: "local/networkInterfaces/nic-1",
      name: "nic-1",
      group: "web",
      machine: "vm1",
      addresses: [{ address: "10.1.0.4", subnet, publicAddress: null, applicationSecurityGroups: [] }],
      begins: true,
    };
    expect(facts).toMatchObject([{ type: "interface-seen", data }]);
  });

  it("takes several addresses of both families", () => {
    const { facts } = lab.when("10:00", add("nic-1", { addresses: ["10.1.0.4", "2001:db8:0:0::9"] }));
    expect(facts).toMatchObject([{ data: { addresses: [{ address: "10.1.0.4" }, { address: "2001:db8::9" }] } }]);
  });

  it("puts several AWS security groups before it", () => {
    const groups = ["sg-1", "sg-2"].map((id) =>
      groupSeen("08:00", [], { group: id, name: id, kind: "security-group" }),
    );
    const { facts } = given(...groups)
      .and("09:00", network)
      .when("10:00", add("eni", { groups: ["sg-1", "sg-2"] }));
    expect(facts).toMatchObject([{ data: { group: null, groups: ["sg-1", "sg-2"], platform: "aws" } }]);
  });

  it("adds nothing where the same interface is there, and is refused where it looks different", () => {
    const made = lab.and("10:00", add("nic-1"));
    expect(made.when("10:00", add("nic-1")).remarks).toEqual([{ remark: "already-so" }]);
    expect(made.when("11:00", add("NIC-1", { addresses: ["10.1.0.5"] })).refusal).toEqual({
      refused: "exists",
      kind: "interface",
      id: "local/networkInterfaces/nic-1",
    });
  });

  it("may have the address of an interface that is removed by then", () => {
    const removed = lab
      .and("10:00", add("nic-1"))
      .and("11:00", (state) => removeInterface(state, { interface: "nic-1" }));
    expect(removed.when("10:30", add("nic-2")).refusal).toMatchObject({ refused: "address-taken" });
    expect(removed.when("12:00", add("nic-2")).refusal).toBeNull();
    expect(removed.when("12:00", add("nic-1")).refusal).toBeNull();
  });

  const prefixes = ["10.1.0.0/24", "2001:db8::/64"];
  test.each([
    [
      "an address outside the subnet",
      { addresses: ["10.1.1.4"] },
      { refused: "address-outside-subnet", address: "10.1.1.4", subnet, prefixes },
    ],
    [
      "[A17] the fourth address",
      { addresses: ["10.1.0.3"] },
      { refused: "address-reserved", address: "10.1.0.3", subnet },
    ],
    [
      "[A17] the last address",
      { addresses: ["10.1.0.255"] },
      { refused: "address-reserved", address: "10.1.0.255", subnet },
    ],
    [
      "an address that is taken",
      { addresses: ["10.1.0.9"] },
      { refused: "address-taken", address: "10.1.0.9", by: "local/networkInterfaces/first" },
    ],
    [
      "no address at all",
      { addresses: ["10.1.0"] },
      { refused: "bad-field", field: "interface address", text: "10.1.0" },
    ],
    [
      "an unknown subnet",
      { subnet: "x" },
      { refused: "unknown-resource", kind: "subnet", name: "x", known: ["db", "web"] },
    ],
    ["an unknown group", { groups: ["x"] }, { refused: "unknown-resource", kind: "group", name: "x", known: ["web"] }],
    [
      "[A2] two Azure groups",
      { groups: ["web", "web"] },
      { refused: "too-many", what: "groups at an interface or subnet", count: 2, limit: 1 },
    ],
    ["a bad name", { name: "a/b c" }, { refused: "bad-name", name: "a/b c" }],
  ])("is refused for %s", (_, more, refusal) => {
    const taken = lab.and("09:30", add("first", { addresses: ["10.1.0.9"] }));
    expect(taken.when("10:00", add("nic-1", more)).refusal).toEqual(refusal);
  });
});

describe("interface remove", () => {
  it("ends the interface, and is refused where there is none", () => {
    const command: Command = (state) => removeInterface(state, { interface: "nic-1" });
    const { facts, events } = lab.and("10:00", add("nic-1")).when("11:00", command);
    expect(facts).toMatchObject([{ type: "resource-removed", data: { resource: "local/networkInterfaces/nic-1" } }]);
    expect(given(...events).when("12:00", command).refusal).toMatchObject({ refused: "unknown-resource" });
  });

  it("is refused at the very instant at which the interface is made", () => {
    const made = lab.and("10:00", add("nic-1"));
    expect(made.when("10:00", (state) => removeInterface(state, { interface: "nic-1" })).refusal).toMatchObject({
      refused: "edited-at-this-instant",
    });
  });
});

describe("interface set --tcp-state-tracking", () => {
  const set =
    (tracking: boolean, name = "nic-1"): Command =>
    (state) =>
      setTcpStateTracking(state, { interface: name, tracking });

  it("writes the switch, which is named for its opposite, and nothing where it stands so", () => {
    const made = lab.and("10:00", add("nic-1"));
    expect(made.when("11:00", set(true)).remarks).toEqual([{ remark: "already-so" }]);
    const data = { setting: "disableTcpStateTracking", value: true };
    expect(made.when("11:00", set(false)).facts).toMatchObject([{ type: "setting-written", data }]);
    expect(made.and("11:00", set(false)).when("12:00", set(true)).facts).toMatchObject([{ data: { value: false } }]);
  });

  it("is refused for an unknown interface", () => {
    expect(lab.when("11:00", set(false)).refusal).toMatchObject({ refused: "unknown-resource" });
  });
});

describe("asg add", () => {
  it("makes a group without members once", () => {
    const command: Command = (state) => addApplicationGroup(state, { name: "front" });
    const { facts, events } = given().when("10:00", command);
    const data = { group: "local/applicationSecurityGroups/front", name: "front" };
    expect(facts).toMatchObject([{ type: "application-security-group-seen", data }]);
    expect(given(...events).when("11:00", command).remarks).toEqual([{ remark: "already-so" }]);
  });

  it("is refused for a bad name", () => {
    expect(given().when("10:00", (state) => addApplicationGroup(state, { name: "" })).refusal).toEqual({
      refused: "bad-name",
      name: "",
    });
  });
});

describe("asg set", () => {
  const names = Array.from({ length: 21 }, (_, index) => `g${index}`);
  const made = given(...names.map((name) => applicationGroupSeen("08:00", name)))
    .and("09:00", network)
    .and("09:30", add("nic-1"));
  const set =
    (address: string, ...groups: readonly string[]): Command =>
    (state) =>
      setMembership(state, { interface: "nic-1", address, groups });

  it("writes all that the address is a member of, and nothing where it is so", () => {
    const { facts, events } = made.when("10:00", set("10.1.0.4", "g1", "G2"));
    const data = { address: "10.1.0.4", applicationSecurityGroups: ["g1", "g2"] };
    expect(facts).toMatchObject([{ type: "membership-written", data }]);
    expect(given(...events).when("11:00", set("10.1.0.4", "g2", "g1")).remarks).toEqual([{ remark: "already-so" }]);
    expect(given(...events).when("11:00", set("10.1.0.4")).facts).toMatchObject([
      { data: { applicationSecurityGroups: [] } },
    ]);
  });

  test.each([
    [
      "an address that the interface has not",
      set("10.1.0.5", "g1"),
      { refused: "unknown-address", address: "10.1.0.5", interface: "nic-1", known: ["10.1.0.4"] },
    ],
    [
      "more than 20 groups",
      set("10.1.0.4", ...names),
      { refused: "too-many", what: "application security groups of an address", count: 21, limit: 20 },
    ],
    [
      "an unknown group",
      set("10.1.0.4", "x"),
      { refused: "unknown-resource", kind: "application security group", name: "x", known: [...names].sort() },
    ],
  ])("is refused for %s", (_, command, refusal) => {
    expect(made.when("10:00", command).refusal).toEqual(refusal);
  });
});
