// Which subnet the id of a network ACL's association stands for. An association gets a new id with each network ACL that is
// put before its subnet, and only snapshots name the subnet, so ids are followed from one to the next, both ways.

import type { ResourceId } from "../event.js";
import type { Operation } from "../policy/operation.js";
import type { SnapshotEvent } from "../policy/snapshot-evidence.js";

/** By lower-case id. */
export type AssociatedSubnets = ReadonlyMap<string, ResourceId>;

export function associatedSubnets(
  snapshots: readonly SnapshotEvent[],
  operations: readonly Operation[],
): AssociatedSubnets {
  const shown = snapshots.flatMap((event) =>
    event.type === "security-group-seen" ? (event.data.associations ?? []) : [],
  );
  const subnets = new Map(shown.map(({ id, subnet }) => [id.toLowerCase(), subnet]));
  const replaced = operations.flatMap(({ outcome }) => {
    const next = outcome.type === "association-written" ? outcome.data.replacedBy : undefined;
    return outcome.type === "association-written" && next !== undefined
      ? [[outcome.data.target.toLowerCase(), next.toLowerCase()] as const]
      : [];
  });
  for (const [old, next] of replaced) follow(subnets, old, next);
  for (const [old, next] of replaced.toReversed()) follow(subnets, next, old);
  return subnets;
}

function follow(subnets: Map<string, ResourceId>, from: string, to: string): void {
  const subnet = subnets.get(from);
  if (subnet !== undefined && !subnets.has(to)) subnets.set(to, subnet);
}
