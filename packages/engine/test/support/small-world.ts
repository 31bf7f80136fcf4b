// A small world in plain words: what the oracle reads as it is, and what is turned into control events for the engine.

import type { Micros } from "../../src/index.js";
import type { PacketText } from "./packets.js";

export type WorldRule = {
  readonly name: string;
  readonly direction: "inbound" | "outbound";
  readonly access: "allow" | "deny";
  readonly priority: number;
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "*";
  /** `*`, an address, a prefix, a service tag, or `asg:` and a name. */
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
  /** As it was before the first edit. */
  readonly rules: readonly WorldRule[];
  /** In order of time, no two of one instant. */
  readonly edits: readonly WorldEdit[];
};

/** What an interface was from a time on; the first holds for the time before it too. */
export type WorldInterfaceState = {
  readonly time: Micros;
  readonly addresses: readonly string[];
  readonly subnet: string;
  readonly group: string | null;
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

export type World = {
  readonly groups: readonly WorldGroup[];
  readonly interfaces: readonly WorldInterface[];
  /** The group at each subnet that the network shows; null: none stands there. */
  readonly subnets: { readonly [subnet: string]: string | null };
  /** The network's prefix. */
  readonly space: string;
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
