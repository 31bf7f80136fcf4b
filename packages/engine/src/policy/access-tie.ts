// Ties rules to the just-in-time access that they were made for, though a service principal wrote them: by correlation
// id, else by what they say. Later versions of a rule belong to the grant of the one before, unless the service made them for a newer one.

import { nameOfId } from "../decide/inventory.js";
import type { ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import { endOfTime, type Micros, microsPerHour, microsPerMinute } from "../time.js";
import { type Address, contains, parsePrefix } from "../wire/address.js";
import { type AccessGrant, coversSource } from "./access-grant.js";
import { accessRuleKind, readAccessRuleDescription } from "./access-rule.js";
import { isUnreadable, parsePortRange, type RuleContent, ruleKey } from "./rule.js";
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
  /** Whether the group was made, and put before the machine, for as long as access ran: as grants do on AWS. */
  isNewBefore(group: ResourceId, machine: ResourceId, span: { readonly from: Micros; readonly to: Micros }): boolean;
};

export function tieAccess(
  versions: readonly RuleVersion[],
  grants: readonly AccessGrant[],
  sites: MachineSites,
): AccessTies {
  const matches = new Map<string, { readonly version: RuleVersion; readonly own: readonly GrantMatch[] }>();
  const taken = new Set<string>();
  for (const life of ruleLives(versions)) {
    let own: readonly GrantMatch[] = [];
    for (const version of life) {
      const isFirst = version === life[0];
      const free = grants.filter((grant) => isFirst || !taken.has(takenKey(version, grant)));
      const made =
        isFirst || isByMaker(version, life[0]!) ? matchesOfVersion(version, { grants: free, sites, taken }) : [];
      if (made.length > 0) own = made;
      for (const { grant } of made) taken.add(takenKey(version, grant));
      matches.set(versionKey(version), { version, own });
    }
  }
  return {
    matchesOf: (version) => (version.isDefault ? [] : (matches.get(versionKey(version))?.own ?? [])),
    versionsOf: ({ id }) =>
      [...matches.values()].filter(({ own }) => own.some(({ grant }) => grant.id === id)).map(({ version }) => version),
  };
}

/** A newer request may change the rule of the older one; nobody but their service does that. */
function isByMaker({ begunBy }: RuleVersion, first: RuleVersion): boolean {
  const [who, maker] = [begunBy?.actor?.who, first.begunBy?.actor?.who];
  return begunBy !== null && (who ?? null) === (maker ?? null);
}

function versionKey({ group, rule, version }: RuleVersion): string {
  return `${group.toLowerCase()} ${ruleKey(rule)} ${version}`;
}

