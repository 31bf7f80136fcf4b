// AWS network ACLs stand at the edge of a subnet and remember nothing: every packet that enters or leaves is judged on
// its own, replies included, by numbered rules in order, the final `*` denying the rest (DOMAIN 2.6).

import type { ResourceId } from "../event.js";

/** Within one subnet no ACL is asked [W5]. A peer without a known subnet (null) is elsewhere. */
export function crossesSubnetEdge(own: ResourceId, peer: ResourceId | null): boolean {
  return peer === null || peer.toLowerCase() !== own.toLowerCase();
}
