// When what address lists held is not known as of the traffic.

import {
  beginningOfTime,
  type ControlEvent,
  groupBy,
  type Micros,
  microsPerHour,
  type PolicyHistory,
} from "@conntrail/engine";
import { commonSpan, type GapOf, type GapSpan } from "./gap.js";
import { listsInUse } from "./lists-in-use.js";

type ListsAsked = { readonly events: readonly ControlEvent[]; readonly policy: PolicyHistory; readonly span: GapSpan };

/** Service tags are published once a week. */
const editionLastsMicros = 7 * 24 * microsPerHour;

/** Lists with the same gap stand together. */
export function listGaps({ events, policy, span }: ListsAsked): GapOf<"list">[] {
  const gaps = listsInUse(events, policy).flatMap(({ list, editions }) =>
    spansWithout(
      editions.map(({ time }) => time),
      span,
    ).map((gap) => ({ list, ...gap })),
  );
  return [...groupBy(gaps, ({ is, from, to }) => `${is} ${from} ${to}`).values()].map((own) => {
    const { list: _, ...gap } = own[0]!;
    return { kind: "list", ...gap, lists: own.map(({ list }) => list).sort() };
  });
}

type ListGap = GapSpan & Pick<GapOf<"list">, "is">;

function spansWithout(editions: readonly Micros[], span: GapSpan): ListGap[] {
  const first = editions[0];
  if (first === undefined) return [{ is: "never-shown", ...span }];
  const before = commonSpan({ from: beginningOfTime, to: first }, span);
  const stale = editions.flatMap((time, index) => {
    const from = (time + editionLastsMicros) as Micros;
    const common = commonSpan({ from, to: editions[index + 1] ?? span.to }, span);
    return common === null ? [] : [{ is: "shown-earlier" as const, ...common }];
  });
  return [...(before === null ? [] : [{ is: "shown-later" as const, ...before }]), ...stale];
}
