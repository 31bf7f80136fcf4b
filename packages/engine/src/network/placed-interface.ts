// An interface where it stands at an instant: its addresses, what stands at each of its gates, its network.

import type { ResourceId, Route, Setting, SubnetOccupant } from "../event.js";
import type { Semantics } from "../flow/semantics.js";
import type { Provenance } from "../policy/rule-version.js";
import type { NetworkSpace } from "../policy/service-tag.js";
import type { SettingState } from "../policy/setting-history.js";
import type { Address, Prefix } from "../wire/address.js";

/**
 * Where a packet is judged. `platform`: what the cloud itself lets through or stops; `security-admin`: rules of an Azure
 * virtual network manager; `network-acl`: stateless, at the edge of an AWS subnet.
 */
export type GateKind = "platform" | "security-admin" | "subnet" | "interface" | "network-acl";

/** Gates at which groups of rules stand. */
export type GroupGate = Exclude<GateKind, "platform">;

/** What stands at one of an interface's gates. `none`: the platform has no such gate. */
export type GateGroups =
  | { readonly is: "groups"; readonly groups: readonly ResourceId[] }
  | { readonly is: "open" }
  | { readonly is: "none" }
  | { readonly is: "unknown"; readonly because: string };

export type Platform = "azure" | "aws";

export type PlacedInterface = {
  readonly id: ResourceId;
  readonly name: string;
  readonly platform: Platform;
  readonly machine: ResourceId | null;
  /** Twelve hexadecimal digits, lower case. */
  readonly macAddress: string | null;
  readonly addresses: readonly Address[];
  /** Public addresses with the private one that rules see in their place. */
  readonly publicAddresses: readonly { readonly address: Address; readonly own: Address }[];
  readonly gates: { readonly [gate in GroupGate]: GateGroups };
  readonly network: PlacedNetwork | null;
  readonly subnet: PlacedSubnet | null;
  /** What the VirtualNetwork tag stands for here. */
  readonly space: NetworkSpace;
  /** Where interfaces can be that groups in rules stand for. */
  readonly memberSpace: NetworkSpace;
  /** What kind of interface it is, as events write it; null: a machine's, or not known. */
  readonly interfaceType: string | null;
  readonly settings: PlaceSettings;
  /** What becomes of flow records here, as the platform and the settings say. */
  readonly semantics: Semantics;
  /** Those of its groups whose edits judge live records anew: `flushConnection` [A6]. */
  readonly flushing: readonly ResourceId[];
  /** Routes of its subnet beyond the platform's own; null: it has a route table that nobody has shown. */
  readonly routes: readonly Route[] | null;
  readonly provenance: Provenance;
};

/** The switches that bear on this interface: its own, and its network's. */
export type PlaceSettings = { readonly [setting in Exclude<Setting, "flushConnection">]: SettingState } & {
  /** AWS: of a Nitro v6 instance, whose default for TCP differs; null: not known. */
  readonly nitroV6: boolean | null;
};

export type PlacedNetwork = {
  readonly id: ResourceId;
  /** Its own; the first is the primary one. */
  readonly prefixes: readonly Prefix[];
  /** Of all of its subnets. */
  readonly occupants: readonly SubnetOccupant[];
};

export type PlacedSubnet = {
  readonly id: ResourceId;
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly privateEndpointPolicies: string | null;
  readonly occupants: readonly SubnetOccupant[];
};
