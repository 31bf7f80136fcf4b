// The network of the benches: four machines of one virtual network, each behind a group of fifty rules that stands at its
// subnet and at its interface. Made as the documents that `az … show` prints, so that it is imported as evidence is.

const resources = "/subscriptions/s/resourceGroups/bench/providers/Microsoft.Network";
const rulesEachWay = 25;

/** Addresses are bytes in the order of the network. Host 4 is the first that Azure gives away in a subnet. */
export const machines = ["web", "app", "data", "jump"].map((name, index) => ({
  name,
  interface: `${name}-nic`,
  v4: [10, 1, index, 4],
  v6: [0xfd, 0, 0, 1, 0, index, ...new Array(9).fill(0), 4],
}));

/** What rules let through, by whose ends; flows are made of these. Ports are the machine's, or outbound the peer's. */
export const services = {
  tcp: [22, 80, 443, 3389, 5432, 8080, 8081, 8443],
  udp: [53, 123, 443, 4500],
  /** First octet of peers on the Internet; the second selects the rule that decides. */
  internet: 80,
  /** As it is of those that no rule lets in. */
  refused: 81,
  /** A peered network. */
  peered: [10, 2],
};

export const groupId = ({ name }) => `${resources}/networkSecurityGroups/nsg-${name}`;

export function documents() {
  return [network(), ...machines.flatMap((machine) => [group(machine), networkInterface(machine)])];
}

function network() {
  return {
    id: `${resources}/virtualNetworks/vnet`,
    name: "vnet",
    addressSpace: { addressPrefixes: ["10.1.0.0/16", "fd00:1::/32"] },
    flowTimeoutInMinutes: 4,
    subnets: machines.map((machine, index) => ({
      id: subnetId(machine),
      name: machine.name,
      addressPrefixes: [`10.1.${index}.0/24`, `fd00:1:${index}::/64`],
      networkSecurityGroup: { id: groupId(machine) },
    })),
    virtualNetworkPeerings: [
      {
        peeringState: "Connected",
        remoteVirtualNetwork: { id: `${resources}/virtualNetworks/peered` },
        remoteAddressSpace: { addressPrefixes: [`${services.peered.join(".")}.0.0/16`] },
      },
    ],
  };
}

function subnetId({ name }) {
  return `${resources}/virtualNetworks/vnet/subnets/${name}`;
}

function networkInterface(machine) {
  const configuration = (name, privateIPAddress) => ({ name, privateIPAddress, subnet: { id: subnetId(machine) } });
  return {
    id: `${resources}/networkInterfaces/${machine.interface}`,
    name: machine.interface,
    networkSecurityGroup: { id: groupId(machine) },
    ipConfigurations: [
      { ...configuration("v4", machine.v4.join(".")), primary: true },
      configuration("v6", `fd00:1:${machine.v6[5]}::4`),
    ],
  };
}

function group(machine) {
  const securityRules = ["Inbound", "Outbound"].flatMap((direction) => rules(machine, direction));
  return { id: groupId(machine), name: `nsg-${machine.name}`, securityRules };
}

/** Sixteen /12 of the Internet by one rule each, some of them with ports, then the rest by protocol and family. */
function rules(machine, direction) {
  const peers = Array.from({ length: 16 }, (_, part) => ({
    protocol: "Tcp",
    peer: `${services.internet}.${part * 16}.0.0/12`,
    ports: part % 2 === 0 ? ["*"] : services.tcp.map(String),
  }));
  const rest = [
    { protocol: "Udp", peer: `${services.internet}.0.0.0/8`, ports: services.udp.map(String) },
    { protocol: "Icmp", peer: `${services.internet}.0.0.0/8`, ports: ["*"] },
    { protocol: "*", peer: "2600::/12", ports: ["*"] },
    { protocol: "*", peer: `${services.peered.join(".")}.0.0/16`, ports: ["*"] },
    ...[0, 1, 2, 3].map((part) => ({ access: "Deny", peer: `${services.refused}.${part * 64}.0.0/10`, ports: ["*"] })),
    { access: "Deny", protocol: "Tcp", peer: "Internet", ports: ["23"] },
  ];
  return [...peers, ...rest]
    .slice(0, rulesEachWay)
    .map((content, index) => rule(machine, { name: `${direction}${index}`, direction, ...content }, index));
}

function rule(machine, { name, direction, access = "Allow", protocol = "*", peer, ports }, index) {
  const own = peer.includes(":") || peer === "Internet" ? "*" : machine.v4.join(".");
  const [source, destination] = direction === "Inbound" ? [peer, own] : [own, peer];
  return {
    id: `${groupId(machine)}/securityRules/${name}`,
    name,
    ...{ direction, access, protocol, priority: 100 + index * 10 },
    ...{ sourceAddressPrefix: source, sourcePortRange: "*" },
    ...{ destinationAddressPrefix: destination, destinationPortRanges: ports },
  };
}

/** An edit of one rule as the Activity Log has it, succeeded at this instant. */
export function ruleEdit(instant) {
  const id = `${groupId(machines[0])}/securityRules/Inbound0`;
  const { name, ...properties } = rule(
    machines[0],
    { name: "Inbound0", direction: "Inbound", access: "Deny", peer: `${services.internet}.0.0.0/12`, ports: ["*"] },
    0,
  );
  return {
    operationName: "Microsoft.Network/networkSecurityGroups/securityRules/write",
    resourceId: id,
    eventTimestamp: instant,
    status: "Succeeded",
    correlationId: "late-edit",
    properties: { responseBody: JSON.stringify({ name, id, properties }) },
  };
}
