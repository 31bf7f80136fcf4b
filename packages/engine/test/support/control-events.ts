// Control events as tests write them: short, with ids made of their content as in the log, so that the order in which
// a test lists them never matters.

import {
  type Actor,
  type ControlEvent,
  type ControlFact,
  FlowIdHash,
  type FlowsFlushed,
  type InterfaceSeen,
  type Micros,
  type OperationPhase,
  type PeeringSeen,
  type RequestedAccess,
  type Rule,
  type RuleAccess,
  type RuleContent,
  type RuleDirection,
  type RuleProtocol,
  type RuleSide,
  type SecurityGroupSeen,
  type SnapshotInstant,
  type SubnetShown,
} from "../../src/index.js";
import { at } from "./instants.js";

type When = string | Micros;

export function eventOf(when: When, fact: ControlFact, actor: Actor | null = null): ControlEvent {
  const time = typeof when === "string" ? at(when) : when;
  const content = JSON.stringify([fact.type, time, fact.data, actor]);
  const id = `${new FlowIdHash().text(content).finish()} ${content}`;
  const source = { sha256: "c0".repeat(32), record: 1 };
  return { id, time, lastTime: time, source, actor, ...fact } as unknown as ControlEvent;
}

/** `100 ssh inbound allow tcp 203.0.113.0/24,asg:web * -> * 22,80-90`: source and its ports, destination and its ports. */
export function rule(text: string): RuleContent {
  const [priority, name, direction, access, protocol, from, fromPorts, , to, toPorts] = text.trim().split(/\s+/);
  return {
    name: name!,
    description: null,
    direction: direction as RuleDirection,
    access: access as RuleAccess,
    priority: Number(priority),
    protocol: protocol as RuleProtocol,
    source: side(from!, fromPorts!),
    destination: side(to!, toPorts!),
  };
}

function side(addresses: string, ports: string): RuleSide {
  const entries = addresses.split(",");
  const isGroup = (entry: string) => entry.startsWith("asg:");
  return {
    addresses: entries.filter((entry) => !isGroup(entry)),
    applicationSecurityGroups: entries.filter(isGroup).map((entry) => entry.slice("asg:".length)),
    ports: ports.split(","),
  };
}

export function groupSeen(
  when: When,
  rules: readonly (string | Rule)[],
  more: Partial<SecurityGroupSeen["data"]> = {},
): ControlEvent {
  const data = {
    group: "web",
    name: "web",
    rules: rules.map((text) => (typeof text === "string" ? rule(text) : text)),
    defaultRules: [],
    subnets: [],
    interfaces: [],
    flushConnection: null,
    instant: "stated" as const,
    ...more,
  };
  return eventOf(when, { type: "security-group-seen", data });
}

export type OperationMore = {
  readonly group?: string;
  readonly phase?: OperationPhase;
  readonly effect?: "created" | "updated" | null;
  readonly operationId?: string | null;
  readonly correlationId?: string | null;
  readonly who?: string | null;
};

function operation(more: OperationMore) {
  const { phase = "succeeded", effect = null, operationId = null, group = "web" } = more;
  return { phase, effect, operationId, group };
}

function actorOf({ who = null, correlationId = null }: OperationMore): Actor | null {
  return who === null && correlationId === null ? null : { who, from: null, correlationId };
}

/** A rule's text, or its name alone where the record has no body. */
export function ruleWritten(when: When, written: string | Rule, more: OperationMore = {}): ControlEvent {
  const hasBody = typeof written !== "string" || written.includes(" ");
  const body = typeof written === "string" && hasBody ? rule(written) : (written as Rule);
  const data = {
    ...operation(more),
    ruleName: hasBody ? body.name : (written as string),
    rule: hasBody ? body : null,
  };
  return eventOf(when, { type: "security-rule-written", data }, actorOf(more));
}

export function ruleDeleted(when: When, ruleName: string, more: OperationMore = {}): ControlEvent {
  return eventOf(when, { type: "security-rule-deleted", data: { ...operation(more), ruleName } }, actorOf(more));
}

export function groupWritten(
  when: When,
  rules: readonly (string | Rule)[] | null,
  more: OperationMore = {},
): ControlEvent {
  const read = rules?.map((text) => (typeof text === "string" ? rule(text) : text)) ?? null;
  return eventOf(when, { type: "security-group-written", data: { ...operation(more), rules: read } }, actorOf(more));
}

