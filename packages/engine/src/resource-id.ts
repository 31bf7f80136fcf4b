// Ids of cloud resources: kept as written, compared without case, and ending in the resource's name.

import type { ResourceId } from "./event.js";

export function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function hasId(ids: readonly ResourceId[], wanted: ResourceId): boolean {
  return ids.some((id) => sameId(id, wanted));
}

/** The last part of an id, which is its name. */
export function nameOfId(id: ResourceId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
