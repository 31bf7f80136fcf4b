// The events of the log: facts only, past tense. What was seen, edited, granted; never what we conclude from it.

import type { RuleContent, UnreadableRule } from "./policy/rule.js";
import type { Micros } from "./time.js";

/** Where a record of evidence stands: its file by content, and the record's number in it, from 1. */
export type SourceRecord = {
  /** SHA-256 of the decompressed content, hex; of standard input, of its header and first record. */
  readonly sha256: string;
  readonly record: number;
};

/** The source of events that a command of ours appended: they come from nobody's evidence. */
export const enteredByHand: SourceRecord = { sha256: "entered-by-hand", record: 0 };

export function isEnteredByHand(source: SourceRecord): boolean {
  return source.sha256 === enteredByHand.sha256;
}

/** Who did it: the person or service, from where, and the cloud's own id that ties its records together. */
export type Actor = {
  readonly who: string | null;
  readonly from: string | null;
  readonly correlationId: string | null;
};

/** What a cloud says of an operation in one record of its log. Only `succeeded` changes anything. */
export type OperationPhase = "started" | "accepted" | "succeeded" | "failed";

/** One record of a cloud's operation log; records of one operation share `operationId` or the actor's correlation id. */
export type OperationRecord = {
  readonly phase: OperationPhase;
  readonly operationId: string | null;
  /** Whether the operation made the resource anew or changed an existing one, where the record says. */
  readonly effect: "created" | "updated" | null;
};

/** Ids of cloud resources are kept as written and compared without case. */
export type ResourceId = string;

/**
 * What rules a group holds, and so how they are read: an Azure network security group, an AWS security group (allow
 * only), an AWS network ACL (stateless), or security admin rules of an Azure virtual network manager.
 */
export type GroupKind = "network-security-group" | "security-group" | "network-acl" | "security-admin";

/** A security group seen whole at an instant. */
export type SecurityGroupSeen = {
  readonly type: "security-group-seen";
  readonly data: {
    readonly group: ResourceId;
    readonly name: string;
    readonly rules: readonly (RuleContent | UnreadableRule)[];
    readonly defaultRules: readonly (RuleContent | UnreadableRule)[];
    /** Subnets and interfaces that the group says it is associated with. */
    readonly subnets: readonly ResourceId[];
    readonly interfaces: readonly ResourceId[];
    readonly flushConnection: boolean | null;
    readonly instant: SnapshotInstant;
    /** Left out: a network security group. */
    readonly kind?: Exclude<GroupKind, "network-security-group">;
    /** The virtual networks it is in (AWS) or applies to (security admin rules). */
    readonly networks?: readonly ResourceId[];
    /** Only some of its rules are shown: that a rule is missing says nothing. Effective rules of an interface. */
    readonly partial?: true;
    /** It was made at this instant: there was no such group before. */
    readonly begins?: true;
  };
};

/** How we know when a snapshot was taken: stated by the user, or guessed from the file's modification time. */
export type SnapshotInstant = "stated" | "file-time";

export type InterfaceSeen = {
  readonly type: "interface-seen";
  readonly data: {
    readonly interface: ResourceId;
    readonly name: string;
    readonly macAddress: string | null;
    readonly group: ResourceId | null;
    readonly machine: ResourceId | null;
    readonly addresses: readonly InterfaceAddress[];
    readonly disableTcpStateTracking: boolean | null;
    readonly instant: SnapshotInstant;
    /** Left out: Azure. */
    readonly platform?: "aws";
    /** The virtual network, where the subnet does not tell. */
    readonly network?: ResourceId;
    /** AWS: all security groups of the interface; `group` is null there. */
    readonly groups?: readonly ResourceId[];
    /** AWS: `interface`, `nat_gateway`, `vpc_endpoint` …, as the platform writes it. Azure: `private-endpoint`, or left out. */
    readonly interfaceType?: string;
    /** AWS: idle timeouts as set, and the default where they are not. */
    readonly connectionTracking?: ConnectionTracking;
    /** Azure: whether the platform lets mail (TCP 25) out. */
    readonly allowPort25Out?: boolean;
    /** It was made at this instant: there was no such interface before. */
    readonly begins?: true;
  };
};

/** AWS idle timeouts in seconds; null where the platform's default holds. */
export type ConnectionTracking = {
  readonly tcpEstablishedSeconds: number | null;
  readonly udpStreamSeconds: number | null;
  readonly udpSeconds: number | null;
  /** Of a Nitro v6 instance, whose default for TCP is 350 s instead of five days; null: not known. */
  readonly nitroV6: boolean | null;
};

