// Turns control events, in whatever order they came, into the versions of every rule of every security group: what was
// in force when, who began and ended it, and whether it is recorded or inferred (DESIGN 4). It judges no packet.

import type { ControlEvent, GroupKind, ResourceId } from "../event.js";
import { countAtOrBelow } from "../grouping.js";
import { endOfTime, type Micros } from "../time.js";
import { type AddressLists, addressLists } from "./address-list.js";
import { defaultVersions } from "./default-versions.js";
import { type GroupEvidence, type GroupNames, gatherEvidence } from "./group-evidence.js";
import { ruleFacts } from "./group-facts.js";
import { type GroupSpan, groupSpans } from "./group-span.js";
import { RuleSet } from "./rule-set.js";
import { type Contradiction, type RuleSpan, ruleTimeline } from "./rule-timeline.js";
import type { RuleVersion } from "./rule-version.js";
import { SpanIndex } from "./span-index.js";

/** A contradiction in the evidence about one rule, or about a group as a whole. */
export type PolicyFinding = Contradiction & { readonly group: ResourceId; readonly rule: string | null };

export type GroupHistory = {
  readonly group: ResourceId;
  readonly name: string;
  readonly kind: GroupKind;
  /** All versions of all rules, by name and time. */
  readonly versions: readonly RuleVersion[];
  /** When it was not known whole, or not there. */
  readonly spans: readonly GroupSpan[];
  /** Why, after the last evidence, rules that no evidence names may exist; null where the group is known whole. */
  readonly incomplete: string | null;
  /** Instants at which the rules in force change, ascending. */
  readonly boundaries: readonly Micros[];
  ruleSetAt(time: Micros): RuleSet;
};

export type PolicyHistory = {
  /** By lower-case id. */
  readonly groups: ReadonlyMap<string, GroupHistory>;
  readonly findings: readonly PolicyFinding[];
  /** What service tags and prefix lists stood for. */
  readonly lists: AddressLists;
};

const namedGroups = new WeakMap<PolicyHistory, Map<ResourceId, GroupHistory | null>>();

/** The group with this id in any case; null: never seen. Remembers spellings, of which there are few. */
export function groupNamed(policy: PolicyHistory, id: ResourceId): GroupHistory | null {
  const named = namedGroups.get(policy) ?? new Map<ResourceId, GroupHistory | null>();
  const known = named.get(id);
  if (known !== undefined) return known;
  const found = policy.groups.get(id.toLowerCase()) ?? null;
  namedGroups.set(policy, named.set(id, found));
  return found;
}

export function buildPolicyHistory(events: readonly ControlEvent[]): PolicyHistory {
  const groups = new Map<string, GroupHistory>();
  const findings: PolicyFinding[] = [];
  for (const [key, evidence] of gatherEvidence(events)) {
    const { history, found } = buildGroup(evidence);
    groups.set(key, history);
    findings.push(...found);
  }
  return { groups, findings, lists: addressLists(events) };
}

function buildGroup(evidence: GroupEvidence): { history: GroupHistory; found: PolicyFinding[] } {
  const { names, snapshots, edits } = evidence;
  const { group, name: groupName } = names;
  const spans = groupSpans(evidence);
  const found: PolicyFinding[] = [];
  const versions = defaultVersions(evidence, spans);
  for (const [rule, facts] of ruleFacts(snapshots, edits)) {
    const timeline = ruleTimeline(facts);
    versions.push(...versionsOf(timeline.spans, { group, groupName, rule, isDefault: false }));
    spans.push(...assumedAbsences(rule, timeline.spans));
    found.push(...timeline.contradictions.map((contradiction) => ({ ...contradiction, group, rule })));
  }
  return { history: groupHistory(names, versions, spans), found };
}

type VersionNames = Pick<RuleVersion, "group" | "groupName" | "rule" | "isDefault">;

function versionsOf(spans: readonly RuleSpan[], names: VersionNames): RuleVersion[] {
  const versions: RuleVersion[] = [];
  spans.forEach(({ assumed: _, content, ...span }, index) => {
    if (content === null) return;
    const assumed = spans[index - 1]?.assumed ?? null;
    const made = { ...names, ...span, content, version: versions.length + 1 };
    versions.push(assumed === null ? made : { ...made, beginningInferred: true });
  });
  return versions;
}

function assumedAbsences(rule: string, spans: readonly RuleSpan[]): GroupSpan[] {
  return spans.flatMap(({ from, to, content, assumed }): GroupSpan[] =>
    content === null && assumed !== null ? [{ from, to, is: "inferred", because: `rule \`${rule}\`: ${assumed}` }] : [],
  );
}

/** A fold asks for one instant after the other; a year of edits has thousands of sets. */
const setsKept = 64;

function groupHistory(names: GroupNames, versions: readonly RuleVersion[], spans: readonly GroupSpan[]): GroupHistory {
  const ends = [...versions, ...spans].flatMap(({ from, to }) => [from, to]);
  const boundaries = [...new Set(ends)].sort((a, b) => a - b);
  const [versionIndex, spanIndex] = [new SpanIndex(versions), new SpanIndex(spans)];
  const sets = new Map<number, RuleSet>();
  const ruleSetAt = (time: Micros): RuleSet => {
    const epoch = countAtOrBelow(boundaries, time);
    const known = sets.get(epoch);
    if (known !== undefined) return known;
    const now = spanIndex.at(time);
    const incomplete = now.find(({ is }) => is !== "inferred")?.because ?? null;
    const assumed = now.filter(({ is }) => is === "inferred").map(({ because }) => because);
    const made = new RuleSet(names.group, names.name, versionIndex.at(time), incomplete, {
      kind: names.kind,
      assumed,
    });
    if (sets.size >= setsKept) sets.delete(sets.keys().next().value!);
    sets.set(epoch, made);
    return made;
  };
  const incomplete = spans.find(({ to, is }) => to === endOfTime && is === "blind")?.because ?? null;
  return { ...names, versions, spans, incomplete, boundaries, ruleSetAt };
}
