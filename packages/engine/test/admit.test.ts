import { describe, expect, it } from "vitest";
import {
  type Admission,
  admit,
  admitStateless,
  assumptionsOf,
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  type FiveTuple,
  parseAddress,
  type SubnetShown,
} from "../src/index.js";
import { factAt, groupSeen, interfaceSeen, type NetworkMore, networkSeen, rule } from "./support/control-events.js";
import { at } from "./support/instants.js";
import { tuple } from "./support/tuples.js";

type Direction = "inbound" | "outbound";

function asked(events: readonly ControlEvent[], direction: Direction, packet: FiveTuple) {
  const policy = buildPolicyHistory(events);
  const topology = buildNetworkHistory(events).topologyAt(at("10:00"));
  const [place] = topology.interfacesNamed("nic-1");
  return { policy, topology, time: at("10:00"), place: place!, direction, tuple: packet, own: null };
}

/** `deny: subnet deny by web/no-web`. */
function told({ decision, gates }: Admission): string {
  const by = gates.map((gate) => {
    if ("platform" in gate) return `platform ${gate.decision} for ${gate.platform}`;
    const version = "decidedBy" in gate ? gate.decidedBy : null;
    return `${gate.gate} ${gate.decision}${version === null ? "" : ` by ${version.group}/${version.rule}`}`;
  });
  return `${decision}: ${by.join(", ")}`;
}

function answer(events: readonly ControlEvent[], direction: Direction, packet: string): string {
  return told(admit(asked(events, direction, tuple(packet))));
}

const nic = interfaceSeen("09:00", "nic-1", { group: "web" });
const network = networkSeen("09:00", "vnet");
const denyOut = "100 none-out outbound deny * * * -> * *";

describe("the platform's own services", () => {
  const closed = [nic, network, groupSeen("09:00", [denyOut])];

  it("[A1] are reached whatever the groups say", () => {
    expect(answer(closed, "outbound", "tcp 10.0.0.4 50000 -> 169.254.169.254 80")).toBe(
      "allow: platform allow for metadata",
    );
    expect(answer(closed, "outbound", "udp 10.0.0.4 50000 -> 168.63.129.16 53")).toBe("allow: platform allow for dns");
    expect(answer(closed, "outbound", "tcp 10.0.0.4 50000 -> 168.63.129.16 32526")).toBe(
      "allow: platform allow for host",
    );
    expect(answer(closed, "outbound", "tcp 10.0.0.4 50000 -> 203.0.113.7 80")).toBe(
      "deny: interface deny by web/none-out",
    );
  });

  it("[A15] that no tag stands for are bound by no rule, not by one that names another service's tag either", () => {
    const events = [nic, network, groupSeen("09:00", ["100 no-dns outbound deny * * * -> AzurePlatformDNS *"])];
    expect(answer(events, "outbound", "tcp 10.0.0.4 50000 -> 168.63.129.16 80")).toBe("allow: platform allow for host");
    expect(answer(events, "outbound", "udp 10.0.0.4 50000 -> 168.63.129.16 53")).toMatch(/^deny/);
  });

  it("[A1] are bound by rules that name their tag", () => {
    const events = [nic, network, groupSeen("09:00", ["100 no-imds outbound deny * * * -> AzurePlatformIMDS *"])];
    expect(answer(events, "outbound", "tcp 10.0.0.4 50000 -> 169.254.169.254 80")).toBe(
      "deny: interface deny by web/no-imds",
    );
    expect(answer(events, "outbound", "udp 10.0.0.4 50000 -> 168.63.129.16 53")).toBe("allow: platform allow for dns");
  });

  it("[A1] of licences ends where a route takes all traffic elsewhere, and rests on that where none was seen", () => {
    const packet = "tcp 10.0.0.4 50000 -> 23.102.135.246 1688";
    const routed = networkSeen("09:00", "vnet", { routeTable: "routes" });
    const table = (destination: string) =>
      factAt("09:00", {
        type: "route-table-seen",
        data: {
          routeTable: "routes",
          name: "routes",
          subnets: [],
          routes: [{ destination, nextHop: "VirtualAppliance", target: null }],
          instant: "stated",
        },
      });
    const group = groupSeen("09:00", [denyOut]);
    const denied = "deny: interface deny by web/none-out";
    const reached = "allow: platform allow for licence";
    expect(answer([nic, routed, group, table("0.0.0.0/0")], "outbound", packet)).toBe(denied);
    expect(answer([nic, routed, group, table("10.9.0.0/16")], "outbound", packet)).toBe(reached);
    const unseen = admit(asked([nic, routed, group], "outbound", tuple(packet)));
    expect([told(unseen), assumptionsOf(unseen)]).toEqual([reached, [{ of: "default-route", because: null }]]);
  });

  it("probe machines through the groups, so that a rule that denies all fails them", () => {
    const probe = "tcp 168.63.129.16 50000 -> 10.0.0.4 80";
    expect(answer([nic, network, groupSeen("09:00", [])], "inbound", probe)).toContain("AllowVnetInBound");
    const closed = [nic, network, groupSeen("09:00", ["4096 none inbound deny * * * -> * *"])];
    expect(answer(closed, "inbound", probe)).toBe("deny: subnet allow, interface deny by web/none");
  });
});