/** One IP configuration of an interface. */
export type InterfaceAddress = {
  readonly address: string;
  readonly subnet: ResourceId | null;
  readonly publicAddress: ResourceId | null;
  readonly applicationSecurityGroups: readonly ResourceId[];
};

export type VirtualNetworkSeen = {
  readonly type: "virtual-network-seen";
  readonly data: {
    readonly network: ResourceId;
    readonly name: string;
    readonly addressPrefixes: readonly string[];
    readonly subnets: readonly SubnetShown[];
    readonly peerings: readonly PeeringSeen[];
    readonly flowTimeoutMinutes: number | null;
    readonly instant: SnapshotInstant;
    /** Left out: Azure. */
    readonly platform?: "aws";
    readonly begins?: true;
  };
};

/** A subnet as its virtual network shows it. */
export type SubnetShown = {
  readonly subnet: ResourceId;
  readonly name: string;
  readonly addressPrefixes: readonly string[];
  readonly group: ResourceId | null;
  readonly routeTable: ResourceId | null;
  /** Whether rules bind its private endpoints; left out: as the platform does by default, they don't. */
  readonly privateEndpointPolicies?: string;
  /** Services of Azure in it that free it, or its whole network, from security admin rules; left out: none. */
  readonly occupants?: readonly SubnetOccupant[];
};

export type SubnetOccupant = "application-gateway" | "sql-managed-instance" | "databricks";

/** A subnet on its own: `aws ec2 describe-subnets`, `az network vnet subnet show`. */
export type SubnetSeen = {
  readonly type: "subnet-seen";
  readonly data: SubnetShown & {
    readonly network: ResourceId;
    readonly instant: SnapshotInstant;
    readonly platform?: "aws";
    readonly begins?: true;
  };
};

export type PeeringSeen = {
  readonly remoteNetwork: ResourceId | null;
  readonly state: string;
  readonly remoteAddressPrefixes: readonly string[];
  /** Left out: yes. Where it is no, the remote network is not in the VirtualNetwork tag. */
  readonly allowVirtualNetworkAccess?: false;
};

/** Addresses behind a gateway of the network: on-premises, or another network's. Part of the VirtualNetwork tag. */
export type ConnectedSpaceSeen = {
  readonly type: "connected-space-seen";
  readonly data: {
    readonly network: ResourceId;
    readonly gateway: ResourceId;
    readonly addressPrefixes: readonly string[];
    readonly instant: SnapshotInstant;
  };
};

export type RouteTableSeen = {
  readonly type: "route-table-seen";
  readonly data: {
    readonly routeTable: ResourceId;
    readonly name: string;
    /** AWS: the network it is in, and whether it holds for subnets that name no other. */
    readonly network?: ResourceId;
    readonly main?: boolean;
    /** Subnets that it says use it. */
    readonly subnets: readonly ResourceId[];
    readonly routes: readonly Route[];
    readonly instant: SnapshotInstant;
    readonly platform?: "aws";
  };
};

export type Route = {
  /** A prefix, a service tag, or a prefix list. */
  readonly destination: string;
  /** As the platform writes it: `Internet`, `VirtualAppliance`, `None`; on AWS the kind of target: `nat_gateway`. */
  readonly nextHop: string;
  /** Address or id of the next hop, where it has one. */
  readonly target: string | null;
  /** AWS: the next hop is gone, so packets that take the route are lost. */
  readonly blackhole?: true;
};

/** Contents of a service tag or a managed prefix list, as published or described at a date. */
export type AddressListSeen = {
  readonly type: "address-list-seen";
  readonly data: {
    /** `Storage.WestEurope`, `pl-63a5400a`. */
    readonly list: string;
    readonly prefixes: readonly string[];
    /** The publisher's own number of this edition. */
    readonly edition: string | null;
    readonly instant: SnapshotInstant;
  };
};

export type PublicAddressSeen = {
  readonly type: "public-address-seen";
  readonly data: {
    readonly publicAddress: ResourceId;
    readonly address: string | null;
    /** The interface it belongs to. */
    readonly interface: ResourceId | null;
    readonly instant: SnapshotInstant;
  };
};

export type ApplicationSecurityGroupSeen = {
  readonly type: "application-security-group-seen";
  readonly data: { readonly group: ResourceId; readonly name: string; readonly instant: SnapshotInstant };
};

