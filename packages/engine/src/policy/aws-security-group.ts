// AWS security groups: they hold rules that allow, an interface has several, and what any rule of any of them allows is
// allowed (DOMAIN 2.5).

import type { GroupVerdict } from "./evaluate.js";

/**
 * What the groups' own verdicts come to. Which of several rules that allow is named makes no difference to the packet:
 * the first by group id, then by name. Where none allows, a doubt in any group leaves the answer open.
 */
export function mostPermissive(verdicts: readonly [GroupVerdict, ...GroupVerdict[]]): GroupVerdict {
  const inOrder = [...verdicts].sort((a, b) => (a.group.toLowerCase() < b.group.toLowerCase() ? -1 : 1));
  const allowed = inOrder.find(({ decision }) => decision === "allow");
  if (allowed !== undefined) return allowed;
  const doubtful = inOrder.filter((verdict) => verdict.decision === "unknown");
  const [first] = doubtful;
  return first === undefined ? inOrder[0]! : { ...first, because: doubtful.flatMap(({ because }) => because) };
}