describe("what rules see", () => {
  const only = (...rules: readonly string[]) => [nic, network, groupSeen("09:00", rules)];

  it("[A1] of a load-balanced pool is the client's address and the machine's own port", () => {
    const packet = "tcp 203.0.113.7 50000 -> 10.0.0.4 8080";
    const by = (source: string, port: number) =>
      answer(only(`100 r inbound allow tcp ${source} * -> * ${port}`), "inbound", packet);
    expect(by("203.0.113.7", 8080)).toMatch(/^allow: .* by web.r$/);
    expect(by("203.0.113.7", 80)).toMatch(/^deny/);
    expect(by("AzureLoadBalancer", 8080)).toMatch(/^deny/);
  });

  it("[A1] of a public address is the private one behind it: inbound after, outbound before the translation", () => {
    const own = parseAddress("10.0.0.4");
    const said = (direction: Direction, packet: string, text: string) =>
      told(admit({ ...asked(only(text), direction, tuple(packet)), own }));
    const there = "tcp 198.51.100.7 50000 -> 203.0.113.9 22";
    expect(said("inbound", there, "100 r inbound allow tcp * * -> 10.0.0.4 22")).toMatch(/^allow/);
    expect(said("inbound", there, "100 r inbound allow tcp * * -> 203.0.113.9 22")).toMatch(/^deny/);
    const back = "tcp 203.0.113.9 50000 -> 198.51.100.7 443";
    expect(said("outbound", back, "100 r outbound deny tcp 10.0.0.4 * -> * *")).toMatch(/^deny: .* by web.r$/);
    expect(said("outbound", back, "100 r outbound deny tcp 203.0.113.9 * -> * *")).toMatch(/^allow/);
  });

  it("[A2] within a subnet is asked of its group too", () => {
    const subnet = networkSeen("09:00", "vnet", { subnets: { "subnet-1": "front" } });
    const group = (...rules: readonly string[]) => groupSeen("09:00", rules, { group: "front", name: "front" });
    const bare = interfaceSeen("09:00", "nic-1");
    const said = (direction: Direction, ...rules: readonly string[]) => {
      const packet = direction === "inbound" ? "tcp 10.0.0.9 5 -> 10.0.0.4 22" : "tcp 10.0.0.4 5 -> 10.0.0.9 22";
      return answer([bare, subnet, group(...rules)], direction, packet);
    };
    for (const direction of ["inbound", "outbound"] as const) {
      expect(said(direction)).toMatch(/^allow: .*by front.AllowVnet/);
      expect(said(direction, `100 no ${direction} deny * * * -> * *`)).toMatch(/^deny: .*by front.no$/);
    }
  });
});

describe("outbound mail", () => {
  const events = (allowPort25Out?: boolean) => [
    interfaceSeen("09:00", "nic-1", { more: allowPort25Out === undefined ? {} : { allowPort25Out } }),
    network,
  ];
  const mail = "tcp 10.0.0.4 50000 -> 203.0.113.7 25";

  it("[A1] is stopped by the platform before any group, where it says so", () => {
    expect(answer(events(false), "outbound", mail)).toBe("deny: platform deny for outbound-mail");
    expect(answer(events(false), "outbound", "tcp 10.0.0.4 50000 -> 203.0.113.7 587")).toMatch(/^allow/);
    expect(answer(events(false), "outbound", "tcp 10.0.0.4 50000 -> 10.0.0.9 25")).toMatch(/^allow/);
  });

  it("[A1] passes where no evidence says, and the answer rests on that", () => {
    const admission = admit(asked(events(), "outbound", tuple(mail)));
    expect(admission.decision).toBe("allow");
    expect(assumptionsOf(admission)).toEqual([{ of: "outbound-mail", because: null }]);
  });
});

