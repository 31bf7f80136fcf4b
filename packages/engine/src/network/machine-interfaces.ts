// The interfaces that a machine had at an instant, for edits that name the machine alone: as the last sight of each before
// it tells, else the first one after it.

import type { InterfaceSeen, RecordedEvent, ResourceId } from "../event.js";
import { groupBy } from "../grouping.js";
import type { SnapshotEvent } from "../policy/snapshot-evidence.js";
import type { Micros } from "../time.js";

export type MachineInterfaces = { of(machine: ResourceId, time: Micros): readonly ResourceId[] };

export function machineInterfaces(snapshots: readonly SnapshotEvent[]): MachineInterfaces {
  const seen = snapshots.filter((event) => event.type === "interface-seen").sort((a, b) => a.time - b.time);
  const histories = groupBy(seen, ({ data }) => data.interface.toLowerCase());
  const holders = groupBy(
    seen.filter(({ data }) => data.machine !== null),
    ({ data }) => data.machine?.toLowerCase() ?? "",
  );
  return {
    of(machine, time) {
      const key = machine.toLowerCase();
      const ever = new Set((holders.get(key) ?? []).map(({ data }) => data.interface.toLowerCase()));
      return [...ever].filter((id) => machineAt(histories.get(id)!, time) === key).sort();
    },
  };
}

function machineAt(history: readonly RecordedEvent<InterfaceSeen>[], time: Micros): string | null {
  const sight = history.findLast((event) => event.time <= time) ?? history[0]!;
  return sight.data.machine?.toLowerCase() ?? null;
}
