import { describe, expect, test } from "vitest";
import { azureResource } from "../../src/importers/azure-resource.js";
import { readWith } from "../support/importing.js";

const scope = "/subscriptions/s1/resourceGroups/rg/providers";
const network = `${scope}/Microsoft.Network`;
const reference = (path: string) => ({ id: `${network}/${path}` });

/** One after another, as `cat *.json` gives them. */
function load(...resources: readonly object[]) {
  return readWith(azureResource, resources.map((resource) => JSON.stringify(resource, null, 2)).join("\n"));
}

async function dataOf(...resources: readonly object[]) {
  const { events, problems } = await load(...resources);
  expect(problems).toEqual([]);
  return events.map(({ type, data }) => ({ type, ...data }));
}

describe("an interface", () => {
  const properties = {
    macAddress: "00-0D-3A-A9-9A-0D",
    allowPort25Out: true,
    disableTcpStateTracking: true,
    networkSecurityGroup: reference("networkSecurityGroups/nsg"),
    ipConfigurations: [
      {
        name: "second",
        properties: {
          privateIPAddress: "10.1.0.5",
          primary: false,
          applicationSecurityGroups: [
            reference("applicationSecurityGroups/web"),
            reference("applicationSecurityGroups/db"),
          ],
        },
      },
      {
        name: "first",
        properties: {
          privateIPAddress: "10.1.0.4",
          primary: true,
          subnet: reference("virtualNetworks/vnet/subnets/a"),
          publicIPAddress: reference("publicIPAddresses/ip"),
        },
      },
      { name: "not yet", properties: { privateIPAllocationMethod: "Dynamic" } },
    ],
  };
  const expected = {
    type: "interface-seen",
    group: `${network}/networkSecurityGroups/nsg`,
    allowPort25Out: true,
    disableTcpStateTracking: true,
    addresses: [
      {
        address: "10.1.0.4",
        subnet: `${network}/virtualNetworks/vnet/subnets/a`,
        publicAddress: `${network}/publicIPAddresses/ip`,
        applicationSecurityGroups: [],
      },
      {
        address: "10.1.0.5",
        subnet: null,
        publicAddress: null,
        applicationSecurityGroups: [
          `${network}/applicationSecurityGroups/db`,
          `${network}/applicationSecurityGroups/web`,
        ],
      },
    ],
  };

  test("[A5] has the groups of each address, the primary one first, and its switches [A25]", async () => {
    expect(await dataOf({ ...reference("networkInterfaces/nic"), properties })).toMatchObject([expected]);
  });

  test("reads alike flattened, with az's spelling", async () => {
    const flat = properties.ipConfigurations.map(({ name, properties: own }) => {
      const { privateIPAddress, publicIPAddress, ...rest } = { publicIPAddress: null, privateIPAddress: null, ...own };
      return { name, ...rest, privateIpAddress: privateIPAddress, publicIpAddress: publicIPAddress };
    });
    const nic = { ...reference("networkInterfaces/nic"), ...properties, ipConfigurations: flat };
    expect(await dataOf(nic)).toMatchObject([expected]);
  });
});

test("an interface that belongs to a private endpoint says so", async () => {
  const nic = (more: object) => ({ ...reference("networkInterfaces/pe-nic"), ipConfigurations: [], ...more });
  const typed = async (more: object) => (await dataOf(nic(more)))[0];
  expect(await typed({ privateEndpoint: reference("privateEndpoints/pe") })).toMatchObject({
    interfaceType: "private-endpoint",
  });
  expect(await typed({ properties: { privateEndpoint: reference("privateEndpoints/pe") } })).toMatchObject({
    interfaceType: "private-endpoint",
  });
  expect(await typed({ privateEndpoint: null })).not.toHaveProperty("interfaceType");
});