describe("security admin rules", () => {
  const admin = (text: string) =>
    groupSeen("09:00", [text], { group: "avnm", kind: "security-admin", networks: ["VNET"] });
  const web = groupSeen("09:00", ["100 no-web inbound deny tcp * * -> * 80"]);
  const packet = "tcp 203.0.113.7 50000 -> 10.0.0.4 80";

  const table = [
    ["10 a inbound deny tcp * * -> * 80", "deny: security-admin deny by avnm/a"],
    ["10 a inbound always-allow tcp * * -> * 80", "allow: security-admin allow by avnm/a"],
    [
      "10 a inbound allow tcp * * -> * 80",
      "deny: security-admin allow by avnm/a, subnet allow, interface deny by web/no-web",
    ],
  ] as const;
  for (const [text, said] of table) {
    it(`[A1] [A18] come before the groups: ${text.split(" ")[3]}`, () => {
      expect(answer([nic, network, web, admin(text)], "inbound", packet)).toBe(said);
    });
  }

  it("of several collections on one network decide by priority, whichever was seen last", () => {
    const other = (text: string) =>
      groupSeen("09:30", [text], { group: "avnm-2", kind: "security-admin", networks: ["vnet"] });
    const events = [nic, network, web];
    expect(
      answer(
        [...events, admin("10 a inbound deny tcp * * -> * 80"), other("20 b inbound always-allow * * * -> * *")],
        "inbound",
        packet,
      ),
    ).toBe("deny: security-admin deny by avnm/a");
    expect(
      answer(
        [...events, admin("20 a inbound deny tcp * * -> * 80"), other("10 b inbound always-allow * * * -> * *")],
        "inbound",
        packet,
      ),
    ).toBe("allow: security-admin allow by avnm-2/b");
  });

  it("in doubt leave a denial of the groups in doubt, since they may let the packet pass unasked", () => {
    const doubtful = admin("10 a inbound always-allow tcp NoSuchTag * -> * 80");
    expect(answer([nic, network, web, doubtful], "inbound", packet)).toMatch(
      /^unknown: security-admin unknown, .*interface deny by web\/no-web$/,
    );
  });

  it("are unknown where some network has them, and the interface's is not known", () => {
    const elsewhere = [nic, groupSeen("09:00", []), admin("10 a inbound deny * * * -> * *")];
    expect(answer(elsewhere, "inbound", packet)).toMatch(/^unknown: security-admin unknown/);
  });

  it("do not bind the subnets that the platform's own services need", () => {
    const gateway = [
      interfaceSeen("09:00", "nic-1", { subnet: "GatewaySubnet" }),
      networkSeen("09:00", "vnet", { subnets: { GatewaySubnet: null } }),
    ];
    expect(answer([...gateway, admin("10 a inbound deny * * * -> * *")], "inbound", packet)).toBe(
      "allow: subnet allow, interface allow",
    );
  });
});

describe("security admin rules bind machines, and not (concept-security-admins)", () => {
  const admin = groupSeen("09:00", ["10 a inbound deny * * * -> * *"], {
    group: "avnm",
    kind: "security-admin",
    networks: ["vnet"],
  });
  const decided = (more: NetworkMore, interfaceType?: string) => {
    const own = interfaceSeen("09:00", "nic-1", { more: interfaceType === undefined ? {} : { interfaceType } });
    const packet = tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 80");
    return admit(asked([own, networkSeen("09:00", "vnet", more), admin], "inbound", packet)).decision;
  };

  it.each<[string, NetworkMore, string | undefined, string]>([
    ["nothing else", {}, undefined, "deny"],
    ["the subnet of an application gateway", { subnet: { occupants: ["application-gateway"] } }, undefined, "allow"],
    ["a network of SQL managed instances", { subnet: { occupants: ["sql-managed-instance"] } }, undefined, "allow"],
    ["a network of Databricks", { subnet: { occupants: ["databricks"] } }, undefined, "allow"],
    ["private endpoints", { subnet: { privateEndpointPolicies: "Enabled" } }, "private-endpoint", "allow"],
  ])("%s", (_, more, interfaceType, expected) => {
    expect(decided(more, interfaceType)).toBe(expected);
  });
});

