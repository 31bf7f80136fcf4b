// The network of the traffic bench: one machine behind one group of fifty rules, at its subnet and at its interface.

const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";

export function controlEvents() {
  const side = (address, port) => ({ addresses: [address], applicationSecurityGroups: [], ports: [port] });
  const rules = Array.from({ length: 50 }, (_, index) => ({
    name: `rule-${index}`,
    description: null,
    direction: "inbound",
    access: index % 3 === 0 ? "deny" : "allow",
    priority: 100 + index,
    protocol: "tcp",
    source: side(`203.0.113.${index * 4}/30`, "*"),
    destination: side("10.1.0.4", index % 2 === 0 ? "*" : String(8080 + index)),
  }));
  const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/web";
  const facts = [
    [
      "security-group-seen",
      { group, name: "nsg", rules, defaultRules: [], subnets: [subnet], interfaces: [], flushConnection: null },
    ],
    [
      "interface-seen",
      {
        interface: "nic",
        name: "nic",
        macAddress: null,
        group,
        machine: null,
        addresses: [{ address: "10.1.0.4", subnet, publicAddress: null, applicationSecurityGroups: [] }],
        disableTcpStateTracking: null,
      },
    ],
    [
      "virtual-network-seen",
      {
        network: "vnet",
        name: "vnet",
        addressPrefixes: ["10.1.0.0/16"],
        subnets: [{ subnet, name: "web", addressPrefixes: ["10.1.0.0/24"], group, routeTable: null }],
        peerings: [],
        flowTimeoutMinutes: 4,
      },
    ],
  ];
  return facts.map(([type, data], index) => ({
    id: `event-${index}`,
    type,
    time: 0,
    lastTime: 0,
    source: { sha256: "", record: index + 1 },
    actor: null,
    position: index + 1,
    data: { ...data, instant: "stated" },
  }));
}
