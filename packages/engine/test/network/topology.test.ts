import { describe, expect, it } from "vitest";
import {
  buildNetworkHistory,
  type ControlEvent,
  formatAddress,
  formatPrefix,
  parseAddress,
  placePacket,
  type Route,
  type Topology,
} from "../../src/index.js";
import { associated, factAt, groupSeen, interfaceSeen, networkSeen, removed } from "../support/control-events.js";
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

/** The VirtualNetwork tag at nic-1; `…` where there may be more. */
function spaceOf(...events: readonly ControlEvent[]): string[] {
  const { prefixes, whole } = topologyAt(events, "09:00").interfacesNamed("nic-1")[0]!.space;
  return [...prefixes.map(formatPrefix), ...(whole ? [] : ["…"])];
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
  const nic = interfaceSeen("09:00", "nic-1");

  it("is the network's own and that of connected peers", () => {
    const peerings = [
      { state: "Connected", remoteAddressPrefixes: ["10.1.0.0/16"] },
      { state: "Disconnected", remoteAddressPrefixes: ["10.2.0.0/16"] },
    ];
    expect(spaceOf(nic, networkSeen("09:00", "vnet", { peerings }))).toEqual(["10.0.0.0/16", "10.1.0.0/16"]);
  });

  it("is not known where no network shows the subnet", () => {
    expect(spaceOf(nic, networkSeen("09:00", "vnet", { subnets: { other: null } }))).toEqual(["…"]);
  });
});

describe("[A4] the VirtualNetwork tag holds", () => {
  const told = (...events: readonly ControlEvent[]) => spaceOf(interfaceSeen("09:00", "nic-1"), ...events);
  const routes = (...destinations: readonly string[]) =>
    factAt("09:00", {
      type: "route-table-seen",
      data: {
        routeTable: "routes",
        name: "routes",
        subnets: [],
        routes: destinations.map((destination) => ({ destination, nextHop: "VirtualAppliance", target: null })),
        instant: "stated",
      },
    });

  it("the prefixes of user-defined routes, a default route included", () => {
    const network = networkSeen("09:00", "vnet", { routeTable: "ROUTES" });
    expect(told(network, routes("172.16.0.0/12", "0.0.0.0/0"))).toEqual(["10.0.0.0/16", "172.16.0.0/12", "0.0.0.0/0"]);
  });

  it("what is known for sure, and perhaps more, where the subnet's route table was never seen", () => {
    expect(told(networkSeen("09:00", "vnet", { routeTable: "routes" }))).toEqual(["10.0.0.0/16", "…"]);
  });

  it("perhaps more, where a route leads to a service tag, or a connected peer shows no prefix", () => {
    const network = networkSeen("09:00", "vnet", { routeTable: "routes" });
    expect(told(network, routes("Storage.WestUS"))).toEqual(["10.0.0.0/16", "…"]);
    const peered = networkSeen("09:00", "vnet", { peerings: [{ remoteNetwork: "peer" }] });
    expect(told(peered)).toEqual(["10.0.0.0/16", "…"]);
  });

  it("what is behind the network's own gateways", () => {
    const behind = (network: string, gateway: string, prefix: string) =>
      factAt("09:00", {
        type: "connected-space-seen",
        data: { network, gateway, addressPrefixes: [prefix], instant: "stated" },
      });
    const events = [behind("VNET", "vpn", "192.168.0.0/24"), behind("other", "vpn", "192.168.9.0/24")];
    expect(told(networkSeen("09:00", "vnet"), ...events)).toEqual(["10.0.0.0/16", "192.168.0.0/24"]);
  });

  it("a peer's prefixes as the peer itself shows them, unless access to it is switched off", () => {
    const peer = networkSeen("09:00", "peer", { addressPrefixes: ["10.7.0.0/16"], subnets: {} });
    const network = (more: object) => networkSeen("09:00", "vnet", { peerings: [{ remoteNetwork: "PEER", ...more }] });
    expect(told(network({}), peer)).toEqual(["10.0.0.0/16", "10.7.0.0/16"]);
    expect(told(network({ allowVirtualNetworkAccess: false }), peer)).toEqual(["10.0.0.0/16"]);
  });
});

