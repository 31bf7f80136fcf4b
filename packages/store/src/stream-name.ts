// Which stream an event belongs to: one for each group, interface, network resource, list of addresses, access policy,
// place of capture and hour of traffic, place and what it misses, and evidence file. The part up to the first `-` is the
// category that readers filter by.

import { formatInstant, unreachable } from "@conntrail/engine";
import type { EventDraft } from "./event-id.js";

export function streamOf(draft: EventDraft): string {
  switch (draft.type) {
    case "security-group-seen":
    case "security-group-written":
    case "security-rule-written":
    case "security-rule-deleted":
      return `group-${draft.data.group.toLowerCase()}`;
    case "interface-seen":
    case "addresses-changed":
    case "membership-written":
      return `interface-${draft.data.interface.toLowerCase()}`;
    case "virtual-network-seen":
    case "subnet-seen":
    case "connected-space-seen":
      return `network-${draft.data.network.toLowerCase()}`;
    case "route-table-seen":
      return `network-${draft.data.routeTable.toLowerCase()}`;
    case "public-address-seen":
      return `network-${draft.data.publicAddress.toLowerCase()}`;
    case "application-security-group-seen":
      return `network-${draft.data.group.toLowerCase()}`;
    case "association-written":
      return `network-${draft.data.target.toLowerCase()}`;
    case "setting-written":
    case "resource-removed":
      return `network-${draft.data.resource.toLowerCase()}`;
    case "flows-flushed":
      return `interface-${draft.data.interface?.toLowerCase() ?? "all"}`;
    case "address-list-seen":
    case "address-list-changed":
      return `list-${draft.data.list.toLowerCase()}`;
    case "access-requested":
    case "access-policy-seen":
    case "access-policy-written":
    case "access-ended":
      return `access-${draft.data.policy.toLowerCase()}`;
    case "packets-observed":
    case "flows-reported":
      return `traffic-${draft.data.place}-${formatInstant(draft.time).slice(0, 13)}`;
    case "gap-declared":
      return `gap-${draft.data.place}`;
    case "import-started":
    case "import-finished":
      return `import-${draft.source.sha256}`;
    case "evidence-repeated":
      return `repeat-${draft.source.sha256}`;
    case "source-retracted":
      return `retraction-${draft.data.sha256}`;
    default:
      return unreachable(draft);
  }
}
