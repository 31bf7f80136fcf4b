// The sensor of a log that names none: its kind, and the place that the user named.

import type { SensorKind } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";

/** Canonical JSON of `ReportingSensor`. */
export function placeSensor(kind: SensorKind, place: string | null): string {
  return canonicalJson({ kind, interface: null, mac: null, resource: place });
}