/** A record of putting groups before an interface or a subnet: these, and no others. */
export type AssociationWritten = {
  readonly type: "association-written";
  readonly data: OperationRecord & {
    readonly gate: "interface" | "subnet" | "network-acl";
    /** The interface, or the subnet. */
    readonly target: ResourceId;
    /** Empty: none any more. Null where this record has no body; another of the operation may. */
    readonly groups: readonly ResourceId[] | null;
  };
};

/** A record of making an address of an interface a member of application security groups: of these, and no others. */
export type MembershipWritten = {
  readonly type: "membership-written";
  readonly data: OperationRecord & {
    readonly interface: ResourceId;
    readonly address: string;
    readonly applicationSecurityGroups: readonly ResourceId[] | null;
  };
};

export const settings = [
  "flushConnection",
  "flowTimeoutMinutes",
  "disableTcpStateTracking",
  "allowPort25Out",
  "tcpEstablishedSeconds",
  "udpStreamSeconds",
  "udpSeconds",
] as const;
/** Switches of single resources: of a group, a virtual network, or an interface. */
export type Setting = (typeof settings)[number];

export type SettingWritten = {
  readonly type: "setting-written";
  readonly data: OperationRecord & {
    readonly resource: ResourceId;
    readonly setting: Setting;
    /** Null: back to the platform's default. */
    readonly value: boolean | number | null;
  };
};

/** A record of deleting a group, interface, subnet, network, or just-in-time policy. */
export type ResourceRemoved = {
  readonly type: "resource-removed";
  readonly data: OperationRecord & { readonly resource: ResourceId };
};

/** Somebody dropped flow records by force, as `conntrack -D` does. */
export type FlowsFlushed = {
  readonly type: "flows-flushed";
  readonly data: {
    /** Null: at every interface. */
    readonly interface: ResourceId | null;
    /** Only of this connection, in either direction; null: all. */
    readonly connection: {
      readonly protocol: number;
      readonly a: string;
      readonly b: string;
      readonly portA: number | null;
      readonly portB: number | null;
    } | null;
  };
};

/** A record of writing one rule. `rule` is null where this record has no body; another of the operation may. */
export type SecurityRuleWritten = {
  readonly type: "security-rule-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    /** AWS: of a rule that changes its id, `sgr-…`; what it then says has a name of its own. */
    readonly ruleName: string;
    readonly rule: RuleContent | UnreadableRule | null;
  };
};

export type SecurityRuleDeleted = {
  readonly type: "security-rule-deleted";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    /** AWS: also the id, `sgr-…`, where the record names no more. */
    readonly ruleName: string;
    /** What it said, where the record says: AWS revokes by content. */
    readonly rule?: RuleContent;
  };
};

/** A record of writing a whole group: its rules replace those there were. `rules` is null where it has no body. */
export type SecurityGroupWritten = {
  readonly type: "security-group-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    readonly rules: readonly (RuleContent | UnreadableRule)[] | null;
  };
};

/** A record of a request for just-in-time access. */
export type AccessRequested = {
  readonly type: "access-requested";
  readonly data: OperationRecord & {
    readonly policy: ResourceId;
    readonly justification: string | null;
    /** Null where this record has no body; another of the operation may. */
    readonly grants: readonly RequestedAccess[] | null;
    /** Why it was refused, where the phase is `failed` and somebody says. */
    readonly refusal?: string;
  };
};

export type RequestedAccess = {
  readonly machine: ResourceId;
  readonly port: number;
  /** As requested; null means the address the request came from. */
  readonly sources: readonly string[] | null;
  /** When the access ends, as requested. */
  readonly until: Micros | null;
  /** Left out: as the policy says. */
  readonly protocol?: "tcp" | "udp" | "*";
  /** Rules that go when the access ends. Left out: records of their own tell when they went. */
  readonly rules?: readonly GrantedRule[];
};

export type GrantedRule = { readonly group: ResourceId; readonly ruleName: string };

/** A just-in-time policy seen whole at an instant. */
export type AccessPolicySeen = {
  readonly type: "access-policy-seen";
  readonly data: AccessPolicy & { readonly instant: SnapshotInstant; readonly begins?: true };
};

export type AccessPolicy = {
  readonly policy: ResourceId;
  readonly name: string;
  readonly machines: readonly AccessPolicyMachine[];
};

export type AccessPolicyMachine = { readonly machine: ResourceId; readonly ports: readonly AccessPolicyPort[] };

