import { describe, expect, it } from "vitest";
import {
  buildNetworkHistory,
  type ControlEvent,
  formatAddress,
  formatPrefix,
  parseAddress,
  type Topology,
} from "../../src/index.js";
import { groupSeen, interfaceSeen, networkSeen } from "../support/control-events.js";
import { at } from "../support/instants.js";
import { Random } from "../support/random.js";

/** The topology at a time; the same in whatever order the events came. */
function topologyAt(events: readonly ControlEvent[], time: string): Topology {
  const topology = buildNetworkHistory(events).topologyAt(at(time));
  const random = new Random(1);
  for (const order of [events.toReversed(), random.shuffled(events), random.shuffled(events)]) {
    expect(buildNetworkHistory(order).topologyAt(at(time)).interfaces).toEqual(topology.interfaces);
  }
  return topology;
}

/** `interface: web, subnet: open`. */
function gatesAt(events: readonly ControlEvent[], time: string, name = "nic-1"): string {
  const { gates } = topologyAt(events, time).interfacesNamed(name)[0]!;
  const told = (gate: "interface" | "subnet") =>
    gates[gate].is === "groups" ? gates[gate].groups.join("+") : gates[gate].is;
  return `interface: ${told("interface")}, subnet: ${told("subnet")}`;
}

function holders(events: readonly ControlEvent[], address: string, time = "12:00"): string[] {
  const held = topologyAt(events, time).interfacesOf(parseAddress(address)!);
  return held.map(({ name }) => name);
}

describe("an interface's gates", () => {
  const nic = interfaceSeen("09:00", "nic-1", { group: "web", subnet: "subnet-1" });

  it("are its own group's, and that of its subnet as the virtual network shows it", () => {
    expect(gatesAt([nic, networkSeen("09:00", "vnet", { subnets: { "subnet-1": "front" } })], "09:00")).toBe(
      "interface: web, subnet: front",
    );
    expect(gatesAt([nic, networkSeen("09:00", "vnet", { subnets: { "subnet-1": null } })], "09:00")).toBe(
      "interface: web, subnet: open",
    );
  });

  it("stand open where the interface is seen without a group", () => {
    const bare = interfaceSeen("09:00", "nic-1");
    expect(gatesAt([bare, networkSeen("09:00", "vnet")], "09:00")).toBe("interface: open, subnet: open");
  });

  it("are a group's that says it stands at the subnet, where no network shows it", () => {
    expect(gatesAt([nic, groupSeen("09:00", [], { group: "front", subnets: ["SUBNET-1"] })], "09:00")).toBe(
      "interface: web, subnet: front",
    );
  });

  it("are unknown at a subnet that nobody shows, and where the interface has none", () => {
    expect(gatesAt([nic], "09:00")).toBe("interface: web, subnet: unknown");
    expect(gatesAt([interfaceSeen("09:00", "nic-1", { subnet: null })], "09:00")).toBe(
      "interface: open, subnet: unknown",
    );
  });

  it("compare ids without case", () => {
    const upper = interfaceSeen("09:00", "nic-1", { subnet: "SUBNET-1" });
    expect(gatesAt([upper, networkSeen("09:00", "vnet", { subnets: { "subnet-1": "front" } })], "09:00")).toBe(
      "interface: open, subnet: front",
    );
  });
});

