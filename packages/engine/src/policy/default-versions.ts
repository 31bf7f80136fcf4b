// The versions of a group's default rules: for as long as the group was there, each time it was made.

import { beginningOfTime, endOfTime } from "../time.js";
import { defaultRulesOf } from "./default-rules.js";
import type { GroupEvidence, GroupSeenEvent } from "./group-evidence.js";
import type { GroupSpan } from "./group-span.js";
import type { RuleContent } from "./rule.js";
import type { RuleVersion } from "./rule-version.js";

/** The group's own default rules as its earliest snapshot shows them, else those of its kind; each time it was made. */
export function defaultVersions({ names, snapshots }: GroupEvidence, spans: readonly GroupSpan[]): RuleVersion[] {
  const { group, name: groupName, kind } = names;
  const shown = snapshots.find((snapshot) => snapshot.data.defaultRules.length > 0);
  const rules = shown?.data.defaultRules ?? defaultRulesOf(kind).filter((rule) => !isShown(rule, snapshots));
  return livesOf(spans).flatMap((life, index) =>
    rules.map((rule) => ({
      ...{ group, groupName, rule: rule.name, version: index + 1, ...life },
      content: { kind: "known", rule } as const,
      isDefault: true,
      begunBy: null,
      endedBy: null,
    })),
  );
}

/** Network ACLs show their final rules among the others. */
function isShown(own: RuleContent, snapshots: readonly GroupSeenEvent[]): boolean {
  return snapshots.some(({ data }) =>
    data.rules.some(({ direction, priority }) => direction === own.direction && priority === own.priority),
  );
}

type Life = Pick<RuleVersion, "from" | "to" | "recordedFrom">;

/** When the group existed. A default rule decides where no other does, which is recorded once the group was seen whole. */
function livesOf(spans: readonly GroupSpan[]): Life[] {
  const absent = spans.filter(({ is }) => is === "absent");
  const begins = [beginningOfTime, ...absent.map(({ to }) => to)];
  const ends = [...absent.map(({ from }) => from), endOfTime];
  return begins.flatMap((from, index) => {
    const to = ends[index]!;
    const unseen = spans.find((span) => span.from === from && span.is !== "absent");
    return from < to ? [{ from, to, recordedFrom: unseen?.to ?? from }] : [];
  });
}
