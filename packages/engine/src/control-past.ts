// What rules, networks and flushes the fold may come to ask about, each with the instant from which it can matter: two
// logs whose facts before an instant are the same fold the same up to there. So what was folded is known to hold still
// when later evidence has changed the histories, and how far.

import type { FlowFlush } from "./intervention.js";
import type { NetworkHistory } from "./network/topology.js";
import { fact, type PastFact } from "./past-fact.js";
import type { AddressLists } from "./policy/address-list.js";
import type { GroupHistory, PolicyHistory } from "./policy/policy-history.js";
import type { RuleVersion } from "./policy/rule-version.js";
import { beginningOfTime } from "./time.js";

export type ControlPast = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  readonly flushes: readonly FlowFlush[];
};

/** In the order of time, and of one instant always in the same. */
export function controlPast({ policy, network, flushes }: ControlPast): PastFact[] {
  const facts = [
    ...[...policy.groups.values()].flatMap(factsOfGroup),
    ...factsOfLists(policy.lists),
    ...network.past(),
    ...flushes.map((flush) => fact(flush.time, "flush", flush)),
  ];
  return facts.sort((a, b) => a.time - b.time || (a.text < b.text ? -1 : 1));
}

function factsOfGroup({ group, name, kind, versions, spans }: GroupHistory): PastFact[] {
  return [
    fact(beginningOfTime, "group", group, name, kind),
    ...versions.flatMap(factsOfVersion),
    ...spans.flatMap(({ from, to, is, because }) => [
      fact(from, "span", group, is, because),
      fact(to, "span ended", group, is, because, from),
    ]),
  ];
}

/** What ended a version, and when evidence showed it, mattered to nobody before. */
function factsOfVersion({ from, to, recordedFrom, endedBy: _, ...version }: RuleVersion): PastFact[] {
  const { group, rule, isDefault, version: number } = version;
  return [
    fact(from, "version", version),
    fact(recordedFrom > from ? recordedFrom : from, "recorded", group, rule, isDefault, number),
    fact(to, "ended", group, rule, isDefault, number),
  ];
}

/** Before the first edition, what that one shows is inferred. */
function factsOfLists({ editions }: AddressLists): PastFact[] {
  return [...editions].flatMap(([list, own]) =>
    own.flatMap((edition) => [
      ...(edition.time === own[0]!.time ? [fact(beginningOfTime, "first list", list, edition.prefixes)] : []),
      fact(edition.time, "list", list, edition.inferred, edition.prefixes),
    ]),
  );
}