describe("[A3] members of groups that nobody has shown", () => {
  const memberSpace = (...events: readonly ControlEvent[]) => {
    const [place] = topologyAt([interfaceSeen("09:00", "nic-1"), ...events], "09:00").interfacesNamed("nic-1");
    return place!.memberSpace.prefixes.map(formatPrefix);
  };
  const routes = (routes: readonly Route[]) =>
    factAt("09:00", {
      type: "route-table-seen",
      data: { routeTable: "routes", name: "routes", subnets: ["subnet-1"], routes, instant: "stated" },
    });
  const everything = { destination: "0.0.0.0/0", target: null };

  it("may be in the network or its peers, and nowhere that other routes lead", () => {
    const network = networkSeen("09:00", "vnet", { peerings: [{ remoteAddressPrefixes: ["10.1.0.0/16"] }] });
    expect(memberSpace(network, routes([{ ...everything, nextHop: "VirtualAppliance" }]))).toEqual([
      "10.0.0.0/16",
      "10.1.0.0/16",
    ]);
  });

  it("may be where AWS routes to another network", () => {
    const peered = { destination: "10.7.0.0/16", nextHop: "vpc_peering_connection", target: "pcx-1" };
    const table = routes([{ ...everything, nextHop: "internet_gateway" }, peered]);
    expect(memberSpace(networkSeen("09:00", "vpc"), table)).toEqual(["10.0.0.0/16", "10.7.0.0/16"]);
  });
});

describe("edits", () => {
  const nic = interfaceSeen("09:00", "nic-1", { group: "web" });
  const network = networkSeen("09:00", "vnet", { subnets: { "subnet-1": "front" } });

  it("of an association put other groups at the gate, from their very instant", () => {
    const events = [
      nic,
      network,
      associated("10:00", "subnet", "SUBNET-1", []),
      associated("11:00", "interface", "nic-1", ["jump"]),
    ];
    expect(["09:59:59", "10:00", "11:00"].map((time) => gatesAt(events, time))).toEqual([
      "interface: web, subnet: front",
      "interface: web, subnet: open",
      "interface: jump, subnet: open",
    ]);
  });

  it("leave what held before them unknown, where no snapshot is older", () => {
    const late = [interfaceSeen("12:00", "nic-1", { group: "jump" }), networkSeen("12:00", "vnet")];
    const events = [...late, associated("10:00", "interface", "nic-1", ["jump"])];
    expect(gatesAt(events, "09:00")).toBe("interface: unknown, subnet: open");
  });

  it("that do not say what they put there leave it unknown until a snapshot shows it", () => {
    const events = [nic, network, associated("10:00", "interface", "nic-1", null), interfaceSeen("11:00", "nic-1")];
    expect(["10:30", "11:00"].map((time) => gatesAt(events, time))).toEqual([
      "interface: unknown, subnet: front",
      "interface: open, subnet: front",
    ]);
  });

  it("of one instant that disagree leave it unknown", () => {
    const events = [nic, network, ...["a", "b"].map((group) => associated("10:00", "interface", "nic-1", [group]))];
    expect(gatesAt(events, "10:00")).toBe("interface: unknown, subnet: front");
  });

  it("a later snapshot of a group that stands at the subnet outweighs an older one of the network", () => {
    const events = [nic, network, groupSeen("10:00", [], { group: "back", subnets: ["subnet-1"] })];
    expect(["09:30", "10:00"].map((time) => gatesAt(events, time))).toEqual([
      "interface: web, subnet: front",
      "interface: web, subnet: back",
    ]);
  });

  it("removing an interface takes its addresses away; one that was made was not there before", () => {
    const made = interfaceSeen("09:00", "nic-1", { more: { begins: true } });
    const events = [made, network, removed("10:00", "NIC-1")];
    expect(["08:00", "09:00", "10:00"].map((time) => holders(events, "10.0.0.4", time))).toEqual([[], ["nic-1"], []]);
  });

  it("of memberships count for their address", () => {
    const written = factAt("10:00", {
      type: "membership-written",
      data: {
        phase: "succeeded",
        operationId: null,
        effect: null,
        interface: "nic-1",
        address: "10.0.0.4",
        applicationSecurityGroups: ["asg-web"],
      },
    });
    const size = (time: string) => topologyAt([nic, written], time).membersOf("asg-web").size;
    expect(["09:30", "10:00"].map(size)).toEqual([0, 1]);
  });
});

