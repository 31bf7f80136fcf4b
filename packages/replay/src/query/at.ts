// The state at an instant: what stands at each interface's gates, which rules are in force there, which flow records
// are live with exact counters, and which just-in-time grants run.

import {
  type AccessGrant,
  accessGrants,
  type ControlEvent,
  type FlowRecord,
  type GateKind,
  grantStatus,
  type Micros,
  type PlacedInterface,
  type Position,
  type RuleVersion,
  unreachable,
} from "@conntrail/engine";
import {
  type Control,
  eachReportedFlow,
  foldLog,
  type ReportedFlowTable,
  readControl,
  stateBefore,
  type TableFullTable,
  tableFullRows,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { usage } from "../exit-code.js";
import { enteredByHandAbout } from "./by-hand.js";
import { positionsOf } from "./rules.js";

export type AtQuestion = { readonly at: Micros; readonly interface: string | null; readonly knownAt: Position | null };

export type GateState = {
  readonly gate: GateKind;
  /** Null: no group stands there, or it is not known which. */
  readonly group: string | null;
  readonly unknown: string | null;
  readonly rules: readonly RuleVersion[];
};

export type InterfaceState = {
  readonly at: PlacedInterface;
  readonly gates: readonly GateState[];
  /** Events that were entered by hand about it and about what stands at its gates. */
  readonly byHand: readonly ControlEvent[];
};

export type AtAnswer = {
  readonly at: Micros;
  /** Null: as the resources themselves say. */
  readonly semantics: string | null;
  readonly interfaces: readonly InterfaceState[];
  readonly live: readonly FlowRecord[];
  /** Open by then as sensors reported; counters are those of the whole life. */
  readonly reported: readonly ReportedFlowTable[];
  readonly grants: readonly AccessGrant[];
  /** Where packets had found no room for a record by then. */
  readonly tableFull: readonly TableFullTable[];
  readonly positions: ReadonlyMap<string, Position>;
};

export async function stateAt(kase: Case, question: AtQuestion): Promise<AtAnswer> {
  const { at, knownAt } = question;
  const control = await readControl(kase.log, knownAt);
  const topology = control.network.topologyAt(at);
  const wanted = question.interface;
  const interfaces = topology.interfaces.filter((place) => wanted === null || isCalled(place, wanted));
  if (wanted !== null && interfaces.length === 0)
    throw usage(`there is no interface \`${wanted}\`: see \`conntrail at\``);
  const live: FlowRecord[] = [];
  await foldLog(kase.log, kase.views, {
    control,
    knownAt,
    semantics: kase.semantics,
    until: at,
    only: null,
    from: stateBefore(kase.views, at + 1),
    onFlow: (record) => {
      const here = wanted === null || interfaces.some(({ id }) => id === record.interface);
      if (here && record.endsAt > at) live.push(record);
    },
    onVerdict: null,
  });
  return {
    at,
    semantics: kase.semantics?.name ?? null,
    interfaces: interfaces.map((place) => ({
      at: place,
      gates: gatesOf(place, control, at),
      byHand: enteredByHandAbout(place, { events: control.events, at }),
    })),
    live: live.sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1)),
    reported: [...eachReportedFlow(kase.views, { from: null, until: null, at })].filter(
      (row) => wanted === null || interfaces.some(({ id }) => id === row.interface),
    ),
    grants: accessGrants(control.events).filter((grant) => grant.from <= at && grantStatus(grant, at) === "active"),
    tableFull: tableFullRows(kase.views).filter(({ first }) => first <= at),
    positions: positionsOf(control.events),
  };
}

function isCalled({ name, id }: PlacedInterface, wanted: string): boolean {
  return [name, id].some((own) => own.toLowerCase() === wanted.toLowerCase());
}

function gatesOf(place: PlacedInterface, control: Control, at: Micros): GateState[] {
  const gates = ["security-admin", "network-acl", "subnet", "interface"] as const;
  return gates.flatMap((gate): GateState[] => {
    const standing = place.gates[gate];
    switch (standing.is) {
      case "none":
        return [];
      case "open":
        return [{ gate, group: null, unknown: null, rules: [] }];
      case "unknown":
        return [{ gate, group: null, unknown: standing.because, rules: [] }];
      case "groups":
        return standing.groups.map((group) => groupState(gate, group, control, at));
      default:
        return unreachable(standing);
    }
  });
}

function groupState(gate: GateKind, group: string, { policy }: Control, at: Micros): GateState {
  const history = policy.groups.get(group.toLowerCase());
  const set = history?.ruleSetAt(at);
  const unknown = set === undefined ? "the group was never seen" : set.incomplete;
  return { gate, group: history?.name ?? group, unknown, rules: set?.versions ?? [] };
}