describe("a private endpoint (disable-private-endpoint-network-policy)", () => {
  const closed = groupSeen("09:00", ["100 none inbound deny * * * -> * *"]);
  const endpoint = interfaceSeen("09:00", "nic-1", { group: "web", more: { interfaceType: "private-endpoint" } });
  const said = (own: ControlEvent, subnet: Partial<SubnetShown>) =>
    answer([own, networkSeen("09:00", "vnet", { subnet }), closed], "inbound", "tcp 10.0.0.9 50000 -> 10.0.0.4 443");

  it("is bound by no group, unless its subnet's policies say so", () => {
    expect(said(endpoint, {})).toBe("allow: platform allow for private-endpoint");
    expect(said(endpoint, { privateEndpointPolicies: "Disabled" })).toBe("allow: platform allow for private-endpoint");
    expect(said(endpoint, { privateEndpointPolicies: "NetworkSecurityGroupEnabled" })).toMatch(
      /^deny: .* by web.none$/,
    );
  });

  it("and machines beside it are bound whatever those say", () => {
    expect(said(nic, { privateEndpointPolicies: "Disabled" })).toMatch(/^deny/);
  });
});

describe("a network whose flow timeout is unset", () => {
  const inbound = (flowTimeoutMinutes: number | null, packet: string) => {
    const events = [
      nic,
      networkSeen("09:00", "vnet", { flowTimeoutMinutes }),
      groupSeen("09:00", ["100 ssh inbound allow tcp * * -> * 22"]),
    ];
    return assumptionsOf(admit(asked(events, "inbound", tuple(packet)))).map(({ of }) => of);
  };

  it("[A8] makes what other than default rules let in rest on an assumption", () => {
    expect(inbound(null, "tcp 203.0.113.7 50000 -> 10.0.0.4 22")).toEqual(["flow-timeout"]);
    expect(inbound(4, "tcp 203.0.113.7 50000 -> 10.0.0.4 22")).toEqual([]);
    expect(inbound(null, "tcp 10.0.0.9 50000 -> 10.0.0.4 80")).toEqual([]);
  });
});

