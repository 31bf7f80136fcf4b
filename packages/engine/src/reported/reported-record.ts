// A flow record as a sensor reported it: opened, continued and ended by its reports; what the rules say of its opening
// stands beside.

import type { ResourceId } from "../event.js";
import type { FlowId } from "../flow/flow-id.js";
import type { Micros } from "../time.js";
import type { Admission, Decision } from "../verdict.js";
import type { Address } from "../wire/address.js";
import type { CheckClue, CheckOutcome } from "./check-outcome.js";
import type { CheckBasis } from "./derivation.js";
import type { ReportedDirection, ReportedRule, ReportedVerdict, ReportingSensor } from "./reported-flow.js";

export type ReportedRecord = {
  /** Made of the sensor, the five-tuple and the first report. */
  readonly id: FlowId;
  readonly sensor: ReportingSensor;
  /** The rule that the sensor names. */
  readonly rule: ReportedRule | null;
  readonly verdict: ReportedVerdict;
  /** Null interface: none is known where the sensor stands. */
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  readonly direction: ReportedDirection;
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly icmp: number;
  /** Of its first report. */
  readonly openedAt: Micros;
  /** Whether a report tells of its opening; otherwise it was open before. */
  readonly openingTold: boolean;
  readonly lastSeen: Micros;
  /** When a report told of its end; null: none did. */
  readonly endedAt: Micros | null;
  readonly reports: number;
  readonly forward: ReportedCounters;
  readonly backward: ReportedCounters;
  /** All else that its first report says: canonical JSON of an object, or empty. */
  readonly detail: string;
  /** What our rules say that is held against it, and what all gates say; null: no interface is known. */
  readonly derived: Decision;
  readonly basis: CheckBasis | null;
  readonly admission: Admission | null;
  readonly outcome: CheckOutcome;
  readonly clue: CheckClue | null;
};

/** Null: no report counted them. */
export type ReportedCounters = { readonly packets: number | null; readonly bytes: number | null };

/** What the sensor denied, one row for a sensor, source, destination, port and rule. */
export type ReportedDenial = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  readonly direction: ReportedDirection;
  readonly source: Address;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly first: Micros;
  readonly last: Micros;
  readonly count: number;
};

/** What a sensor told in one hour. */
export type SensorHour = {
  readonly sensor: ReportingSensor;
  /** Its beginning. */
  readonly hour: Micros;
  readonly reports: number;
  /** Reports that nothing was seen, and that something was seen and not kept. */
  readonly noData: number;
  readonly skipped: number;
  readonly first: Micros;
  readonly last: Micros;
};

/** From `first` to `last` a sensor saw something and did not keep it. */
export type SkippedWindow = {
  readonly sensor: ReportingSensor;
  readonly first: Micros;
  readonly last: Micros;
  readonly reports: number;
};
