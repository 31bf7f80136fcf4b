// Ties rules to the just-in-time access that they were made for, though a service principal wrote them: by correlation
// id, else by what they say. A later version of a rule belongs to the grant of the one before, whoever wrote it, unless
// the service made it for a newer request.

import type { ResourceId } from "../event.js";
import { countAtOrBelow, groupBy } from "../grouping.js";
import { endOfTime, type Micros, microsPerHour, microsPerMinute } from "../time.js";
import type { Address } from "../wire/address.js";
import { fits, isForMachine, isForPort } from "./access-fit.js";
import type { AccessGrant } from "./access-grant.js";
import { accessRuleKind } from "./access-rule.js";
import { type RuleContent, ruleKey } from "./rule.js";
import { type RuleLife, ruleLives, ruleOf } from "./rule-life.js";
import type { RuleVersion } from "./rule-version.js";

/** How a rule was tied to a grant; with the machine where the rule or the network tells which it is for. */
export type GrantMatch = {
  readonly grant: AccessGrant;
  readonly by: "correlation id" | "machine, port, source and time" | "port, source and time" | "new group";
};

export type AccessTies = {
  /** Empty: made for no access that is known. Several: one rule for several ports or machines of a request. */
  matchesOf(version: RuleVersion): readonly GrantMatch[];
  /** In order of time. */
  versionsOf(grant: AccessGrant): readonly RuleVersion[];
};

/** What ties need to know of the network. */
export type MachineSites = {
  /** Addresses that the machine's interfaces had at the instant; empty: not known. */
  addressesOf(machine: ResourceId, time: Micros): readonly Address[];
  /** Whether the group was made for the grant, and put before its machine: as grants do on AWS. */
  isMadeFor(group: ResourceId, grant: AccessGrant): boolean;
};

/** Grants in order of time. */
export function tieAccess(
  versions: readonly RuleVersion[],
  grants: readonly AccessGrant[],
  sites: MachineSites,
): AccessTies {
  const matches = new Map<string, readonly GrantMatch[]>();
  const versionsOfGrants = new Map<string, RuleVersion[]>();
  const tying = new Tying(grants, sites);
  for (const life of ruleLives(versions)) {
    for (const { version, own } of tying.tie(life)) {
      matches.set(versionKey(version), own);
      for (const { grant } of own) {
        versionsOfGrants.set(grant.id, [...(versionsOfGrants.get(grant.id) ?? []), version]);
      }
    }
  }
  return {
    matchesOf: (version) => (version.isDefault ? [] : (matches.get(versionKey(version)) ?? [])),
    versionsOf: ({ id }) => versionsOfGrants.get(id) ?? [],
  };
}

function versionKey({ group, rule, version }: RuleVersion): string {
  return `${group.toLowerCase()} ${ruleKey(rule)} ${version}`;
}

type Tied = { readonly version: RuleVersion; readonly own: readonly GrantMatch[] };

/** A rule follows its request within minutes; an hour is far on the safe side. */
export const longestDelayMicros = microsPerHour;
/** The request's record of success may come after the rule's (DOMAIN 3.5: each operation logs its own records). */
const longestLeadMicros = 2 * microsPerMinute;

class Tying {
  /** Grants that have their rule in a group already. */
  readonly #taken = new Set<string>();
  readonly #byCorrelation: ReadonlyMap<string | null, readonly AccessGrant[]>;
  readonly #begun: readonly Micros[];

  constructor(
    private readonly grants: readonly AccessGrant[],
    private readonly sites: MachineSites,
  ) {
    this.#byCorrelation = groupBy(grants, ({ cause }) => cause.actor?.correlationId ?? null);
    this.#begun = grants.map(({ from }) => from);
  }

  tie(life: RuleLife): Tied[] {
    let own: readonly GrantMatch[] = [];
    return life.map((version, index) => {
      const made = index === 0 ? this.#makersOf(version) : this.#renewersOf(version, life[0]!);
      if (made.length > 0) own = made;
      for (const { grant } of made) this.#taken.add(takenKey(version, grant));
      return { version, own };
    });
  }