describe("a virtual network", () => {
  const subnet = {
    ...reference("virtualNetworks/vnet/subnets/a"),
    name: "a",
    properties: {
      addressPrefixes: ["10.1.0.0/24", "fd00::/64"],
      networkSecurityGroup: reference("networkSecurityGroups/nsg"),
      routeTable: reference("routeTables/rt"),
      privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
    },
  };
  const shown = {
    subnet: `${network}/virtualNetworks/vnet/subnets/a`,
    name: "a",
    addressPrefixes: ["10.1.0.0/24", "fd00::/64"],
    group: `${network}/networkSecurityGroups/nsg`,
    routeTable: `${network}/routeTables/rt`,
    privateEndpointPolicies: "NetworkSecurityGroupEnabled",
  };

  test("has its space, subnets, peerings and flow timeout", async () => {
    const peering = (remote: string, allowVirtualNetworkAccess: boolean) => ({
      name: remote,
      properties: {
        remoteVirtualNetwork: reference(`virtualNetworks/${remote}`),
        peeringState: "Connected",
        remoteVirtualNetworkAddressSpace: { addressPrefixes: ["10.9.0.0/16"] },
        allowVirtualNetworkAccess,
      },
    });
    const vnet = {
      ...reference("virtualNetworks/vnet"),
      properties: {
        addressSpace: { addressPrefixes: ["10.2.0.0/16", "10.1.0.0/16"] },
        subnets: [subnet],
        virtualNetworkPeerings: [peering("open", true), peering("closed", false)],
        flowTimeoutInMinutes: 30,
      },
    };
    const remote = { state: "Connected", remoteAddressPrefixes: ["10.9.0.0/16"] };
    expect(await dataOf(vnet)).toMatchObject([
      {
        type: "virtual-network-seen",
        addressPrefixes: ["10.1.0.0/16", "10.2.0.0/16"],
        flowTimeoutMinutes: 30,
        subnets: [shown],
        peerings: [
          { ...remote, remoteNetwork: `${network}/virtualNetworks/open` },
          { ...remote, remoteNetwork: `${network}/virtualNetworks/closed`, allowVirtualNetworkAccess: false },
        ],
      },
    ]);
  });

  test("[A8] a flow timeout beyond 4 to 30 minutes is told", async () => {
    const vnet = { ...reference("virtualNetworks/vnet"), addressSpace: {}, flowTimeoutInMinutes: 31 };
    expect((await load(vnet)).problems).toMatchObject([{ message: expect.stringContaining("Azure takes 4 to 30") }]);
  });

  test.each([
    [
      "an application gateway, by its configurations",
      { applicationGatewayIPConfigurations: [reference("applicationGateways/gw/gatewayIPConfigurations/c")] },
      "application-gateway",
    ],
    [
      "an application gateway, by the older field",
      { ipConfigurations: [reference("applicationGateways/gw/frontendIPConfigurations/c")] },
      "application-gateway",
    ],
    [
      "a SQL managed instance, by delegation",
      { delegations: [{ name: "d", properties: { serviceName: "Microsoft.Sql/managedInstances" } }] },
      "sql-managed-instance",
    ],
    ["Databricks, in az's shape", { delegations: [{ serviceName: "microsoft.databricks/workspaces" }] }, "databricks"],
  ])("a subnet shows %s (concept-security-admins)", async (_, more, occupant) => {
    const { properties } = subnet;
    expect(await dataOf({ ...subnet, properties: { ...properties, ...more } })).toMatchObject([
      { occupants: [occupant] },
    ]);
    expect((await dataOf(subnet))[0]).not.toHaveProperty("occupants");
  });

  test("a subnet alone names its network", async () => {
    expect(await dataOf(subnet)).toMatchObject([
      { type: "subnet-seen", network: `${network}/virtualNetworks/vnet`, ...shown },
    ]);
  });
});

test("a route table has its routes and subnets", async () => {
  const table = {
    ...reference("routeTables/rt"),
    properties: {
      routes: [
        {
          name: "all",
          properties: { addressPrefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopIpAddress: "10.1.9.4" },
        },
        { name: "storage", properties: { addressPrefix: "Storage", nextHopType: "Internet" } },
      ],
      subnets: [reference("virtualNetworks/vnet/subnets/a")],
    },
  };
  expect(await dataOf(table)).toMatchObject([
    {
      type: "route-table-seen",
      subnets: [`${network}/virtualNetworks/vnet/subnets/a`],
      routes: [
        { destination: "0.0.0.0/0", nextHop: "VirtualAppliance", target: "10.1.9.4" },
        { destination: "Storage", nextHop: "Internet", target: null },
      ],
    },
  ]);
});

test("an application security group is known by its name", async () => {
  expect(await dataOf({ ...reference("applicationSecurityGroups/web"), name: "web" })).toMatchObject([
    { type: "application-security-group-seen", group: `${network}/applicationSecurityGroups/web`, name: "web" },
  ]);
});

