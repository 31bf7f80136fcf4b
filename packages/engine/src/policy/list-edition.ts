// The editions of service tags and prefix lists: as somebody showed them whole, and as changes made them of those.

import type { AddressListChanged, AddressListSeen, ControlEvent, RecordedEvent } from "../event.js";
import { groupBy } from "../grouping.js";
import { beginningOfTime, type Micros } from "../time.js";
import { joinOperations } from "./operation.js";
import { currentSnapshots } from "./snapshot-evidence.js";

export type ListEdition = {
  readonly list: string;
  readonly time: Micros;
  readonly prefixes: readonly string[];
  /** Before anybody showed the list: what a later one shows, without the changes between. */
  readonly inferred: boolean;
};

type Seen = RecordedEvent<AddressListSeen>;
type Changed = RecordedEvent<AddressListChanged>;

/** By lower-case name, each in order of time. A list that nobody ever showed has none, whatever was changed of it. */
export function listEditions(events: readonly ControlEvent[]): Map<string, readonly ListEdition[]> {
  const seen = currentSnapshots(events).filter((event) => event.type === "address-list-seen");
  const outcomes = joinOperations(events).map(({ outcome }) => outcome);
  const changes = groupBy(outcomes.filter(isChange), keyOf);
  const shown = groupBy(seen.sort(byTime), keyOf);
  return new Map([...shown].map(([key, own]) => [key, editionsOf(own, changes.get(key) ?? [])]));
}

function isChange(event: { readonly type: string }): event is Changed {
  return event.type === "address-list-changed";
}

function keyOf({ data }: Seen | Changed): string {
  return data.list.toLowerCase();
}

function byTime(a: Seen | Changed, b: Seen | Changed): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1);
}

/** Of one instant, what is shown comes before what is changed. */
function editionsOf(seen: readonly Seen[], changes: readonly Changed[]): ListEdition[] {
  const first = seen[0]!;
  const earlier = changes.filter(({ time }) => time < first.time);
  const later = changes.filter(({ time }) => time >= first.time);
  return [...editionsBefore(first, earlier), ...editionsFrom(seen, later)];
}

/** What the first sight shows, and each change before it taken back. */
function editionsBefore({ data, time: shownAt }: Seen, changes: readonly Changed[]): ListEdition[] {
  const editions: ListEdition[] = [];
  let prefixes = data.prefixes;
  for (const { time, data: change } of changes.toSorted(byTime).reverse()) {
    editions.unshift({ list: data.list, time, prefixes, inferred: true });
    prefixes = changed(prefixes, { added: change.removed, removed: change.added });
  }
  const before = { list: data.list, time: beginningOfTime, prefixes, inferred: true };
  return editions.length === 0 || shownAt === beginningOfTime ? editions : [before, ...editions];
}

function editionsFrom(seen: readonly Seen[], changes: readonly Changed[]): ListEdition[] {
  const instants = groupBy<Seen | Changed, Micros>([...seen, ...changes].sort(byTime), ({ time }) => time);
  const editions: ListEdition[] = [];
  let current: readonly (readonly string[])[] = [];
  for (const [time, facts] of instants) {
    const shown = facts.flatMap((fact) => (fact.type === "address-list-seen" ? [fact.data.prefixes] : []));
    const edits = facts.flatMap((fact) => (fact.type === "address-list-changed" ? [fact.data] : []));
    current = (shown.length > 0 ? shown : current).map((prefixes) => edits.reduce(changed, prefixes));
    const { list } = facts[0]!.data;
    editions.push(...current.map((prefixes) => ({ list, time, prefixes, inferred: false })));
  }
  return editions;
}

type Change = Pick<AddressListChanged["data"], "added" | "removed">;

function changed(prefixes: readonly string[], { added, removed }: Change): readonly string[] {
  if (added.length + removed.length === 0) return prefixes;
  const gone = new Set(removed);
  return [...new Set([...prefixes.filter((prefix) => !gone.has(prefix)), ...added])].sort();
}
