// Puts an interface where it stands at an instant: gates, network, settings, from the timelines of all of them.

import type { InterfaceAddress, InterfaceSeen, ResourceId, Setting, VirtualNetworkSeen } from "../event.js";
import type { SettingsHistory } from "../policy/setting-history.js";
import type { Micros } from "../time.js";
import { parseAddress, parsePrefix } from "../wire/address.js";
import { adminTimelines, type NetworkEvidence, type SubnetFacts, type Timelines } from "./network-evidence.js";
import { interfaceSpace, knownAt, networkSpace, routesOf } from "./network-space.js";
import { placeSemantics } from "./place-semantics.js";
import type { GateGroups, PlacedInterface, PlacedNetwork, PlacedSubnet, PlaceSettings } from "./placed-interface.js";
import type { Held } from "./timeline.js";

export type Placing = {
  readonly settings: SettingsHistory;
  readonly evidence: NetworkEvidence;
  readonly time: Micros;
  readonly data: InterfaceSeen["data"];
  readonly inferred: boolean;
};

export function placeInterface({ settings, evidence, time, data, inferred }: Placing): PlacedInterface {
  const subnetId = data.addresses[0]?.subnet ?? null;
  const subnet = subnetId === null ? null : knownAt(evidence.subnets, subnetId, time);
  const networkId = subnet?.network ?? data.network ?? null;
  const network = networkId === null ? null : knownAt(evidence.networks, networkId, time);
  const aws = data.platform === "aws";
  const gates = gatesOf({ evidence, time, id: data.interface, subnetId, networkId, aws });
  const routes = subnet === null ? [] : routesOf(evidence, subnet, time);
  const platform = aws ? "aws" : "azure";
  const switches = placeSettings(settings, data, networkId, time);
  const own = data.addresses.map(({ address }) => parseAddress(address)).filter((address) => address !== null);
  return {
    id: data.interface,
    name: data.name,
    platform,
    machine: data.machine,
    macAddress: data.macAddress?.replace(/[^0-9a-f]/gi, "").toLowerCase() ?? null,
    addresses: own,
    publicAddresses: data.addresses.flatMap((address) => publicOf(address, evidence, time)),
    gates: gates.groups,
    network: networkId === null ? null : placedNetwork(networkId, network),
    subnet: subnet === null ? null : placedSubnet(subnet),
    space: networkSpace({ evidence, network, routes, time }),
    memberSpace: interfaceSpace({ evidence, network, routes, time }),
    interfaceType: data.interfaceType ?? null,
    settings: switches,
    semantics: placeSemantics(platform, switches),
    flushing: flushingOf(gates.groups, settings, time),
    provenance: inferred || gates.inferred ? "inferred" : "recorded",
    routes,
  };
}

/** The groups at the gates of which somebody switched flushing on. */
function flushingOf(gates: PlacedInterface["gates"], settings: SettingsHistory, time: Micros): ResourceId[] {
  const groups = Object.values(gates).flatMap((gate) => (gate.is === "groups" ? gate.groups : []));
  return groups.filter((group) => {
    const state = settings.settingAt(group, "flushConnection", time);
    return state.is === "known" && state.value === true;
  });
}

function placedNetwork(id: ResourceId, seen: VirtualNetworkSeen["data"] | null): PlacedNetwork {
  const prefixes = (seen?.addressPrefixes ?? []).map(parsePrefix).filter((prefix) => prefix !== null);
  return { id, prefixes, occupants: (seen?.subnets ?? []).flatMap(({ occupants = [] }) => occupants) };
}

function placeSettings(
  settings: SettingsHistory,
  { interface: id, connectionTracking }: InterfaceSeen["data"],
  network: ResourceId | null,
  time: Micros,
): PlaceSettings {
  const own = (setting: Setting) => settings.settingAt(id, setting, time);
  return {
    flowTimeoutMinutes: network === null ? { is: "unseen" } : settings.settingAt(network, "flowTimeoutMinutes", time),
    disableTcpStateTracking: own("disableTcpStateTracking"),
    allowPort25Out: own("allowPort25Out"),
    tcpEstablishedSeconds: own("tcpEstablishedSeconds"),
    udpStreamSeconds: own("udpStreamSeconds"),
    udpSeconds: own("udpSeconds"),
    nitroV6: connectionTracking?.nitroV6 ?? null,
  };
}

