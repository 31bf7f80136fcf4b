// Settings for what no source says of a platform (DOMAIN 7.5): each has a default in its profile, and a question may ask
// under another value.

import { type DurationMicros, microsPerSecond } from "../time.js";
import { type ControlChange, type Semantics, withReevaluation, withTcpIdle, withUdp } from "./semantics.js";

/** Null: no such value. */
type Apply = (semantics: Semantics, value: string) => Semantics | null;

function reevaluates(change: ControlChange): Apply {
  return (semantics, value) => {
    if (value === "reevaluate") return withReevaluation(semantics, change);
    return value === "keep" ? { ...semantics, onChange: { ...semantics.onChange, [change]: "keep" } } : null;
  };
}

function lasting(apply: (semantics: Semantics, idle: DurationMicros) => Semantics): Apply {
  return (semantics, value) => {
    const seconds = /^\d{1,9}$/.test(value) ? Number(value) : 0;
    return seconds === 0 ? null : apply(semantics, seconds * microsPerSecond);
  };
}

function oneOf<T extends string>(values: readonly T[], apply: (semantics: Semantics, value: T) => Semantics): Apply {
  return (semantics, value) => {
    const known = values.find((candidate) => candidate === value);
    return known === undefined ? null : apply(semantics, known);
  };
}

const linger = lasting((semantics, idle) => ({
  ...semantics,
  tcpMicros: { ...semantics.tcpMicros, TIME_WAIT: idle, CLOSE: idle },
}));

const settings: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["rules", reevaluates("rules")],
  ["associations", reevaluates("associations")],
  ["memberships", reevaluates("memberships")],
  ["address-lists", reevaluates("address-lists")],
  ["mid-stream", oneOf(["evaluate", "drop"], (semantics, midStream) => ({ ...semantics, midStream }))],
  ["closing", oneOf(["linger", "time-out"], (semantics, closing) => ({ ...semantics, closing }))],
  ["linger", linger],
  ["tcp-idle", lasting(withTcpIdle)],
  ["udp-idle", lasting((semantics, idle) => withUdp(semantics, { firstMicros: idle, streamMicros: idle }))],
  ["icmp-idle", lasting((semantics, icmpMicros) => ({ ...semantics, icmpMicros }))],
  ["other-idle", lasting((semantics, otherMicros) => ({ ...semantics, otherMicros }))],
]);

export const semanticSettingNames: readonly string[] = [...settings.keys()];

/** `udp-idle=60`, seconds; `associations=reevaluate`. The name tells of it. Null where there is no such setting or value. */
export function withSetting(semantics: Semantics, text: string): Semantics | null {
  const [name = "", value = ""] = text.toLowerCase().split("=");
  const set = settings.get(name)?.(semantics, value) ?? null;
  return set === null ? null : { ...set, name: `${semantics.name}, ${name}=${value}` };
}
