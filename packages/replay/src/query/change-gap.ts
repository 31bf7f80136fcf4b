// Changes of rules and networks that no log in the case tells of, while there was traffic.

import { type ControlEvent, groupBy, isEnteredByHand, isOperation } from "@conntrail/engine";
import { wholeOf } from "./covered-traffic.js";
import { type Cloud, commonSpan, type GapOf, type GapSpan } from "./gap.js";
import type { JudgedTraffic } from "./policy-gap.js";

/** When the changes of a cloud are told of, from the first record to the last; null: no log of them. */
export type ChangesTold = (cloud: Cloud) => GapSpan | null;

export function changesTold({ events, logOf }: JudgedTraffic): ChangesTold {
  const records = events.filter((event) => isOperation(event) && !isEnteredByHand(event.source));
  const times = groupBy(records, ({ source }) => logOf(source.sha256));
  return (cloud) => {
    const own = (times.get(cloud) ?? []).map(({ time }) => time).sort((a, b) => a - b);
    return own.length === 0 ? null : { from: own[0]!, to: own.at(-1)! };
  };
}

export function untoldChanges({ places, events, span }: JudgedTraffic, told: ChangesTold): GapOf<"changes">[] {
  return [...groupBy(places, ({ place }) => place.platform)].flatMap(([cloud, own]) => {
    const traffic = commonSpan(wholeOf(own.map((one) => one.span))!, span);
    return traffic === null ? [] : changeGaps(cloud, { events, traffic, told: told(cloud) });
  });
}

type CloudTraffic = {
  readonly events: readonly ControlEvent[];
  readonly traffic: GapSpan;
  readonly told: GapSpan | null;
};

/** A group that is seen whole before the traffic, or behind it, tells what unrecorded changes came to. */
function changeGaps(cloud: Cloud, { events, traffic, told }: CloudTraffic): GapOf<"changes">[] {
  if (told === null) return [{ kind: "changes", cloud, is: "none", ...traffic }];
  const sights = events.filter(({ type }) => type === "security-group-seen");
  const [before, after] = [
    commonSpan(traffic, { ...traffic, to: told.from }),
    commonSpan(traffic, { ...traffic, from: told.to }),
  ];
  const gaps: GapOf<"changes">[] = [];
  if (before !== null && !sights.some(({ time }) => time <= traffic.from)) {
    gaps.push({ kind: "changes", cloud, is: "before", ...before });
  }
  if (after !== null && !sights.some(({ time }) => time >= traffic.to)) {
    gaps.push({ kind: "changes", cloud, is: "after", ...after });
  }
  return gaps;
}
