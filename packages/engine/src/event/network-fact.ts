// Facts of networks: interfaces, subnets, routes, lists of addresses, what stands at which gate, switches.

import type { OperationRecord, ResourceId, SnapshotInstant } from "./evidence.js";

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

/** A record of changing a managed prefix list. */
export type AddressListChanged = {
  readonly type: "address-list-changed";
  readonly data: OperationRecord & {
    readonly list: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** The number of the edition that it makes. */
    readonly edition: string | null;
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
    /** The interface, or the subnet. AWS: a machine for its only interface, an association's id for its subnet. */
    readonly target: ResourceId;
    /** The id that the association has from then on. */
    readonly replacedBy?: string;
    /** Empty: none any more. Null where this record has no body; another of the operation may. */
    readonly groups: readonly ResourceId[] | null;
  };
};

/** A record of giving addresses to an interface, or taking them away. */
export type AddressesChanged = {
  readonly type: "addresses-changed";
  readonly data: OperationRecord & {
    readonly interface: ResourceId;
    readonly added: readonly string[];
    readonly removed: readonly string[];
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
