// A flow record as questions and views see it: who opened the connection and when, what admitted it, what moved
// through it, when and why it ends.

import type { ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import type { Admission } from "../verdict.js";
import type { Address } from "../wire/address.js";
import type { ConnState } from "../zeek/conn-state.js";
import type { FlowId } from "./flow-id.js";
import type { FlowStateName } from "./flow-state.js";

export type FlowRecord = {
  readonly id: FlowId;
  /** The place of capture. */
  readonly place: string;
  /** The network interface that keeps the record; null where none is known. */
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  /** Seen from that interface. */
  readonly direction: "inbound" | "outbound" | null;
  readonly protocol: number;
  /** Who opened it. */
  readonly source: Address;
  /** 0 where the protocol has no ports; of an ICMP query its identifier. */
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  /** ICMP type * 256 + code, of queries the request's type; otherwise 0. */
  readonly icmp: number;
  readonly openedAt: Micros;
  readonly openedBy: { readonly sha256: string; readonly frame: number };
  /** The first packet was not the first of its connection: the capture began late, or an older record had ended. */
  readonly midStream: boolean;
  readonly admission: Admission;
  readonly state: FlowStateName;
  /** Zeek's letters for the packets that passed by the record; empty where neither TCP nor UDP. */
  readonly history: string;
  readonly connState: ConnState;
  readonly lastSeen: Micros;
  /** When the record ended, or will, if no packet comes any more. */
  readonly endsAt: Micros;
  readonly endsBy: FlowEnd;
  readonly forward: FlowCounters;
  readonly backward: FlowCounters;
};

/**
 * Idle: nothing for the timeout. Fin, rst: the connection was over, and lingered. Re-evaluated: the rules, asked anew,
 * allowed it no more. Flushed: somebody dropped it. Interface-removed: there was no such interface any more.
 */
export type FlowEnd = "idle" | "fin" | "rst" | "re-evaluated" | "flushed" | "interface-removed";

export type FlowCounters = {
  readonly packets: number;
  /** IP packets whole, headers included. */
  readonly bytes: number;
  readonly payloadBytes: number;
};