describe("on AWS", () => {
  const allow = (text: string) => ({ ...rule(text), priority: 0 });
  const eni = (groups: readonly string[]) =>
    interfaceSeen("09:00", "nic-1", { more: { platform: "aws", groups, network: "vpc" } });
  const group = (id: string, ...rules: readonly string[]) =>
    groupSeen("09:00", rules.map(allow), { group: id, name: id, kind: "security-group" });
  const subnet = (id: string, prefix: string) =>
    factAt("09:00", {
      type: "subnet-seen",
      data: {
        subnet: id,
        name: id,
        addressPrefixes: [prefix],
        group: null,
        routeTable: null,
        network: "vpc",
        instant: "stated",
        platform: "aws",
      },
    });
  const acl = (...rules: readonly string[]) =>
    groupSeen("09:00", rules, { group: "acl-1", name: "acl-1", kind: "network-acl", subnets: ["subnet-1"] });
  const open = [eni(["sg-1"]), group("sg-1", "0 any inbound allow * * * -> * *"), subnet("subnet-1", "10.0.0.0/24")];

  it("[W2] what any rule of any group allows is allowed, and nothing else", () => {
    const events = [
      eni(["sg-1", "sg-2"]),
      group("sg-1", "0 ssh inbound allow tcp 203.0.113.0/24 * -> * 22"),
      group("sg-2", "0 web inbound allow tcp 0.0.0.0/0 * -> * 443"),
    ];
    expect(answer(events, "inbound", "tcp 198.51.100.7 50000 -> 10.0.0.4 443")).toContain("by sg-2/web");
    expect(answer(events, "inbound", "tcp 203.0.113.7 50000 -> 10.0.0.4 22")).toContain("by sg-1/ssh");
    expect(answer(events, "inbound", "tcp 198.51.100.7 50000 -> 10.0.0.4 22")).toMatch(/^deny/);
  });

  it("[W1] open in both directions is not tracked; narrower than that is", () => {
    const everything = ["0 in inbound allow tcp 0.0.0.0/0 * -> * 22", "0 out outbound allow * * * -> 0.0.0.0/0 *"];
    const tracking = (...rules: readonly string[]) =>
      admit(asked([eni(["sg-1"]), group("sg-1", ...rules)], "inbound", tuple("tcp 203.0.113.7 50000 -> 10.0.0.4 22")))
        .untracked ?? "tracked";
    expect(tracking(...everything)).toBe("open-to-all");
    expect(tracking(everything[0]!)).toBe("tracked");
    expect(tracking("0 in inbound allow tcp 203.0.113.0/24 * -> * 22", everything[1]!)).toBe("tracked");
  });

  it("[W1] what goes through a NAT gateway or to a load balancer is tracked, whatever the rules", () => {
    const both = ["0 in inbound allow tcp 0.0.0.0/0 * -> * *", "0 out outbound allow tcp * * -> 0.0.0.0/0 *"];
    const through = (destination: string, nextHop: string) =>
      factAt("09:00", {
        type: "route-table-seen",
        data: {
          routeTable: "rtb-1",
          name: "rtb-1",
          network: "vpc",
          subnets: ["subnet-1"],
          routes: [{ destination, nextHop, target: null }],
          instant: "stated",
          platform: "aws",
        },
      });
    const balancer = interfaceSeen("09:00", "nlb", {
      addresses: ["10.0.0.99"],
      more: { platform: "aws", groups: [], network: "vpc", interfaceType: "network_load_balancer" },
    });
    const base = [eni(["sg-1"]), group("sg-1", ...both), subnet("subnet-1", "10.0.0.0/24"), balancer];
    const tracking = (events: readonly ControlEvent[], to: string) =>
      admit(asked(events, "outbound", tuple(`tcp 10.0.0.4 50000 -> ${to} 443`))).untracked ?? "tracked";
    expect(tracking([...base, through("0.0.0.0/0", "internet_gateway")], "203.0.113.7")).toBe("open-to-all");
    expect(tracking([...base, through("0.0.0.0/0", "nat_gateway")], "203.0.113.7")).toBe("tracked");
    expect(tracking(base, "10.0.0.99")).toBe("tracked");
    expect(tracking(base, "10.0.0.98")).toBe("open-to-all");
  });

  it("[W2] a reference to a group is its members' private addresses, and nobody else's", () => {
    const peer = interfaceSeen("09:00", "nic-2", {
      addresses: ["10.0.0.9"],
      publicAddress: "198.51.100.9",
      more: { platform: "aws", groups: ["sg-2"], network: "vpc" },
    });
    const bystander = interfaceSeen("09:00", "nic-3", {
      addresses: ["10.0.0.8"],
      more: { platform: "aws", groups: ["sg-1"], network: "vpc" },
    });
    const vpc = networkSeen("09:00", "vpc");
    const web = group("sg-1", "0 peers inbound allow tcp asg:sg-2 * -> * 22");
    const events = [eni(["sg-1"]), web, group("sg-2"), peer, bystander, vpc, subnet("subnet-1", "10.0.0.0/24")];
    const from = (source: string) => answer(events, "inbound", `tcp ${source} 50000 -> 10.0.0.4 22`).split(":")[0];
    expect(["10.0.0.9", "198.51.100.9", "10.0.0.8", "203.0.113.7"].map(from)).toEqual([
      "allow",
      "deny",
      "deny",
      "deny",
    ]);
  });

  it("[W5] a network ACL judges what enters or leaves the subnet, and nothing within it", () => {
    const events = [...open, acl("100 no-web inbound deny tcp * * -> * 80", "200 rest inbound allow * * * -> * *")];
    const said = (packet: string) => {
      const admission = admitStateless(asked(events, "inbound", tuple(packet)));
      return admission === null ? "not asked" : told(admission);
    };
    expect(said("tcp 203.0.113.7 50000 -> 10.0.0.4 80")).toBe("deny: network-acl deny by acl-1/no-web");
    expect(said("tcp 203.0.113.7 50000 -> 10.0.0.4 22")).toBe("allow: network-acl allow by acl-1/rest");
    expect(said("tcp 10.0.0.9 50000 -> 10.0.0.4 80")).toBe("not asked");
  });

  it("[W1] [W5] the platform's own addresses are never filtered", () => {
    const events = [eni(["sg-1"]), group("sg-1"), subnet("subnet-1", "10.0.0.0/24"), acl()];
    const packet = "tcp 10.0.0.4 50000 -> 169.254.169.254 80";
    expect(answer(events, "outbound", packet)).toBe("allow: platform allow for metadata");
    expect(admitStateless(asked(events, "outbound", tuple(packet)))).toBeNull();
  });

  it("[W2] mail to public addresses does not leave, unless somebody lifted that", () => {
    expect(answer([...open, group("sg-1")], "outbound", "tcp 10.0.0.4 50000 -> 203.0.113.7 25")).toBe(
      "deny: platform deny for outbound-mail",
    );
  });
});