describe("a public address", () => {
  it("[A1] stands for the private one behind it", () => {
    const shown = factAt("09:00", {
      type: "public-address-seen",
      data: { publicAddress: "pip-1", address: "203.0.113.9", interface: null, instant: "stated" },
    });
    const events = [interfaceSeen("09:00", "nic-1", { publicAddress: "PIP-1" }), shown];
    expect(holders(events, "203.0.113.9")).toEqual(["nic-1"]);
    const placed = placePacket(
      "",
      topologyAt(events, "09:00"),
      parseAddress("198.51.100.7")!,
      parseAddress("203.0.113.9")!,
    );
    expect(placed).toMatchObject({ is: "judged", judges: [{ direction: "inbound", own: parseAddress("10.0.0.4") }] });
  });
});

describe("an AWS interface", () => {
  const eni = interfaceSeen("09:00", "eni-1", {
    more: { platform: "aws", groups: ["sg-1", "sg-2"], network: "vpc-1" },
  });
  const acl = groupSeen("09:00", [], { group: "acl-1", kind: "network-acl", subnets: ["subnet-1"] });
  const told = (events: readonly ControlEvent[], time = "09:00") => {
    const { gates } = topologyAt(events, time).interfacesNamed("eni-1")[0]!;
    return Object.entries(gates).map(([gate, at]) => `${gate}: ${at.is === "groups" ? at.groups.join("+") : at.is}`);
  };

  it("[W5] has all of its security groups at its own gate, and a network ACL at the edge of the subnet", () => {
    expect(told([eni, acl])).toEqual([
      "security-admin: none",
      "subnet: none",
      "interface: sg-1+sg-2",
      "network-acl: acl-1",
    ]);
  });

  it("changes its groups and its ACL by edits", () => {
    const events = [
      eni,
      acl,
      associated("10:00", "interface", "eni-1", ["sg-3"]),
      associated("10:00", "network-acl", "subnet-1", ["acl-2"]),
    ];
    expect(told(events, "10:00").slice(2)).toEqual(["interface: sg-3", "network-acl: acl-2"]);
  });

  it("counts as a member of its groups with all of its addresses", () => {
    expect(topologyAt([eni, acl], "09:00").membersOf("SG-2").size).toBe(1);
  });

  it("reaches its peers through what the routes of its subnet name, the longest prefix first", () => {
    const subnet = factAt("09:00", {
      type: "subnet-seen",
      data: {
        subnet: "subnet-1",
        name: "subnet-1",
        addressPrefixes: ["10.0.0.0/24"],
        group: null,
        routeTable: null,
        network: "vpc-1",
        instant: "stated",
        platform: "aws",
      },
    });
    const table = factAt("09:00", {
      type: "route-table-seen",
      data: {
        routeTable: "rtb-1",
        name: "rtb-1",
        network: "vpc-1",
        main: true,
        subnets: [],
        routes: [
          { destination: "0.0.0.0/0", nextHop: "nat_gateway", target: "nat-1" },
          { destination: "10.0.0.0/16", nextHop: "local", target: null },
        ],
        instant: "stated",
        platform: "aws",
      },
    });
    const topology = topologyAt([eni, acl, subnet, table], "09:00");
    const [place] = topology.interfacesNamed("eni-1");
    const through = (peer: string) => topology.reachedThrough(place!, parseAddress(peer)!);
    expect(["203.0.113.7", "10.0.9.9", "2001:db8::1"].map(through)).toEqual(["nat_gateway", "local", null]);
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