function placedSubnet({ subnet: id, name, addressPrefixes: prefixes, ...more }: SubnetFacts): PlacedSubnet {
  const { privateEndpointPolicies = null, occupants = [] } = more;
  return { id, name, prefixes, privateEndpointPolicies, occupants };
}

/** AWS shows the public address itself; Azure names a resource that has it. */
function publicOf({ address, publicAddress }: InterfaceAddress, evidence: NetworkEvidence, time: Micros) {
  if (publicAddress === null) return [];
  const resource = knownAt(evidence.publicAddresses, publicAddress, time);
  const shown = parseAddress(resource?.address ?? publicAddress);
  const own = parseAddress(address);
  return shown === null || own === null ? [] : [{ address: shown, own }];
}

type GatesAsked = {
  readonly evidence: NetworkEvidence;
  readonly time: Micros;
  readonly id: ResourceId;
  readonly subnetId: ResourceId | null;
  readonly networkId: ResourceId | null;
  readonly aws: boolean;
};

type PlacedGates = { readonly groups: PlacedInterface["gates"]; readonly inferred: boolean };

function gatesOf(asked: GatesAsked): PlacedGates {
  const { evidence, time, id, subnetId, networkId, aws } = asked;
  const held = (timelines: Timelines<readonly ResourceId[]>, subject: ResourceId | null) =>
    subject === null ? null : (timelines.get(subject.toLowerCase())?.at(time) ?? null);
  const own = held(evidence.interfaceGroups, id);
  const edge = held(aws ? evidence.networkAcls : evidence.subnetGroups, subnetId);
  const admin = aws || networkId === null ? null : adminAt(evidence, networkId, time);
  const anyAdmin = !aws && networkId === null && evidence.adminGroups.size > 0;
  const atEdge = edge === null ? unseenSubnet(subnetId, aws) : standing(edge);
  const none: GateGroups = { is: "none" };
  return {
    groups: {
      "security-admin": anyAdmin ? unknownNetwork : admin === null ? none : standing(admin),
      subnet: aws ? none : atEdge,
      interface: own === null ? { is: "open" } : standing(own),
      "network-acl": aws ? atEdge : none,
    },
    inferred: [own, edge, admin].some((gate) => gate?.provenance === "inferred"),
  };
}

/** All collections of admin rules that bind the network; null: none. */
function adminAt(evidence: NetworkEvidence, network: ResourceId, time: Micros): Held<readonly ResourceId[]> | null {
  const binding = adminTimelines(evidence, network).map((history) => history.at(time));
  if (binding.length === 0) return null;
  const groups = binding.flatMap(({ state }) => (state.is === "known" ? state.value : []));
  const inferred = binding.some(({ provenance }) => provenance === "inferred");
  return { state: { is: "known", value: groups }, provenance: inferred ? "inferred" : "recorded" };
}

/** Some network has admin rules, and nobody knows whether it is this one. */
const unknownNetwork: GateGroups = { is: "unknown", because: "the interface's virtual network is not known" };

function standing({ state }: Held<readonly ResourceId[]>): GateGroups {
  if (state.is === "unknown") return state;
  return state.is === "absent" || state.value.length === 0 ? { is: "open" } : { is: "groups", groups: state.value };
}

function unseenSubnet(subnet: ResourceId | null, aws: boolean): GateGroups {
  if (subnet === null) return { is: "unknown", because: "the interface's subnet is not known" };
  const show = aws ? "aws ec2 describe-network-acls" : "az network vnet show";
  return { is: "unknown", because: `subnet \`${subnet}\` was never seen: import its \`${show}\`` };
}
