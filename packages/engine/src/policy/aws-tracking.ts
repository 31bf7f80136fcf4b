// Whether AWS tracks a connection that a security group let in or out. A tracked one outlives the rule; an untracked one
// is judged packet by packet, and ends with the rule (DOMAIN 2.5, [W1]).

import { isV4 } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import { alwaysTracked, type PathDevice } from "./aws-tracked-path.js";
import type { Doubt } from "./evaluate.js";
import { isUnreadable, parsePortRange, type RuleContent, type RuleDirection, type RuleSide } from "./rule.js";
import {
  bindsProtocol,
  compileMatcher,
  type FiveTuple,
  type Match,
  matchRule,
  type NameContents,
} from "./rule-match.js";
import type { RuleSet } from "./rule-set.js";
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

function trackingByRules({ sets, direction, tuple, names }: TrackingAsked): Tracking {
  const back = direction === "inbound" ? "outbound" : "inbound";
  const admitting = findRule(sets, direction, (rule) => opensAll(rule, tuple, names));
  const answering = findRule(sets, back, (rule) => answersAll(rule, tuple));
  if (admitting === null || answering === null) return tracked("rules");
  const because = [...admitting.doubts, ...answering.doubts];
  if (admitting.version === null || answering.version === null) return { is: "unknown", because };
  return { is: "untracked", admittedBy: admitting.version, answeredBy: answering.version };
}

/** The first version that fits for sure; without one, why some may; null: none can. */
type Found = { readonly version: RuleVersion | null; readonly doubts: readonly Doubt[] };

function findRule(
  sets: readonly RuleSet[],
  direction: RuleDirection,
  fits: (rule: RuleContent) => Match,
): Found | null {
  const doubts: Doubt[] = [];
  for (const set of sets) {
    if (set.incomplete !== null) doubts.push({ rule: null, because: set.incomplete });
    for (const version of set.versions) {
      const match = fitOf(version, direction, fits);
      if (match.is === "yes") return { version, doubts: [] };
      if (match.is === "maybe") doubts.push({ rule: version, because: match.because });
    }
  }
  return doubts.length === 0 ? null : { version: null, doubts };
}

const no: Match = { is: "no" };

function fitOf({ content }: RuleVersion, direction: RuleDirection, fits: (rule: RuleContent) => Match): Match {
  if (content.kind === "unknown") return { is: "maybe", because: content.because };
  const rules = content.kind === "known" ? [content.rule] : content.candidates;
  const answers = rules.map((rule): Match => {
    if (rule === null || (rule.direction !== null && rule.direction !== direction)) return no;
    if (isUnreadable(rule)) return { is: "maybe", because: rule.unreadable };
    return rule.access === "allow" ? fits(rule) : no;
  });
  const possible = answers.find(({ is }) => is !== "no");
  if (possible === undefined || content.kind === "known") return possible ?? no;
  return { is: "maybe", because: content.because };
}

/** Admits this packet, and would from any address of its family. */
function opensAll(rule: RuleContent, tuple: FiveTuple, names: NameContents): Match {
  return isOpenTo(peerOf(rule), tuple) ? matchRule(compileMatcher(rule), tuple, names) : no;
}

/** Lets all answers of the protocol through: to all addresses of the family, at all ports. */
function answersAll(rule: RuleContent, tuple: FiveTuple): Match {
  const { source, destination } = rule;
  const carries = bindsProtocol(compileMatcher(rule), tuple.protocol);
  const everyPort = [source, destination].every(({ ports }) => ports.some(isEveryPort));
  return carries && everyPort && isOpenTo(peerOf(rule), tuple) ? { is: "yes" } : no;
}

function peerOf(rule: RuleContent): RuleSide {
  return rule.direction === "inbound" ? rule.source : rule.destination;
}

/** Each family on its own: `0.0.0.0/0` opens nothing to IPv6. */
function isOpenTo({ addresses }: RuleSide, { source }: FiveTuple): boolean {
  return addresses.includes("*") || addresses.includes(isV4(source) ? "0.0.0.0/0" : "::/0");
}

function isEveryPort(text: string): boolean {
  const range = parsePortRange(text);
  return range !== null && range.first === 0 && range.last === 65_535;
}