test("a rule shown alone is part of its group", async () => {
  const rule = {
    ...reference("networkSecurityGroups/nsg/securityRules/allow-ssh"),
    name: "allow-ssh",
    type: "Microsoft.Network/networkSecurityGroups/securityRules",
    protocol: "Tcp",
    access: "Allow",
    direction: "Inbound",
    priority: 100,
    sourceAddressPrefix: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "22",
  };
  expect(await dataOf(rule)).toMatchObject([
    {
      type: "security-group-seen",
      group: `${network}/networkSecurityGroups/nsg`,
      partial: true,
      rules: [{ name: "allow-ssh" }],
    },
  ]);
});

test("the flush switch of a group is read", async () => {
  const group = { ...reference("networkSecurityGroups/nsg"), securityRules: [], flushConnection: true };
  expect(await dataOf(group)).toMatchObject([{ flushConnection: true }]);
});

describe("addresses behind gateways", () => {
  const local = {
    ...reference("localNetworkGateways/office"),
    localNetworkAddressSpace: { addressPrefixes: ["192.168.7.0/24"] },
  };
  const gateway = {
    ...reference("virtualNetworkGateways/vpn"),
    ipConfigurations: [{ subnet: reference("virtualNetworks/vnet/subnets/GatewaySubnet") }],
    vpnClientConfiguration: { vpnClientAddressPool: { addressPrefixes: ["172.30.0.0/24"] } },
  };
  const connection = {
    ...reference("connections/to-office"),
    virtualNetworkGateway1: reference("virtualNetworkGateways/VPN"),
    localNetworkGateway2: reference("localNetworkGateways/office"),
  };

  test("belong to the network that the connection leads to, in whatever order the file has them", async () => {
    for (const order of [
      [local, gateway, connection],
      [connection, local, gateway],
    ]) {
      const found = await dataOf(...order);
      expect(found).toHaveLength(2);
      expect(found).toContainEqual(
        expect.objectContaining({
          type: "connected-space-seen",
          network: `${network}/virtualNetworks/vnet`,
          gateway: `${network}/localNetworkGateways/office`,
          addressPrefixes: ["192.168.7.0/24"],
        }),
      );
      expect(found).toContainEqual(
        expect.objectContaining({
          gateway: `${network}/virtualNetworkGateways/vpn`,
          addressPrefixes: ["172.30.0.0/24"],
        }),
      );
    }
  });

  test("without the connection the note says what to export", async () => {
    const { events, notes } = await load(local);
    expect(events).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("nothing here joins local network gateway `office`")]);
  });
});

describe("security admin rules", () => {
  const collection = `${network}/networkManagers/nm/securityAdminConfigurations/cfg/ruleCollections/org`;
  const groups = `${network}/networkManagers/nm/networkGroups/prod`;
  const rule = (name: string, more: object) => ({
    id: `${collection}/rules/${name}`,
    name,
    kind: "Custom",
    properties: {
      access: "Deny",
      direction: "Inbound",
      priority: 10,
      protocol: "Any",
      sources: [{ addressPrefix: "Internet", addressPrefixType: "ServiceTag" }],
      destinations: [{ addressPrefix: "*", addressPrefixType: "IPPrefix" }],
      sourcePortRanges: ["0-65535"],
      destinationPortRanges: ["22", "3389"],
      ...more,
    },
  });
  const whole = { id: collection, properties: { appliesToGroups: [{ networkGroupId: groups }] } };
  const member = {
    id: `${groups}/staticMembers/vnet-a`,
    properties: { resourceId: `${network}/virtualNetworks/vnet-a` },
  };

  test("[A18] are a group for each collection, which applies to the members of its network groups", async () => {
    const found = await dataOf(
      rule("monitor", { access: "AlwaysAllow", priority: 5 }),
      member,
      rule("no-ssh", {}),
      whole,
    );
    expect(found).toMatchObject([
      {
        type: "security-group-seen",
        kind: "security-admin",
        group: collection,
        name: "org",
        networks: [`${network}/virtualNetworks/vnet-a`],
        rules: [
          { name: "monitor", access: "always-allow", priority: 5, protocol: "*" },
          {
            name: "no-ssh",
            access: "deny",
            priority: 10,
            source: { addresses: ["Internet"], ports: ["*"] },
            destination: { addresses: ["*"], ports: ["22", "3389"] },
          },
        ],
      },
    ]);
  });

  test("[A18] without collection and members, the note says that nobody knows where they apply", async () => {
    const { events, notes, problems } = await load(rule("no-ssh", { priority: 4097 }));
    expect(events).toMatchObject([{ data: { kind: "security-admin", partial: true, rules: [{ name: "no-ssh" }] } }]);
    expect(events[0]!.data).not.toHaveProperty("networks");
    expect(notes).toEqual([expect.stringContaining("which virtual networks `org` applies to")]);
    expect(problems).toMatchObject([{ message: expect.stringContaining("`4097` is not 1 to 4096") }]);
  });

  test("a rule for a network group can't be read, and says so", async () => {
    const sources = [{ addressPrefix: groups, addressPrefixType: "NetworkGroup" }];
    const { problems } = await load(rule("group", { sources }));
    expect(problems).toMatchObject([{ message: expect.stringContaining("is no address, prefix or service tag") }]);
  });
});

