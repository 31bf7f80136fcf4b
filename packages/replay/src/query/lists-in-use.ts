// Which service tags and prefix lists the rules of a log name, and of which dates their contents are known.

import { type ControlEvent, type ListEdition, namedLists, type PolicyHistory } from "@conntrail/engine";

export type ListInUse = {
  readonly list: string;
  /** Those that were shown, in order of time; empty: none was. */
  readonly editions: readonly ListEdition[];
};

export function listsInUse(events: readonly ControlEvent[], { lists }: PolicyHistory): ListInUse[] {
  return [...namedLists(events)]
    .sort()
    .map((list) => ({ list, editions: (lists.editions.get(list) ?? []).filter(({ inferred }) => !inferred) }));
}
