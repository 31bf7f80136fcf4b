// Which stream an event belongs to: one for each group, interface, virtual network, access policy, place of capture and
// hour of traffic, and evidence file. The part up to the first `-` is the category that readers filter by.

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
      return `interface-${draft.data.interface.toLowerCase()}`;
    case "virtual-network-seen":
      return `network-${draft.data.network.toLowerCase()}`;
    case "access-requested":
      return `access-${draft.data.policy.toLowerCase()}`;
    case "packets-observed":
      return `traffic-${draft.data.place}-${formatInstant(draft.time).slice(0, 13)}`;
    case "import-started":
    case "import-finished":
      return `import-${draft.source.sha256}`;
    default:
      return unreachable(draft);
  }
}