describe("effective rules", () => {
  const effective = (rules: readonly object[]) => ({
    value: [
      {
        networkSecurityGroup: reference("networkSecurityGroups/nsg"),
        association: { networkInterface: reference("networkInterfaces/nic") },
        effectiveSecurityRules: rules,
      },
    ],
  });

  test("are part of a group; all of IPv4 is any address", async () => {
    const rule = {
      name: "securityRules/open",
      protocol: "All",
      access: "Allow",
      direction: "Inbound",
      priority: 300,
      sourceAddressPrefix: "0.0.0.0/0",
      sourceAddressPrefixes: ["0.0.0.0/0", "0.0.0.0/0"],
      destinationAddressPrefix: "10.0.0.4/32",
      sourcePortRange: "0-65535",
      destinationPortRange: "443-443",
    };
    expect(await dataOf(effective([rule]))).toMatchObject([
      {
        partial: true,
        subnets: [],
        interfaces: [`${network}/networkInterfaces/nic`],
        rules: [
          {
            name: "open",
            protocol: "*",
            source: { addresses: ["*"], ports: ["*"] },
            destination: { addresses: ["10.0.0.4"], ports: ["443"] },
          },
        ],
      },
    ]);
  });
});

describe("a template", () => {
  const rule = { protocol: "Tcp", access: "Allow", direction: "Inbound", priority: 100, destinationPortRange: "22" };
  const template = (resources: unknown) => ({
    $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    contentVersion: "1.0.0.0",
    parameters: { from: { type: "string" } },
    resources,
  });
  const nsg = {
    type: "Microsoft.Network/networkSecurityGroups",
    apiVersion: "2023-09-01",
    name: "nsg",
    properties: {
      securityRules: [
        { name: "ssh", properties: { ...rule, sourceAddressPrefix: "10.0.0.0/8", destinationAddressPrefix: "*" } },
      ],
    },
    resources: [
      {
        type: "securityRules",
        name: "http",
        properties: { ...rule, priority: 110, sourceAddressPrefix: "*", destinationAddressPrefix: "*" },
      },
    ],
  };
  const id = "/providers/Microsoft.Network/networkSecurityGroups/nsg";

  test.each([
    ["a list", [nsg]],
    ["an object of symbolic names", { web: nsg }],
  ])("gives the resources of %s, children too, with ids of type and name", async (_, resources) => {
    expect(await dataOf(template(resources))).toMatchObject([
      { type: "security-group-seen", group: id, name: "nsg", rules: [{ name: "ssh" }] },
      { type: "security-group-seen", group: id, partial: true, rules: [{ name: "http", priority: 110 }] },
    ]);
  });

  test("names each expression by its field; a rule that holds one is kept as unreadable", async () => {
    const [expression, other] = ["[parameters('from')]", "[resourceId('Microsoft.Network/routeTables', 'rt')]"];
    const open = {
      name: "open",
      properties: { ...rule, sourceAddressPrefix: expression, destinationAddressPrefix: "*" },
    };
    const vnet = {
      type: "Microsoft.Network/virtualNetworks",
      name: "vnet",
      properties: {
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
        subnets: [{ name: "a", properties: { addressPrefix: "10.0.0.0/24", routeTable: { id: other } } }],
      },
    };
    const { events, problems } = await load(
      template([{ ...nsg, properties: { securityRules: [open] }, resources: [] }, vnet]),
    );
    expect(problems.map(({ record, message }) => [record, message])).toEqual([
      [
        1,
        expect.stringMatching(
          /`properties.securityRules\[0\].properties.sourceAddressPrefix` is the expression `\[param/,
        ),
      ],
      [1, expect.stringContaining("rule `open`")],
      [2, expect.stringMatching(/`properties.subnets\[0\].properties.routeTable.id` is the expression `\[resourceId/)],
    ]);
    expect(events).toMatchObject([
      { data: { rules: [{ name: "open", unreadable: expect.stringContaining(expression) }] } },
      {
        data: {
          subnets: [{ subnet: "/providers/Microsoft.Network/virtualNetworks/vnet/subnets/a", routeTable: null }],
        },
      },
    ]);
  });

  test("an expression in a list is told and never read as if the list were shorter", async () => {
    const ports = {
      sourceAddressPrefix: "*",
      destinationAddressPrefix: "*",
      destinationPortRanges: ["[parameters('p')]"],
    };
    const open = { name: "open", properties: { ...rule, destinationPortRange: undefined, ...ports } };
    const { events, problems } = await load(
      template([{ ...nsg, properties: { securityRules: [open] }, resources: [] }]),
    );
    expect(problems[0]!.message).toContain("destinationPortRanges[0]` is the expression");
    expect(events).toMatchObject([{ data: { rules: [{ unreadable: expect.stringContaining("is no port") }] } }]);
  });

  test("a resource whose name is an expression is left out with a problem", async () => {
    const { events, problems } = await load(template([{ ...nsg, name: "[concat('nsg-', 'web')]", resources: [] }]));
    expect(events).toEqual([]);
    expect(problems).toMatchObject([{ record: 1, message: expect.stringContaining("`name` is the expression") }]);
  });
});

describe("wrong shapes", () => {
  test.each([
    ["a list of texts", ["text"]],
    ["no type", [{ some: "object" }]],
    ["a group without rules", [reference("networkSecurityGroups/nsg")]],
    ["a group whose rules are no list", [{ ...reference("networkSecurityGroups/nsg"), securityRules: {} }]],
    ["rules that are no objects", [{ ...reference("networkSecurityGroups/nsg"), securityRules: ["a", null] }]],
    ["a subnet of no network", [{ id: "x", type: "Microsoft.Network/virtualNetworks/subnets" }]],
    ["a rule of no group", [{ id: "x", type: "Microsoft.Network/networkSecurityGroups/securityRules" }]],
    ["a route without next hop", [{ ...reference("routeTables/rt"), routes: [{ name: "r", addressPrefix: "*" }] }]],
    ["effective rules of no group", [{ effectiveSecurityRules: [] }]],
  ])("%s is a problem that names the record", async (_, resources) => {
    const { problems } = await readWith(azureResource, JSON.stringify(resources));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]!.record).toBe(1);
  });

  test.each(["networkInterfaces", "virtualNetworks", "routeTables", "publicIPAddresses", "natGateways", "connections"])(
    "%s with nonsense in every field is read without a crash",
    async (type) => {
      for (const nonsense of [null, 7, "text", [], [null, 7, []], { id: 7 }]) {
        const names = [
          "ipConfigurations",
          "addressSpace",
          "subnets",
          "routes",
          "virtualNetworkPeerings",
          "ipConfiguration",
        ];
        const properties = Object.fromEntries(names.map((name) => [name, nonsense]));
        await load({ ...reference(`${type}/x`), properties });
      }
    },
  );
});

test("one page of a query of Resource Graph is read, and told as such", async () => {
  const group = { ...reference("networkSecurityGroups/nsg"), name: "nsg", properties: { securityRules: [] } };
  const { events, problems } = await load({ count: 1, data: [group], total_records: 2, skip_token: "ew0K" });
  expect(events).toHaveLength(1);
  expect(problems).toMatchObject([{ kind: "cut-off", message: expect.stringContaining("`skip_token`") }]);
});

test("a query of Resource Graph is read as the list that it answers", async () => {
  const group = { ...reference("networkSecurityGroups/nsg"), type: "microsoft.network/networksecuritygroups" };
  const answer = { count: 1, data: [{ ...group, name: "nsg", properties: { securityRules: [] } }], total_records: 1 };
  expect(await dataOf(answer)).toMatchObject([{ type: "security-group-seen", name: "nsg" }]);
});
