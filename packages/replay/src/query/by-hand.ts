// Which events that nobody's evidence shows bear on an interface: what it is, what stands at its gates, its switches.

import { type ControlEvent, isEnteredByHand, type Micros, type PlacedInterface } from "@conntrail/engine";

/** Entered by hand up to the instant; in order of the log. */
export function enteredByHandAbout(
  place: PlacedInterface,
  { events, at }: { readonly events: readonly ControlEvent[]; readonly at: Micros },
): ControlEvent[] {
  const groups = Object.values(place.gates).flatMap((gate) => (gate.is === "groups" ? gate.groups : []));
  const about = [place.id, place.subnet?.id, place.network?.id, ...groups].flatMap((id) => id?.toLowerCase() ?? []);
  const subjects = new Set(about);
  return events.filter((event) => {
    const subject = isEnteredByHand(event.source) && event.time <= at ? subjectOf(event) : null;
    return subject !== null && subjects.has(subject.toLowerCase());
  });
}

/** Of events that last; the edits of rules are told with their rules. */
function subjectOf({ type, data }: ControlEvent): string | null {
  switch (type) {
    case "interface-seen":
    case "addresses-changed":
    case "membership-written":
      return data.interface;
    case "security-group-seen":
      return data.group;
    case "virtual-network-seen":
      return data.network;
    case "association-written":
      return data.target;
    case "setting-written":
      return data.resource;
    default:
      return null;
  }
}
