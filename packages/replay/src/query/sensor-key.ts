// Sensors by texts that are equal where they are. Sensors are few, and named in each of their hours.

import type { ReportingSensor } from "@conntrail/engine";

export const sensorKey = remembered((sensor) => JSON.stringify(sensor));

/** The sensor without its interface, as the same kind of text. */
export const logOf = remembered((sensor) => JSON.stringify({ ...sensor, interface: null, mac: null }));

/** Another log at the same interface has the same; null: it names none. */
export function interfaceKey({ interface: id, mac }: ReportingSensor): string | null {
  return id ?? mac;
}

function remembered(textOf: (sensor: ReportingSensor) => string): (sensor: ReportingSensor) => string {
  const known = new WeakMap<ReportingSensor, string>();
  return (sensor) => {
    const text = known.get(sensor) ?? textOf(sensor);
    known.set(sensor, text);
    return text;
  };
}
