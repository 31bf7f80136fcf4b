// Service tags and prefix lists of another date: whether what a sensor reported hangs on an edition that is not of its
// day.

import { countAtOrBelow } from "../grouping.js";
import type { NetworkHistory } from "../network/topology.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import { isUnreadable } from "../policy/rule.js";
import { isOfNetworkOrPlatform } from "../policy/service-tag.js";
import { type Micros, toMicros } from "../time.js";
import { assumptionsOf } from "../verdict.js";
import { parsePrefix } from "../wire/address.js";
import type { CheckClue } from "./check-outcome.js";
import { type Derivation, derive } from "./derivation.js";
import type { Sighting } from "./sighting.js";

export type ListedReport = {
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
  readonly sighting: Sighting;
};

/** Editions before and after that are tried. */
const maxTried = 8;

/** Null: no list has a part in it. */
export function otherEdition(listed: ListedReport, derivation: Derivation): CheckClue | null {
  const { policy, sighting } = listed;
  for (const edition of editionsNear(policy, sighting.time)) {
    const other = deriveBy(edition, listed);
    if (other?.decision !== sighting.verdict) continue;
    return { is: "list", list: listIn(derivation) ?? listIn(other), edition };
  }
  const assumed = derivation.admission === null ? [] : assumptionsOf(derivation.admission);
  const inferred = assumed.find((assumption) => assumption.of === "address-list");
  return inferred === undefined ? null : { is: "list", list: inferred.because, edition: null };
}

/** The nearest first; an instant before the first edition stands for what is inferred from that. */
function editionsNear({ lists }: PolicyHistory, time: Micros): Micros[] {
  const { boundaries } = lists;
  const now = countAtOrBelow(boundaries, time);
  const earlier = boundaries.slice(Math.max(0, now - 1 - maxTried), Math.max(0, now - 1)).reverse();
  const later = boundaries.slice(now, now + maxTried);
  const first = boundaries[0];
  return now > 0 && first !== undefined ? [...later, ...earlier, toMicros(first - 1)] : [...later, ...earlier];
}

function deriveBy(edition: Micros, { policy, network, sighting }: ListedReport): Derivation | null {
  return derive({ policy: withEdition(policy, edition), network, sighting, time: sighting.time });
}

const made = new WeakMap<PolicyHistory, Map<Micros, PolicyHistory>>();

function withEdition(policy: PolicyHistory, edition: Micros): PolicyHistory {
  const ofPolicy = made.get(policy) ?? new Map<Micros, PolicyHistory>();
  const known = ofPolicy.get(edition);
  if (known !== undefined) return known;
  const lists = policy.lists.listsAt(edition);
  const other = { ...policy, lists: { ...policy.lists, listsAt: () => lists } };
  made.set(policy, ofPolicy.set(edition, other));
  return other;
}

/** The list that the deciding rule names; null: it names none. */
function listIn({ decidedBy }: Derivation): string | null {
  if (decidedBy === null || decidedBy.content.kind !== "known" || isUnreadable(decidedBy.content.rule)) return null;
  const { source, destination } = decidedBy.content.rule;
  const isList = (name: string) => name !== "*" && parsePrefix(name) === null && !isOfNetworkOrPlatform(name);
  return [...source.addresses, ...destination.addresses].find(isList) ?? null;
}
