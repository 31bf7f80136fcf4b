// Interfaces whose addresses were changed one by one: what the last whole sight of each shows, with the changes since;
// before the first sight what that shows, with the changes until then taken back.

import type { AddressesChanged, InterfaceAddress, InterfaceSeen, RecordedEvent } from "../event.js";
import { groupBy } from "../grouping.js";
import type { Operation } from "../policy/operation.js";
import type { SnapshotEvent } from "../policy/snapshot-evidence.js";
import { beginningOfTime } from "../time.js";
import { factOf, known, type TimelineFact } from "./timeline.js";

type Seen = RecordedEvent<InterfaceSeen>;
type Changed = RecordedEvent<AddressesChanged>;
type Shown = InterfaceSeen["data"];

export function changedInterfaces(
  snapshots: readonly SnapshotEvent[],
  operations: readonly Operation[],
): TimelineFact<Shown>[] {
  const sights = snapshots.filter((event) => event.type === "interface-seen").sort((a, b) => a.time - b.time);
  const histories = groupBy(sights, ({ data }) => data.interface.toLowerCase());
  const changes = operations.map(({ outcome }) => outcome).filter((event) => event.type === "addresses-changed");
  return [...groupBy(changes, ({ data }) => data.interface.toLowerCase())].flatMap(([id, own]) => {
    const seen = histories.get(id) ?? [];
    const first = seen[0];
    if (first === undefined) return [];
    const earlier = own.filter(({ time }) => time < first.time);
    return [...factsBefore(first, earlier), ...factsSince(seen, own.slice(earlier.length))];
  });
}

function factsBefore({ data }: Seen, changes: readonly Changed[]): TimelineFact<Shown>[] {
  let shown = data;
  const facts: TimelineFact<Shown>[] = [];
  for (const same of [...groupBy(changes, ({ time }) => time).values()].reverse()) {
    facts.push(...same.map((change) => ({ ...factOf(change, "edit", known(shown)), inferred: true as const })));
    shown = same.reduce((after, { data: made }) => withChange(after, inverse(made)), shown);
  }
  const oldest = facts.at(-1);
  return oldest === undefined ? [] : [...facts, { ...oldest, time: beginningOfTime, state: known(shown) }];
}

/** Changes of one instant all make the same of it. */
function factsSince(seen: readonly Seen[], changes: readonly Changed[]): TimelineFact<Shown>[] {
  return changes.map((change) => {
    const last = seen.findLast(({ time }) => time <= change.time)!;
    const since = changes.filter(({ time }) => last.time <= time && time <= change.time);
    const shown = since.reduce<Shown>((data, { data: made }) => withChange(data, made), last.data);
    return factOf(change, "edit", known(shown));
  });
}

type Change = Pick<AddressesChanged["data"], "added" | "removed">;

function inverse({ added, removed }: Change): Change {
  return { added: removed, removed: added };
}

/** In the subnet of the others. */
function withChange(data: Shown, { added, removed }: Change): Shown {
  const kept = data.addresses.filter(({ address }) => !removed.includes(address));
  const come = added.filter((address) => !kept.some((own) => own.address === address));
  const base = { subnet: data.addresses[0]?.subnet ?? null, publicAddress: null, applicationSecurityGroups: [] };
  return { ...data, addresses: [...kept, ...come.map((address): InterfaceAddress => ({ ...base, address }))] };
}
