import { describe, expect, it, test } from "vitest";
import { type AddNetwork, addNetwork, flushFlows, setAddressList, setFlowTimeout } from "../../src/index.js";
import { interfaceSeen, networkSeen } from "../support/control-events.js";
import { type Command, given } from "../support/decisions.js";

const add =
  (more: Partial<AddNetwork> = {}): Command =>
  (state) => {
    const subnets = [{ name: "web", prefixes: ["10.1.0.0/24"] }];
    return addNetwork(state, { name: "vnet", prefixes: ["10.1.0.0/16"], subnets, ...more });
  };

describe("network add", () => {
  it("makes a network with its subnets", () => {
    const { facts } = given().when("10:00", add());
    const subnet = "local/virtualNetworks/vnet/subnets/web";
    const data = {
      network: "local/virtualNetworks/vnet",
      name: "vnet",
      addressPrefixes: ["10.1.0.0/16"],
      subnets: [{ subnet, name: "web", addressPrefixes: ["10.1.0.0/24"], group: null, routeTable: null }],
      flowTimeoutMinutes: null,
      begins: true,
    };
    expect(facts).toMatchObject([{ type: "virtual-network-seen", data }]);
  });

  it("adds nothing where it is there, and is refused where it looks different", () => {
    const made = given().and("10:00", add());
    expect(made.when("11:00", add()).remarks).toEqual([{ remark: "already-so" }]);
    expect(made.when("11:00", add({ prefixes: ["10.1.0.0/16", "10.2.0.0/16"] })).refusal).toMatchObject({
      refused: "exists",
    });
  });

  const web = (...prefixes: string[]) => [{ name: "web", prefixes }];
  test.each([
    ["a bad prefix", { prefixes: ["10.1.0.0/40"] }, { refused: "bad-field", field: "prefix", text: "10.1.0.0/40" }],
    [
      "a bad name of a subnet",
      { subnets: [{ name: "-", prefixes: ["10.1.0.0/24"] }] },
      { refused: "bad-name", name: "-" },
    ],
    [
      "a subnet outside",
      { subnets: web("10.2.0.0/24") },
      { refused: "prefix-outside-network", prefix: "10.2.0.0/24", subnet: "web" },
    ],
    [
      "a subnet partly outside",
      { subnets: web("10.0.0.0/15") },
      { refused: "prefix-outside-network", prefix: "10.0.0.0/15", subnet: "web" },
    ],
    [
      "subnets that overlap",
      { subnets: web("10.1.0.0/24", "10.1.0.128/25") },
      { refused: "prefix-overlaps", prefix: "10.1.0.128/25", other: "10.1.0.0/24" },
    ],
    [
      "[A17] addresses that no network can have",
      { prefixes: ["169.254.1.0/24"], subnets: [] },
      { refused: "prefix-overlaps", prefix: "169.254.1.0/24", other: "169.254.0.0/16" },
    ],
  ])("is refused for %s", (_, more, refusal) => {
    expect(given().when("10:00", add(more)).refusal).toEqual(refusal);
  });
});

describe("network set --flow-timeout", () => {
  const set =
    (minutes: number | null, network = "vnet"): Command =>
    (state) =>
      setFlowTimeout(state, { network, minutes });
  const network = networkSeen("09:00", "vnet");

  it("writes the minutes, takes them back, and adds nothing where it is so", () => {
    const { facts, events } = given(network).when("10:00", set(30));
    const data = { resource: "vnet", setting: "flowTimeoutMinutes", value: 30 };
    expect(facts).toMatchObject([{ type: "setting-written", data }]);
    expect(given(...events).when("11:00", set(30)).remarks).toEqual([{ remark: "already-so" }]);
    expect(given(...events).when("11:00", set(null)).facts).toMatchObject([{ data: { value: null } }]);
    const none = given(network).and("10:00", set(null));
    expect(none.when("11:00", set(null)).remarks).toEqual([{ remark: "already-so" }]);
  });

  test.each([3, 31, 4.5])("[A8] is refused for %s minutes", (minutes) => {
    const range = { lowest: 4, highest: 30 };
    expect(given(network).when("10:00", set(minutes)).refusal).toEqual({
      refused: "out-of-range",
      field: "flow timeout",
      value: minutes,
      range,
    });
  });

  it("is refused for an unknown network", () => {
    expect(given(network).when("10:00", set(4, "x")).refusal).toMatchObject({ refused: "unknown-resource" });
  });
});

describe("tag set", () => {
  const set =
    (list: string, ...prefixes: string[]): Command =>
    (state) =>
      setAddressList(state, { list, prefixes });

  it("writes the contents whole, and nothing where they cover the same addresses", () => {
    const { facts, events } = given().when("10:00", set("Storage.WestEurope", "20.0.0.0/9,20.128.0.0/9"));
    const data = { list: "Storage.WestEurope", prefixes: ["20.0.0.0/9", "20.128.0.0/9"], edition: null };
    expect(facts).toMatchObject([{ type: "address-list-seen", data }]);
    const later = given(...events);
    expect(later.when("11:00", set("storage.westeurope", "20.0.0.0/8")).remarks).toEqual([{ remark: "already-so" }]);
    expect(later.when("11:00", set("Storage.WestEurope", "20.0.0.0/9")).facts).toHaveLength(1);
    expect(later.when("09:00", set("Storage.WestEurope", "20.0.0.0/8")).remarks).toMatchObject([
      { remark: "later-evidence", count: 1 },
    ]);
  });

  test.each([
    ["a bad prefix", set("Storage", "20.0.0.0/8", "x"), { refused: "bad-field", field: "prefix", text: "x" }],
    ["a bad name", set("10.0.0.0/8", "10.0.0.0/8"), { refused: "bad-field", field: "service tag", text: "10.0.0.0/8" }],
  ])("is refused for %s", (_, command, refusal) => {
    expect(given().when("10:00", command).refusal).toEqual(refusal);
  });
});

describe("flow flush", () => {
  const connection = { protocol: 6, a: "203.0.113.7", b: "10.0.0.4", portA: null, portB: 22 };
  const nic = interfaceSeen("09:00", "nic-1");

  test.each([
    ["everywhere", null, null, null],
    ["at one interface", "NIC-1", null, "nic-1"],
    ["of one connection", null, connection, null],
  ])("drops flow records %s", (_, name, flow, id) => {
    const command: Command = (state) => flushFlows(state, { interface: name, connection: flow });
    expect(given(nic).when("10:00", command).facts).toMatchObject([
      { type: "flows-flushed", data: { interface: id, connection: flow } },
    ]);
  });

  it("is refused for an unknown interface", () => {
    const command: Command = (state) => flushFlows(state, { interface: "x", connection: null });
    expect(given(nic).when("10:00", command).refusal).toMatchObject({ refused: "unknown-resource" });
  });
});
