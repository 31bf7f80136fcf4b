// The rules of other instants, asked about what a sensor reported: whether an edit nearby explains it, or rules of an
// earlier time.

import { countAtOrBelow } from "../grouping.js";
import type { NetworkHistory } from "../network/topology.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import { beginningOfTime, type Micros, microsPerMinute, toMicros } from "../time.js";
import type { CheckClue } from "./check-outcome.js";
import { type Derivation, derive } from "./derivation.js";
import type { Sighting } from "./sighting.js";

/** Logs tell whole seconds or minutes, and an edit takes a while to bind [A19]. */
const nearMicros = microsPerMinute;
/** Changes that are looked at before it is given up. */
const maxTried = 128;

export class OtherInstants {
  /** When anything changes that rules' answers rest on, ascending. */
  readonly #changes: readonly Micros[];

  constructor(
    private readonly policy: PolicyHistory,
    private readonly network: NetworkHistory,
  ) {
    const ofGroups = [...policy.groups.values()].flatMap(({ boundaries }) => boundaries);
    const all = new Set([...ofGroups, ...network.boundaries, ...policy.lists.boundaries]);
    this.#changes = [...all].sort((a, b) => a - b);
  }

  /** A change within a minute of the report on one side of which it fits. */
  editNear(sighting: Sighting, fits: (derivation: Derivation | null) => boolean): CheckClue | null {
    const { time, until } = sighting;
    const first = countAtOrBelow(this.#changes, time - nearMicros - 1);
    const end = countAtOrBelow(this.#changes, until + nearMicros);
    const near = this.#changes.slice(first, end).sort((a, b) => distance(a, sighting) - distance(b, sighting));
    for (const change of near.slice(0, maxTried)) {
      const [before, after] = [this.#derive(sighting, change - 1), this.#derive(sighting, change)];
      if (fits(before) || fits(after)) return { is: "edit", time: change, event: eventAt(change, before, after) };
    }
    return null;
  }

  /** The last change before the report before which the rules allow it. */
  allowedEarlier(sighting: Sighting): CheckClue | null {
    const end = countAtOrBelow(this.#changes, sighting.time);
    const earlier = this.#changes.slice(Math.max(0, end - maxTried), end).reverse();
    for (const change of earlier.filter((change) => change > beginningOfTime)) {
      const before = this.#derive(sighting, change - 1);
      if (before?.decision !== "allow") continue;
      return { is: "earlier-rules", time: change, event: eventAt(change, before, this.#derive(sighting, change)) };
    }
    return null;
  }

  #derive(sighting: Sighting, time: number): Derivation | null {
    return derive({ policy: this.policy, network: this.network, sighting, time: toMicros(time) });
  }
}

function distance(change: Micros, { time, until }: Sighting): number {
  return change < time ? time - change : Math.max(0, change - until);
}

/** The edit that made the one answer into the other; null: it was no rule that changed. */
function eventAt(time: Micros, before: Derivation | null, after: Derivation | null): string | null {
  const begun = after?.decidedBy?.from === time ? after.decidedBy.begunBy : null;
  const ended = before?.decidedBy?.to === time ? before.decidedBy.endedBy : null;
  return (begun ?? ended)?.event ?? null;
}