export function accessRequested(
  when: When,
  grants: readonly RequestedAccess[] | null,
  more: Omit<OperationMore, "group"> & { readonly from?: string; readonly justification?: string } = {},
): ControlEvent {
  const { phase, effect, operationId } = operation(more);
  const data = { phase, effect, operationId, policy: "jit", justification: more.justification ?? null, grants };
  const actor = { who: more.who ?? null, from: more.from ?? null, correlationId: more.correlationId ?? null };
  return eventOf(when, { type: "access-requested", data }, actor);
}

/** Any other fact, with all of its data. */
export function factAt(when: When, fact: ControlFact, more: OperationMore = {}): ControlEvent {
  return eventOf(when, fact, actorOf(more));
}

const succeeded = { phase: "succeeded", operationId: null, effect: null } as const;

type Gate = "interface" | "subnet" | "network-acl";

/** Null groups: the record does not say. */
export function associated(when: When, gate: Gate, target: string, groups: readonly string[] | null): ControlEvent {
  return eventOf(when, { type: "association-written", data: { ...succeeded, gate, target, groups } });
}

export function removed(when: When, resource: string): ControlEvent {
  return eventOf(when, { type: "resource-removed", data: { ...succeeded, resource } });
}

export function flowsFlushed(when: When, data: FlowsFlushed["data"]): ControlEvent {
  return eventOf(when, { type: "flows-flushed", data });
}

export type InterfaceMore = {
  readonly id?: string;
  readonly addresses?: readonly string[];
  readonly subnet?: string | null;
  readonly group?: string | null;
  readonly applicationSecurityGroups?: readonly string[];
  readonly instant?: SnapshotInstant;
  readonly publicAddress?: string;
  readonly more?: Partial<InterfaceSeen["data"]>;
};

export function interfaceSeen(when: When, name: string, more: InterfaceMore = {}): ControlEvent {
  const { id = name, subnet = "subnet-1", group = null, applicationSecurityGroups = [], instant = "stated" } = more;
  const addresses = (more.addresses ?? ["10.0.0.4"]).map((address) => ({
    address,
    subnet,
    publicAddress: more.publicAddress ?? null,
    applicationSecurityGroups,
  }));
  const data = { interface: id, name, macAddress: null, group, machine: null, addresses };
  const whole = { ...data, disableTcpStateTracking: null, instant, ...more.more };
  return eventOf(when, { type: "interface-seen", data: whole });
}

export type NetworkMore = {
  readonly addressPrefixes?: readonly string[];
  /** The group at each subnet; null: none. */
  readonly subnets?: { readonly [subnet: string]: string | null };
  readonly peerings?: readonly Partial<PeeringSeen>[];
  readonly routeTable?: string;
  /** Of every subnet. */
  readonly subnet?: Partial<SubnetShown>;
  /** Left out: 4. */
  readonly flowTimeoutMinutes?: number | null;
  readonly instant?: SnapshotInstant;
};

export function networkSeen(when: When, network: string, more: NetworkMore = {}): ControlEvent {
  const { addressPrefixes = ["10.0.0.0/16"], subnets = { "subnet-1": null }, peerings = [], instant = "stated" } = more;
  const data = {
    network,
    name: network,
    addressPrefixes,
    subnets: Object.entries(subnets).map(([subnet, group]) => ({
      subnet,
      name: subnet,
      addressPrefixes: [],
      group,
      routeTable: more.routeTable ?? null,
      ...more.subnet,
    })),
    peerings: peerings.map((peering) => ({
      remoteNetwork: null,
      state: "Connected",
      remoteAddressPrefixes: [],
      ...peering,
    })),
    flowTimeoutMinutes: more.flowTimeoutMinutes === undefined ? 4 : more.flowTimeoutMinutes,
    instant,
  };
  return eventOf(when, { type: "virtual-network-seen", data });
}

export function applicationGroupSeen(when: When, group: string): ControlEvent {
  const name = group.slice(group.lastIndexOf("/") + 1);
  return eventOf(when, { type: "application-security-group-seen", data: { group, name, instant: "stated" } });
}
