// When a group may have had rules that no evidence names (before it was first seen whole, after it was written whole by
// a record that does not say what), when it did not exist, and when its being whole is only inferred.

import type { GroupKind } from "../event.js";
import { beginningOfTime, endOfTime, type Micros } from "../time.js";
import type { GroupEvidence, GroupSeenEvent } from "./group-evidence.js";
import type { Edit } from "./operation.js";

/** From `from` up to and without `to`. `inferred`: it was whole, as a later snapshot shows it. */
export type GroupSpan = {
  readonly from: Micros;
  readonly to: Micros;
  readonly is: "blind" | "absent" | "inferred";
  readonly because: string;
};

/** What shows a whole group. A snapshot tells of the time before it too, up to the last edit of the whole. */
type Sight = { readonly time: Micros; readonly by: "making" | "snapshot" | "edit" | "opaque edit" | "removal" };

const rankOf = { making: 0, snapshot: 1, edit: 2, "opaque edit": 3, removal: 4 } as const;

/** Everything else is known whole, and recorded. */
export function groupSpans({ names, snapshots, edits }: GroupEvidence): GroupSpan[] {
  const sights = [...snapshots.flatMap(sightsOfSnapshot), ...edits.flatMap(sightsOfEdit)];
  sights.sort((a, b) => a.time - b.time || rankOf[a.by] - rankOf[b.by]);
  const spans: GroupSpan[] = [];
  for (let index = 0; index <= sights.length; index++) {
    const [last, next] = [sights[index - 1], sights[index]];
    const from = last?.time ?? beginningOfTime;
    const to = next?.time ?? endOfTime;
    const span = spanBetween(last, next, remedyFor[names.kind]);
    if (span !== null && from < to) spans.push({ from, to, ...span });
  }
  return spans;
}

function sightsOfSnapshot({ time, data }: GroupSeenEvent): Sight[] {
  if (data.partial === true) return [];
  return data.begins === true ? made(time, "edit") : [{ time, by: "snapshot" }];
}

function sightsOfEdit(edit: Edit): Sight[] {
  const { time } = edit.cause;
  if (edit.kind === "group-removed") return [{ time, by: "removal" }];
  if (edit.kind !== "group-written") return [];
  const by = edit.rules === null ? "opaque edit" : "edit";
  return edit.existed === false ? made(time, by) : [{ time, by }];
}

function made(time: Micros, by: Sight["by"]): Sight[] {
  return [
    { time, by: "making" },
    { time, by },
  ];
}

const remedyFor: { readonly [kind in GroupKind]: string } = {
  "network-security-group": "import its `az network nsg show`",
  "security-group": "import its `aws ec2 describe-security-groups`",
  "network-acl": "import its `aws ec2 describe-network-acls`",
  "security-admin": "import its rule collections",
};

function spanBetween(
  last: Sight | undefined,
  next: Sight | undefined,
  remedy: string,
): Pick<GroupSpan, "is" | "because"> | null {
  if (last?.by === "removal") return { is: "absent", because: "the group was deleted" };
  if (last === undefined && next?.by === "making") return { is: "absent", because: "the group was not made yet" };
  if (last?.by === "snapshot" || last?.by === "edit") return null;
  if (next?.by === "snapshot") return { is: "inferred", because: "the whole group was seen only later" };
  return { is: "blind", because: `${becauseOfBlindness(last, next)}: ${remedy}` };
}

function becauseOfBlindness(last: Sight | undefined, next: Sight | undefined): string {
  if (last !== undefined) return "the group was written whole, and the record does not say what";
  if (next?.by === "edit") return "the group was not seen whole before it was first written whole";
  return "the group was never seen whole";
}
