// What a sensor says of a flow that it saw: a flow-log tuple, a line of a connection log. It is never dressed up as
// packets: it opens, continues, ends or denies a flow record as reported (DOMAIN 4.1, 4.2, 4.6).

import type { ResourceId } from "../event.js";
import type { PacketFlow } from "../traffic/packet.js";

/** Who reports. Batches and views name it by the canonical JSON of this. */
export type ReportingSensor = {
  readonly kind: SensorKind;
  /** The interface by its id: AWS. */
  readonly interface: ResourceId | null;
  /** Twelve hexadecimal digits, lower case: Azure. */
  readonly mac: string | null;
  /** What is logged: the NSG, the virtual network, subnet or interface; of other sensors the source's place. */
  readonly resource: ResourceId | null;
};

export type SensorKind = "azure-nsg" | "azure-vnet" | "aws-vpc" | "zeek" | "suricata" | "conntrack";

/** The rule that the sensor says decided; the canonical JSON of this. A group that the log names by another id is kept so. */
export type ReportedRule = { readonly group: ResourceId | null; readonly rule: string | null };

/**
 * What a report says. `opened`, `continued`, `ended`: of a flow, counts since the report before. `denied`: an attempt.
 * `window`: what passed one way, or was rejected, between two instants. `connection`: a whole connection. `no-data`: the
 * sensor worked and saw nothing. `skipped`: the sensor saw something and did not keep it.
 */
export const reportKinds = [
  "opened",
  "continued",
  "ended",
  "denied",
  "window",
  "connection",
  "no-data",
  "skipped",
] as const;

export type ReportKind = (typeof reportKinds)[number];

export const reportedVerdicts = [null, "allow", "deny"] as const;
export type ReportedVerdict = (typeof reportedVerdicts)[number];

export const reportedDirections = [null, "inbound", "outbound"] as const;
export type ReportedDirection = (typeof reportedDirections)[number];

/** A count that the sensor does not give. */
export const notCounted = -1;
/** TCP flags that the sensor does not give. */
export const noFlags = 0xffff;

/** One report as an importer leaves it: a single mutable object, used again for each. */
export type ReportedFlow = {
  /** Microseconds; of a window or a whole connection its beginning. */
  time: number;
  /** Of a window or a whole connection its end; otherwise the same as `time`. */
  lastTime: number;
  /** As the sensor writes it, source first. */
  readonly flow: PacketFlow;
  kind: ReportKind;
  verdict: ReportedVerdict;
  direction: ReportedDirection;
  /** Canonical JSON of `ReportingSensor`. */
  sensor: string;
  /** Canonical JSON of `ReportedRule`; empty: none is named. */
  rule: string;
  /** Packets and bytes from source to destination, then back; or `notCounted`. */
  packetsForward: number;
  bytesForward: number;
  packetsBackward: number;
  bytesBackward: number;
  /** TCP flags seen, OR-ed, or `noFlags`. */
  flags: number;
  /** All else that the record says: canonical JSON of an object, empty where there is nothing. */
  detail: string;
  /** Equal reports in one record are two events: which of them this is, from 0. */
  ordinal: number;
  /** Record number in its file, from 1, and the record's offset in bytes. */
  record: number;
  offset: number;
};

export function newReportedFlow(): ReportedFlow {
  return {
    time: 0,
    lastTime: 0,
    flow: { words: new Uint32Array(8), protocol: 0, sourcePort: 0, destinationPort: 0, icmp: 0 },
    kind: "opened",
    verdict: null,
    direction: null,
    sensor: "",
    rule: "",
    packetsForward: notCounted,
    bytesForward: notCounted,
    packetsBackward: notCounted,
    bytesBackward: notCounted,
    flags: noFlags,
    detail: "",
    ordinal: 0,
    record: 0,
    offset: 0,
  };
}
