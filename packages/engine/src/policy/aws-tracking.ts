// Whether AWS tracks a connection that a security group let in or out. A tracked one outlives the rule; an untracked one
// is judged packet by packet, and ends with the rule (DOMAIN 2.5, [W1]).

import { equalAddresses, isV4, parsePrefix } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import { alwaysTracked, type PathDevice } from "./aws-tracked-path.js";
import type { Doubt } from "./evaluate.js";
import type { RuleDirection } from "./rule.js";
import {
  bindsProtocol,
  type FiveTuple,
  type Match,
  matchRule,
  type NameContents,
  type RuleMatcher,
  type SideMatcher,
} from "./rule-match.js";
import type { Entry, RuleSet } from "./rule-set.js";
import type { Provenance, RuleVersion } from "./rule-version.js";

/**
 * `protocol`: only TCP and UDP can be untracked. `path`: a device on the way is always tracked. `rules`: no rule admits
 * all traffic of the family, or none lets all of its answers through.
 */
export type Tracking =
  | { readonly is: "tracked"; readonly by: "protocol" | "path" | "rules"; readonly provenance: Provenance }
  /** Its packets pass by `admittedBy`, and those of the other direction by `answeredBy`, as long as both hold. */
  | { readonly is: "untracked"; readonly admittedBy: RuleVersion; readonly answeredBy: RuleVersion }
  | { readonly is: "unknown"; readonly because: readonly Doubt[] };

export type TrackingAsked = {
  /** All groups of the interface, as they are when the packet is judged. */
  readonly sets: readonly RuleSet[];
  /** Of the packet that opened the connection. */
  readonly direction: RuleDirection;
  readonly tuple: FiveTuple;
  readonly names: NameContents;
  /** Null: directly. */
  readonly through: PathDevice | null;
};

export function trackingOf(asked: TrackingAsked): Tracking {
  const { protocol } = asked.tuple;
  if (protocol !== protocolNumber.tcp && protocol !== protocolNumber.udp) return tracked("protocol");
  const path = asked.through === null ? null : alwaysTracked(asked.through);
  return path === null ? trackingByRules(asked) : { is: "tracked", by: "path", provenance: path };
}

function tracked(by: "protocol" | "rules"): Tracking {
  return { is: "tracked", by, provenance: "recorded" };
}

function trackingByRules(asked: TrackingAsked): Tracking {
  const { sets, direction, tuple } = asked;
  const back = direction === "inbound" ? "outbound" : "inbound";
  const admitting = findRule(sets, direction, opensAll(asked));
  const answering = findRule(sets, back, answersAll(back, tuple));
  if (admitting === null || answering === null) return tracked("rules");
  const because = [...admitting.doubts, ...answering.doubts];
  if (admitting.version === null || answering.version === null) return { is: "unknown", because };
  return { is: "untracked", admittedBy: admitting.version, answeredBy: answering.version };
}

/** The first version that fits for sure; without one, why some may; null: none can. */
type Found = { readonly version: RuleVersion | null; readonly doubts: readonly Doubt[] };
type Fits = (rule: RuleMatcher) => Match;

function findRule(sets: readonly RuleSet[], direction: RuleDirection, fits: Fits): Found | null {
  const doubts: Doubt[] = [];
  for (const set of sets) {
    if (set.incomplete !== null) doubts.push({ rule: null, because: set.incomplete });
    for (const entry of set[direction]) {
      const match = fitOf(entry, fits);
      if (match.is === "yes") return { version: entry.version, doubts: [] };
      if (match.is === "maybe") doubts.push({ rule: entry.version, because: match.because });
    }
  }
  return doubts.length === 0 ? null : { version: null, doubts };
}

const no: Match = { is: "no" };

/** A clause in doubt, or that nobody can read, says why. */
function fitOf({ clauses, certain }: Entry, fits: Fits): Match {
  for (const { access, matcher, because } of clauses) {
    if (access !== "allow") continue;
    const match: Match = matcher === null ? { is: "maybe", because: because! } : fits(matcher);
    if (match.is === "no") continue;
    return certain || match.is === "maybe" ? match : { is: "maybe", because: because! };
  }
  return no;
}

const peerOf = { inbound: "source", outbound: "destination" } as const;

/** Admits this packet, and would from any address of its family. */
function opensAll({ direction, tuple, names }: TrackingAsked): Fits {
  return (rule) => (isOpenTo(rule[peerOf[direction]], tuple) ? matchRule(rule, tuple, names) : no);
}

/** Lets all answers of the protocol through: to all addresses of the family, at all ports. */
function answersAll(back: RuleDirection, tuple: FiveTuple): Fits {
  return (rule) => {
    const everyPort = rule.source.anyPort && rule.destination.anyPort;
    const answers = everyPort && bindsProtocol(rule, tuple.protocol) && isOpenTo(rule[peerOf[back]], tuple);
    return { is: answers ? "yes" : "no" };
  };
}

const allOf = { v4: parsePrefix("0.0.0.0/0")!, v6: parsePrefix("::/0")! };

/** Each family on its own: `0.0.0.0/0` opens nothing to IPv6. */
function isOpenTo({ anyAddress, prefixes }: SideMatcher, { source }: FiveTuple): boolean {
  const all = isV4(source) ? allOf.v4 : allOf.v6;
  return (
    anyAddress || prefixes.some(({ address, length }) => length === all.length && equalAddresses(address, all.address))
  );
}