export type AccessPolicyPort = {
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "*";
  /** Sources that may be asked for; `*` any. */
  readonly sources: readonly string[];
  readonly maxDurationSeconds: number | null;
};

/** A record of writing a just-in-time policy whole. */
export type AccessPolicyWritten = {
  readonly type: "access-policy-written";
  readonly data: OperationRecord & {
    readonly policy: ResourceId;
    /** Null where this record has no body; another of the operation may. */
    readonly machines: readonly AccessPolicyMachine[] | null;
  };
};

/** Access that was granted came to its end: by time, by somebody, or because a newer request took its place. */
export type AccessEnded = {
  readonly type: "access-ended";
  readonly data: {
    readonly policy: ResourceId;
    readonly machine: ResourceId;
    readonly port: number;
    /** When the access was granted that ends here. */
    readonly granted: Micros;
    readonly because: "expired" | "revoked" | "renewed";
  };
};

/** A batch of packets of one place of capture and one source, as many as `encodePacketBatch` put into `columns`. */
export type PacketsObserved = {
  readonly type: "packets-observed";
  readonly data: {
    /** The place of capture: as the user named it, or named by the source (and its interface in a pcapng file). */
    readonly place: string;
    readonly count: number;
    /** Every packet that the source holds for this place between these two frames is in the batch. */
    readonly firstFrame: number;
    readonly lastFrame: number;
    readonly columns: Uint8Array;
  };
};

export type ImportStarted = {
  readonly type: "import-started";
  readonly data: {
    /** As given to the command. */
    readonly name: string;
    readonly format: string;
    /** The place of capture that the user named, if any. */
    readonly place: string | null;
  };
};

export type ImportFinished = {
  readonly type: "import-finished";
  readonly data: {
    readonly name: string;
    /** Of the whole content; differs from the source's own id for standard input only. */
    readonly sha256: string;
    readonly records: number;
    readonly newEvents: number;
    readonly problemCount: number;
    /** The first hundred. */
    readonly problems: readonly { readonly record: number | null; readonly message: string }[];
  };
};

export type ControlFact =
  | SecurityGroupSeen
  | InterfaceSeen
  | VirtualNetworkSeen
  | SecurityRuleWritten
  | SecurityRuleDeleted
  | SecurityGroupWritten
  | SubnetSeen
  | ConnectedSpaceSeen
  | RouteTableSeen
  | AddressListSeen
  | PublicAddressSeen
  | ApplicationSecurityGroupSeen
  | AssociationWritten
  | MembershipWritten
  | SettingWritten
  | ResourceRemoved
  | FlowsFlushed
  | AccessRequested
  | AccessPolicySeen
  | AccessPolicyWritten
  | AccessEnded;

export type Fact = ControlFact | PacketsObserved | ImportStarted | ImportFinished;

export type EventType = Fact["type"];

/** What every event has, whatever its fact. */
export type Envelope = {
  /** UUIDv5 of the canonical content (of a batch: of source, place and frames), so that known evidence adds nothing. */
  readonly id: string;
  /** When it happened; of a batch the earliest packet. */
  readonly time: Micros;
  /** Of a batch the latest packet; otherwise the same as `time`. */
  readonly lastTime: Micros;
  readonly source: SourceRecord;
  readonly actor: Actor | null;
};

/** An event that no log has taken yet. */
export type NewEvent<F extends Fact = Fact> = Envelope & F;

/** An event as the log keeps it. */
export type RecordedEvent<F extends Fact = Fact> = NewEvent<F> & {
  readonly stream: string;
  /** From 0, without holes, in its stream. */
  readonly revision: number;
  /** Ascending over the whole log, holes allowed; a position is an address and never an order of time. */
  readonly position: Position;
  readonly recordedAt: Micros;
  /** SHA-256, hex, over everything but the position, and over the hash before it in its stream. */
  readonly hash: string;
};

declare const position: unique symbol;
/** The address of an event in its log. */
export type Position = number & { readonly [position]: true };

export type ControlEvent = RecordedEvent<ControlFact>;

const trafficTypes: ReadonlySet<EventType> = new Set(["packets-observed"]);
const importTypes: ReadonlySet<EventType> = new Set(["import-started", "import-finished"]);

export function isControl(event: RecordedEvent): event is ControlEvent {
  return !trafficTypes.has(event.type) && !importTypes.has(event.type);
}

/** DESIGN's order of the fold for control events: by time, then by id; nothing of the order of arrival. */
export function compareControlEvents(a: ControlEvent, b: ControlEvent): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