describe("over time", () => {
  const events = [
    interfaceSeen("09:00", "nic-1", { group: "web" }),
    interfaceSeen("11:00", "NIC-1", { group: "jump", addresses: ["10.0.0.5"] }),
    networkSeen("10:00", "vnet", { subnets: { "subnet-1": "front" } }),
  ];

  it("the latest snapshot counts, from its very instant", () => {
    expect(["09:00", "10:59:59.999999", "11:00", "12:00"].map((time) => gatesAt(events, time))).toEqual([
      "interface: web, subnet: front",
      "interface: web, subnet: front",
      "interface: jump, subnet: front",
      "interface: jump, subnet: front",
    ]);
    expect(holders(events, "10.0.0.4", "10:00")).toEqual(["nic-1"]);
    expect(holders(events, "10.0.0.4", "11:00")).toEqual([]);
    expect(holders(events, "10.0.0.5", "11:00")).toEqual(["NIC-1"]);
  });

  it("the first snapshot holds for the time before it too, and says that it is inferred", () => {
    expect(gatesAt(events, "08:00")).toBe("interface: web, subnet: front");
    const provenance = (time: string) => topologyAt(events, time).interfacesNamed("nic-1")[0]!.provenance;
    expect(["08:00", "09:30", "10:00"].map(provenance)).toEqual(["inferred", "inferred", "recorded"]);
  });

  it("a snapshot whose instant was guessed from a file yields to a stated one that shows the same", () => {
    const guessed = interfaceSeen("08:00", "nic-1", { group: "web", instant: "file-time" });
    const history = buildNetworkHistory([guessed, interfaceSeen("09:00", "nic-1", { group: "web" })]);
    expect(history.boundaries).toEqual([at("09:00")]);
  });
});

describe("addresses", () => {
  it("belong to every interface that shows them", () => {
    const events = [
      interfaceSeen("09:00", "nic-1", { addresses: ["10.0.0.4", "10.0.0.9"] }),
      interfaceSeen("09:00", "nic-2", { addresses: ["10.0.0.9", "fd00:1::9"] }),
    ];
    expect(holders(events, "10.0.0.4")).toEqual(["nic-1"]);
    expect(holders(events, "10.0.0.9")).toEqual(["nic-1", "nic-2"]);
    expect(holders(events, "fd00:1::9")).toEqual(["nic-2"]);
    expect(holders(events, "203.0.113.7")).toEqual([]);
  });

  it("count once, also where an interface shows one twice", () => {
    expect(holders([interfaceSeen("09:00", "nic-1", { addresses: ["10.0.0.4", "10.0.0.4"] })], "10.0.0.4")).toEqual([
      "nic-1",
    ]);
  });

  it("of application security groups are those of their members", () => {
    const events = [
      interfaceSeen("09:00", "nic-1", { addresses: ["10.0.0.4"], applicationSecurityGroups: ["ASG-Web"] }),
      interfaceSeen("09:00", "nic-2", { addresses: ["10.0.0.5"], applicationSecurityGroups: ["asg-web"] }),
    ];
    const members = topologyAt(events, "09:00").membersOf("asg-WEB");
    expect(members.ranges.map(({ first, last }) => [formatAddress(first), formatAddress(last)])).toEqual([
      ["10.0.0.4", "10.0.0.5"],
    ]);
  });
});

describe("the network's address space", () => {
  const spaceOf = (events: readonly ControlEvent[]) =>
    topologyAt(events, "09:00").interfacesNamed("nic-1")[0]!.space?.map(formatPrefix) ?? null;
  const nic = interfaceSeen("09:00", "nic-1");

  it("is the network's own and that of connected peers", () => {
    const peerings = [
      { state: "Connected", remoteAddressPrefixes: ["10.1.0.0/16"] },
      { state: "Disconnected", remoteAddressPrefixes: ["10.2.0.0/16"] },
    ];
    expect(spaceOf([nic, networkSeen("09:00", "vnet", { peerings })])).toEqual(["10.0.0.0/16", "10.1.0.0/16"]);
  });

  it("is not known where no network shows the subnet", () => {
    expect(spaceOf([nic, networkSeen("09:00", "vnet", { subnets: { other: null } })])).toBeNull();
  });
});

describe("interfaces of one name", () => {
  it("are told apart by their ids alone", () => {
    const events = [
      interfaceSeen("09:00", "nic", { id: "/rg-1/nic", addresses: ["10.0.0.4"] }),
      interfaceSeen("09:00", "nic", { id: "/rg-2/nic", addresses: ["10.0.0.5"] }),
    ];
    const named = (name: string) =>
      topologyAt(events, "09:00")
        .interfacesNamed(name)
        .map(({ id }) => id);
    expect(named("/RG-2/nic")).toEqual(["/rg-2/nic"]);
    expect(named("NIC")).toEqual(["/rg-1/nic", "/rg-2/nic"]);
    expect(named("other")).toEqual([]);
  });
});
