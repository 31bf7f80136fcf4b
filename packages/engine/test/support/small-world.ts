// A small world in plain words: what the oracle reads as it is, and what is turned into control events for the engine.

import type { GroupKind, Micros, Setting } from "../../src/index.js";
import type { PacketText } from "./packets.js";

export type WorldRule = {
  readonly name: string;
  readonly direction: "inbound" | "outbound";
  readonly access: "allow" | "deny" | "always-allow";
  readonly priority: number;
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "*";
  /** `*`, an address, a prefix, a service tag or prefix list, or `asg:` and a group whose members are meant. */
  readonly from: string;
  readonly to: string;
  /** `*`, `22` or `20-30`. */
  readonly toPorts: string;
};

export type WorldEdit = { readonly time: Micros } & (
  | { readonly kind: "put"; readonly rule: WorldRule }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "replace"; readonly rules: readonly WorldRule[] }
);

export type WorldGroup = {
  readonly name: string;
  readonly kind: GroupKind;
  /** As it was before the first edit. */
  readonly rules: readonly WorldRule[];
  /** In order of time, no two of one instant. */
  readonly edits: readonly WorldEdit[];
};

/** What an interface was seen to be from a time on; the first holds for the time before it too. */
export type WorldInterfaceState = {
  readonly time: Micros;
  readonly addresses: readonly string[];
  readonly subnet: string;
  /** On Azure at most one. */
  readonly groups: readonly string[];
  readonly applicationSecurityGroups: readonly string[];
};

export type WorldInterface = { readonly name: string; readonly states: readonly WorldInterfaceState[] };

export type WorldSource = {
  /** Its SHA-256, or so. */
  readonly name: string;
  readonly place: string;
  /** In the order of the file; frames ascend, times need not. */
  readonly packets: readonly PacketText[];
};

/** Other groups put before an interface, or at the edge of a subnet: these, and no others. */
export type WorldAssociation = {
  readonly time: Micros;
  readonly gate: "interface" | "subnet" | "network-acl";
  readonly target: string;
  readonly groups: readonly string[];
};

export type WorldMembership = {
  readonly time: Micros;
  readonly interface: string;
  readonly address: string;
  readonly applicationSecurityGroups: readonly string[];
};

export type WorldSetting = {
  readonly time: Micros;
  /** A group, an interface, or the network, `vnet`. */
  readonly resource: string;
  readonly setting: Setting;
  readonly value: boolean | number | null;
};

export type WorldList = { readonly time: Micros; readonly list: string; readonly prefixes: readonly string[] };

export type World = {
  readonly platform: "azure" | "aws";
  readonly groups: readonly WorldGroup[];
  readonly interfaces: readonly WorldInterface[];
  /** The group at each subnet that the network shows, on AWS its network ACL; null: none stands there. */
  readonly subnets: { readonly [subnet: string]: string | null };
  /** Left out: its prefixes are not shown. */
  readonly subnetPrefixes: { readonly [subnet: string]: readonly string[] };
  /** The network's prefixes. */
  readonly space: readonly string[];
  /** Security admin rules of the network: a group's name. */
  readonly admin: string | null;
  /** All of these in order of time, and no two things of the network change at one instant. */
  readonly associations: readonly WorldAssociation[];
  readonly memberships: readonly WorldMembership[];
  readonly settings: readonly WorldSetting[];
  /** Editions of service tags and prefix lists. */
  readonly lists: readonly WorldList[];
  readonly sources: readonly WorldSource[];
  /** Somebody dropped records. Null: at all interfaces; of all connections. */
  readonly flushes: readonly {
    readonly time: Micros;
    readonly interface: string | null;
    readonly connection: WorldConnection | null;
  }[];
};

export type WorldConnection = {
  readonly protocol: number;
  readonly a: string;
  readonly b: string;
  readonly portA: number | null;
  readonly portB: number | null;
};