/** Versions of one rule that follow each other without a gap; in order of their beginning. */
export function ruleLives(versions: readonly RuleVersion[]): RuleVersion[][] {
  const byRule = groupBy(
    versions.filter(({ isDefault }) => !isDefault),
    ({ group, rule }) => `${group.toLowerCase()} ${ruleKey(rule)}`,
  );
  const lives = [...byRule.values()].flatMap((own) => {
    const split: RuleVersion[][] = [];
    for (const version of own.toSorted((a, b) => a.from - b.from)) {
      const last = split.at(-1);
      if (last?.at(-1)?.to === version.from) last.push(version);
      else split.push([version]);
    }
    return split;
  });
  return lives.sort(
    ([a], [b]) => a!.from - b!.from || compareTexts(a!.group, b!.group) || compareTexts(a!.rule, b!.rule),
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a rule may be tied to; `taken`: grants that have their rule in that group already. */
type Candidates = {
  readonly grants: readonly AccessGrant[];
  readonly sites: MachineSites;
  readonly taken: ReadonlySet<string>;
};

function takenKey({ group }: RuleVersion, { id }: AccessGrant): string {
  return `${group.toLowerCase()} ${id}`;
}

function matchesOfVersion(version: RuleVersion, candidates: Candidates): GrantMatch[] {
  const rule = ruleOf(version);
  if (rule === null || rule.direction !== "inbound" || rule.access !== "allow") return [];
  const { grants } = candidates;
  const correlation = version.begunBy?.actor?.correlationId ?? null;
  const correlated = grants.filter(({ cause }) => correlation !== null && cause.actor?.correlationId === correlation);
  if (correlated.length > 0) return byCorrelation(rule, version, correlated, candidates.sites);
  if (accessRuleKind(rule) === "grant") return byContent(rule, version, candidates);
  return byNewGroup(rule, version, candidates);
}

export function ruleOf({ content }: RuleVersion): RuleContent | null {
  return content.kind === "known" && !isUnreadable(content.rule) ? content.rule : null;
}

/** Those whose port and machine the rule is for; all of the request where it is for none of them. */
function byCorrelation(
  rule: RuleContent,
  version: RuleVersion,
  correlated: readonly AccessGrant[],
  sites: MachineSites,
): GrantMatch[] {
  const fitting = correlated.filter(
    (grant) => coversPort(rule, grant.port) && isForMachine(rule, grant, sites, version.from) !== "no",
  );
  return (fitting.length > 0 ? fitting : correlated).map((grant) => ({ grant, by: "correlation id" }));
}

/** The nearest request before the rule that has no rule yet, else the nearest one after it, else a request that has. */
function byContent(rule: RuleContent, version: RuleVersion, { grants, sites, taken }: Candidates): GrantMatch[] {
  const time = version.begunBy?.time ?? null;
  const fitting = grants.filter((grant) => isTimely(grant, version) && fits(rule, grant, sites, version.from));
  const isFree = (grant: AccessGrant) => !taken.has(takenKey(version, grant));
  const isBefore = ({ from }: AccessGrant) => time === null || from <= time;
  const best =
    fitting.findLast((grant) => isFree(grant) && isBefore(grant)) ?? fitting.find(isFree) ?? fitting.findLast(isBefore);
  if (best === undefined) return [];
  const sure = isForMachine(rule, best, sites, version.from) === "yes";
  const by = sure ? "machine, port, source and time" : "port, source and time";
  return fitting.filter(({ cause }) => cause.event === best.cause.event).map((grant) => ({ grant, by }));
}

/** A rule follows its request within minutes; an hour is far on the safe side. */
const longestDelayMicros = microsPerHour;
/** The request's record of success may come after the rule's (DOMAIN 3.5: each operation logs its own records). */
const longestLeadMicros = 2 * microsPerMinute;

/** A rule that was only seen was made before: it is of a grant that ran when it was seen. */
function isTimely({ requested, from, until }: AccessGrant, { begunBy, recordedFrom }: RuleVersion): boolean {
  if (begunBy === null) return from <= recordedFrom && recordedFrom <= (until ?? endOfTime);
  const earliest = Math.min(requested, from - longestLeadMicros);
  return earliest <= begunBy.time && begunBy.time - from <= longestDelayMicros;
}

function fits(rule: RuleContent, grant: AccessGrant, sites: MachineSites, time: Micros): boolean {
  const { protocol, sources, port } = grant;
  const sameProtocol = protocol === null || rule.protocol === "*" || rule.protocol === protocol;
  const sameSource = sources.length === 0 || sources.some((source) => admits(rule, source));
  return sameProtocol && sameSource && coversPort(rule, port) && isForMachine(rule, grant, sites, time) !== "no";
}

export function coversPort({ destination }: RuleContent, port: number): boolean {
  const ranges = destination.ports.map(parsePortRange).filter((range) => range !== null);
  return ranges.some(({ first, last }) => first <= port && port <= last);
}

function admits({ source }: RuleContent, wanted: string): boolean {
  return source.addresses.some((address) => coversSource(address, wanted));
}

/** The description names policy and machine; else the destination is the machine's private address (DOMAIN 3.3). */
function isForMachine(
  rule: RuleContent,
  { policy, machine }: AccessGrant,
  sites: MachineSites,
  time: Micros,
): "yes" | "no" | "not known" {
  const said = readAccessRuleDescription(rule.description);
  if (said !== null) {
    const same = isCalled(machine, said.machineName) && isCalled(policy, said.policyName);
    return same ? "yes" : "no";
  }
  const addresses = sites.addressesOf(machine, time);
  if (addresses.length === 0 || rule.destination.addresses.includes("*")) return "not known";
  const prefixes = rule.destination.addresses.map(parsePrefix).filter((prefix) => prefix !== null);
  return addresses.some((address) => prefixes.some((prefix) => contains(prefix, address))) ? "yes" : "no";
}

function isCalled(id: ResourceId, name: string): boolean {
  return nameOfId(id).toLowerCase() === name.toLowerCase();
}

/** On AWS a grant makes a new security group (DOMAIN 3.3, [A10]). */
function byNewGroup(rule: RuleContent, version: RuleVersion, { grants, sites }: Candidates): GrantMatch[] {
  const fitting = grants.filter((grant) => {
    const span = { from: grant.requested, to: grant.end?.time ?? endOfTime };
    return sites.isNewBefore(version.group, grant.machine, span) && fits(rule, grant, sites, version.from);
  });
  return fitting.slice(-1).map((grant) => ({ grant, by: "new group" }));
}