  /** Nobody but the service that made a rule makes it serve another request. */
  #renewersOf(version: RuleVersion, first: RuleVersion): GrantMatch[] {
    const rule = ruleOf(version);
    const [who, maker] = [version.begunBy?.actor?.who ?? null, first.begunBy?.actor?.who ?? null];
    if (rule === null || accessRuleKind(rule) !== "grant" || version.begunBy === null || who !== maker) return [];
    return this.#makersOf(version).filter(({ grant }) => this.#isFree(version, grant));
  }

  #makersOf(version: RuleVersion): GrantMatch[] {
    const rule = ruleOf(version);
    if (rule === null || rule.direction !== "inbound" || rule.access !== "allow") return [];
    const correlated = this.#correlatedTo(rule, version);
    if (correlated.length > 0) return correlated;
    return accessRuleKind(rule) === "grant" ? this.#fitting(rule, version) : this.#newGroup(rule, version);
  }

  /** Those whose port and machine the rule is for; where it is for none, the name alone says that it is theirs. */
  #correlatedTo(rule: RuleContent, version: RuleVersion): GrantMatch[] {
    const correlation = version.begunBy?.actor?.correlationId ?? null;
    const correlated = correlation === null ? [] : (this.#byCorrelation.get(correlation) ?? []);
    const meant = correlated.filter((grant) => isForPort(rule, grant, this.#addresses(grant, version)));
    const all = meant.length === 0 && accessRuleKind(rule) === "grant" ? correlated : meant;
    return all.map((grant) => ({ grant, by: "correlation id" }));
  }

  /** The nearest request before the rule that has no rule yet, else the nearest after it, else one that has. */
  #fitting(rule: RuleContent, version: RuleVersion): GrantMatch[] {
    const fitting = this.#timely(version).filter((grant) => fits(rule, grant, this.#addresses(grant, version)));
    const isFree = (grant: AccessGrant) => this.#isFree(version, grant);
    const isBefore = ({ from }: AccessGrant) => version.begunBy === null || from <= version.begunBy.time;
    const before = fitting.filter(isBefore);
    const best = before.findLast(isFree) ?? fitting.find(isFree) ?? before.at(-1);
    if (best === undefined) return [];
    const sure = isForMachine(rule, best, this.#addresses(best, version)) === "yes";
    const by = sure ? "machine, port, source and time" : "port, source and time";
    return fitting.filter(({ cause }) => cause.event === best.cause.event).map((grant) => ({ grant, by }));
  }

  /** A rule that was only seen was made before: it is of a grant that ran when it was seen. */
  #timely({ begunBy, recordedFrom }: RuleVersion): AccessGrant[] {
    if (begunBy === null) {
      return this.grants.filter(({ from, until }) => from <= recordedFrom && recordedFrom <= (until ?? endOfTime));
    }
    const { time } = begunBy;
    const near = this.grants.slice(
      countAtOrBelow(this.#begun, time - longestDelayMicros - 1),
      countAtOrBelow(this.#begun, time + longestDelayMicros),
    );
    return near.filter(({ requested, from }) => Math.min(requested, from - longestLeadMicros) <= time);
  }

  /** On AWS a grant makes a new security group (DOMAIN 3.3, [A10]). */
  #newGroup(rule: RuleContent, version: RuleVersion): GrantMatch[] {
    const made = this.grants.findLast(
      (grant) => this.sites.isMadeFor(version.group, grant) && fits(rule, grant, this.#addresses(grant, version)),
    );
    return made === undefined ? [] : [{ grant: made, by: "new group" }];
  }

  #addresses({ machine }: AccessGrant, { from }: RuleVersion): readonly Address[] {
    return this.sites.addressesOf(machine, from);
  }

  #isFree(version: RuleVersion, grant: AccessGrant): boolean {
    return !this.#taken.has(takenKey(version, grant));
  }
}

function takenKey({ group }: RuleVersion, { id }: AccessGrant): string {
  return `${group.toLowerCase()} ${id}`;
}
