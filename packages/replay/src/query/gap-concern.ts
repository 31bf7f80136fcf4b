// Which gaps matter to what interfaces. What can't be told by interface concerns all.

import { type PlacedInterface, type ReportingSensor, sameId, unreachable } from "@conntrail/engine";
import { isPlaceOf, stands } from "./covered-traffic.js";
import type { Gap } from "./gap.js";

export function concerns(gap: Gap, places: readonly PlacedInterface[]): boolean {
  const some = (is: (place: PlacedInterface) => boolean) => places.some(is);
  switch (gap.kind) {
    case "missing-hours":
    case "no-report":
    case "skipped":
      return isWholeLog(gap.sensor)
        ? some((place) => logsPlace(gap.sensor, place))
        : some((at) => stands(gap.sensor, at));
    case "dropped":
    case "no-capture":
      return !gap.place.startsWith("interface:") || some((place) => isPlaceOf(gap.place, place));
    case "uncovered":
      return some(({ id }) => gap.interfaces.some((own) => sameId(own.id, id)));
    case "flow-timeout":
      return some(({ network }) => network !== null && sameId(network.id, gap.network));
    case "rules-late":
      return some((place) => groupsOf(place).some((group) => gap.groups.some((own) => sameId(own, group))));
    case "changes":
      return some(({ platform }) => platform === gap.cloud);
    case "unread-records":
    case "unfinished-import":
    case "unplaced":
    case "access-late":
    case "list":
    case "clock-skew":
      return true;
    default:
      return unreachable(gap);
  }
}

function isWholeLog({ interface: id, mac }: ReportingSensor): boolean {
  return id === null && mac === null;
}

/** The log of a group before the interface, of its network, or of nothing that is known. */
function logsPlace({ resource }: ReportingSensor, place: PlacedInterface): boolean {
  if (resource === null) return true;
  const own = [place.id, place.network?.id, place.subnet?.id, ...groupsOf(place)];
  return isPlaceOf(resource, place) || own.some((id) => id != null && sameId(id, resource));
}

function groupsOf({ gates }: PlacedInterface): string[] {
  return Object.values(gates).flatMap((gate) => (gate.is === "groups" ? gate.groups : []));
}
