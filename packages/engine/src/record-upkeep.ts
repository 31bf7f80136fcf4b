// Carries out interventions on live flow records, each at its instant: records are dropped, end with their interface, or
// are judged anew by the rules of that instant. Packets are not its business.

import { askRules, madeDoubtful, semanticsAt } from "./admission.js";
import { type Admittance, asRulesSee } from "./admit.js";
import type { FlowKeeper } from "./flow/flow-keeper.js";
import type { FlowLedger, Scope } from "./flow/flow-ledger.js";
import { type FlowSlot, flowDirections } from "./flow/flow-table.js";
import type { ControlChange, Semantics } from "./flow/semantics.js";
import { namesOf } from "./group-gate.js";
import { countAtOrBelow } from "./grouping.js";
import {
  type FlowFlush,
  type Intervention,
  type InterventionSources,
  interventionsOf,
  type Reevaluation,
} from "./intervention.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { Topology } from "./network/topology.js";
import { type NetworkChange, networkChange, placesById } from "./network-change.js";
import { privateBehind } from "./placement.js";
import type { FiveTuple } from "./policy/rule-match.js";
import { hasId } from "./resource-id.js";
import { mayMatch, type RuleChange, ruleChangeAt } from "./rule-change.js";
import { type Micros, toMicros } from "./time.js";
import { isOfConversation } from "./traffic/conversation.js";
import { addressAt } from "./traffic/packet-view.js";
import { unreachable } from "./unreachable.js";
import type { Admission } from "./verdict.js";
import { hasPorts, isIcmp } from "./wire/protocol.js";

export type UpkeepOptions = InterventionSources & {
  readonly semantics: Semantics | null;
  readonly keeper: FlowKeeper;
  readonly ledger: FlowLedger;
};

/** A change that may concern records at an interface as it stands after the change. */
type Change = {
  readonly kind: ControlChange;
  readonly time: Micros;
  concerns(place: PlacedInterface): boolean;
  /** A switch of the resources themselves has records judged anew, whatever their semantics say. */
  forces(place: PlacedInterface): boolean;
};

/** An interface as it stands at an instant. */
type Instant = { readonly place: PlacedInterface; readonly topology: Topology; readonly time: Micros };

const always = () => true;
const never = () => false;

export class RecordUpkeep {
  readonly #interventions: readonly Intervention[];
  readonly #times: Float64Array;
  #done = 0;

  constructor(private readonly options: UpkeepOptions) {
    this.#interventions = interventionsOf(options);
    this.#times = Float64Array.from(this.#interventions, ({ time }) => time);
  }

  /** All that is due before this instant was carried out by others. */
  beginAt(time: number): void {
    this.#done = countAtOrBelow(this.#times, time - 1);
  }

  /** How many changes there were: what the rules said before the last one holds no more. */
  get changes(): number {
    return this.#done;
  }

  /** When the next intervention is due. */
  get next(): number {
    return this.#times[this.#done] ?? Number.POSITIVE_INFINITY;
  }

  /** Carries out all that is due at or before `time`. */
  until(time: number): void {
    if (this.options.keeper.table.live === 0) this.#done = countAtOrBelow(this.#times, time);
    const all = this.#interventions;
    while (this.#done < all.length && this.next <= time) this.#carryOut(all[this.#done++]!);
  }

  #carryOut(intervention: Intervention): void {
    const { time } = intervention;
    switch (intervention.is) {
      case "flushed":
        this.#flush(intervention.flush);
        break;
      case "network-changed":
        this.#followNetwork(time);
        break;
      case "rules-changed":
        this.#followRules(time, intervention.group);
        break;
      case "lists-changed":
        this.#followLists(time);
        break;
      case "reevaluated":
        this.#judgeAnew(asChange(intervention.reevaluation));
        break;
      default:
        unreachable(intervention);
    }
  }

  #flush({ time, interface: wanted, connection }: FlowFlush): void {
    const { keeper, ledger } = this.options;
    const { table } = keeper;
    this.#visitLive(time, (slot) => {
      const { at } = ledger.scopeOf(slot);
      if (at === null || (wanted !== null && at.id.toLowerCase() !== wanted.toLowerCase())) return;
      const flows = { words: table.words, ports: table.ports, protocols: table.protocol };
      if (connection !== null && !isOfConversation({ flows, flow: slot }, connection)) return;
      keeper.end(slot, time, "flushed");
    });
  }

  /** Records of interfaces that are gone end; others may be judged anew where something else stands before them, or is meant. */
  #followNetwork(time: Micros): void {
    const { keeper, ledger, network } = this.options;
    const topology = network.topologyAt(time);
    const places = placesById(topology);
    const isGone = ({ at }: Scope) => at !== null && !places.has(at.id.toLowerCase());
    if (ledger.scopes.values.some(isGone)) {
      this.#visitLive(time, (slot) => {
        if (isGone(ledger.scopeOf(slot))) keeper.end(slot, time, "interface-removed");
      });
    }
    this.#judgeAfter(networkChange(network.topologyAt(toMicros(time - 1)), topology), time);
    this.#judgeUntracked(time, always);
  }

  /** Switching `flushConnection` on judges the records anew that are there [A6]. */
  #judgeAfter({ gatesDiffer, membersDiffer, spaceDiffers, startsFlushing }: NetworkChange, time: Micros): void {
    this.#judgeAnew({ kind: "associations", time, concerns: gatesDiffer, forces: never });
    this.#judgeAnew({ kind: "memberships", time, concerns: membersDiffer, forces: never });
    this.#judgeAnew({ kind: "address-lists", time, concerns: spaceDiffers, forces: never });
    if (this.options.semantics !== null) return;
    this.#judgeAnew({ kind: "rules", time, concerns: startsFlushing, forces: startsFlushing });
  }

  #followRules(time: Micros, group: string): void {
    const concerns = (place: PlacedInterface) => standsBefore(place, group);
    this.#judgeAnew({ kind: "rules", time, concerns, forces: ({ flushing }) => hasId(flushing, group) });
    const history = this.options.policy.groups.get(group);
    const change = history === undefined ? null : ruleChangeAt(history, time);
    this.#judgeUntracked(time, concerns, change);
  }

  #followLists(time: Micros): void {
    this.#judgeAnew({ kind: "address-lists", time, concerns: always, forces: never });
    this.#judgeUntracked(time, always);
  }

  /** Tracked records, where the semantics of the instant say so. */
  #judgeAnew(change: Change): void {
    const { keeper, semantics } = this.options;
    const reevaluates = (place: PlacedInterface) =>
      (semanticsAt(semantics, place).onChange[change.kind] === "reevaluate" ||
        (semantics === null && change.forces(place))) &&
      change.concerns(place);
    this.#visitAt(change.time, reevaluates, (slot, asked) => {
      if (keeper.table.untracked[slot] === 0) this.#judge(slot, asked);
    });
  }

  /**
   * Untracked ones end as soon as the rules let them pass no more, whatever the semantics say. All are as the last change
   * left them, so that of a change of rules only those matter that the rules may match.
   */
  #judgeUntracked(time: Micros, concerns: (place: PlacedInterface) => boolean, change: RuleChange = null): void {
    const { keeper } = this.options;
    if (keeper.untracked === 0) return;
    this.#visitAt(time, concerns, (slot, asked) => {
      if (keeper.table.untracked[slot] === 1 && this.#mayMatter(change, slot, asked)) this.#judge(slot, asked);
    });
  }

  #mayMatter(change: RuleChange, slot: FlowSlot, asked: Admittance): boolean {
    if (change === null) return true;
    const openToAll = this.options.ledger.admissionOf(slot).untracked === "open-to-all";
    if (openToAll && change[asked.direction === "inbound" ? "outbound" : "inbound"].length > 0) return true;
    return mayMatch(change[asked.direction], asked.tuple, namesOf(asked));
  }

  #judge(slot: FlowSlot, asked: Admittance): void {
    const { keeper, ledger, semantics } = this.options;
    const anew = askRules(asked, semanticsAt(semantics, asked.place));
    const admission = ledger.admissionOf(slot);
    if (anew.decision === "deny" || isTrackedNow(admission, anew)) {
      keeper.cut(slot, asked.time, admission.untracked === undefined || admission.untracked === "open-to-all");
    } else if (anew.decision === "unknown") {
      keeper.table.admission[slot] = ledger.admissionNumber(madeDoubtful(admission, anew));
    }
  }

  /** The rules, asked about the packet that opened it. */
  #askedOf(slot: FlowSlot, { place, topology, time }: Instant): Admittance | null {
    const { keeper, policy } = this.options;
    const direction = flowDirections[keeper.table.direction[slot]!]!;
    if (direction === null) return null;
    const tuple = this.#openingTuple(slot);
    const own = privateBehind(place, direction === "outbound" ? tuple.source : tuple.destination);
    return asRulesSee({ policy, topology, time, place, direction, tuple, own });
  }

  #openingTuple(slot: FlowSlot): FiveTuple {
    const { table } = this.options.keeper;
    const from = table.originator[slot]!;
    const protocol = table.protocol[slot]!;
    const withPorts = hasPorts(protocol);
    return {
      protocol,
      source: addressAt(table, slot, from),
      destination: addressAt(table, slot, 1 - from),
      sourcePort: withPorts ? table.ports[slot * 2 + from]! : 0,
      destinationPort: withPorts ? table.ports[slot * 2 + 1 - from]! : 0,
      icmp: isIcmp(protocol) ? table.icmp[slot]! : 0,
      portsKnown: true,
    };
  }

  /** Live records at interfaces of this kind, as they stand at the instant. */
  #visitAt(
    time: Micros,
    concerns: (place: PlacedInterface) => boolean,
    visit: (slot: FlowSlot, asked: Admittance) => void,
  ): void {
    const { ledger, network } = this.options;
    const topology = network.topologyAt(time);
    const concerned = topology.interfaces.filter(concerns);
    if (concerned.length === 0) return;
    const places = placesById({ interfaces: concerned });
    this.#visitLive(time, (slot) => {
      const place = places.get(ledger.scopeOf(slot).at?.id.toLowerCase() ?? "");
      const asked = place === undefined ? null : this.#askedOf(slot, { place, topology, time });
      if (asked !== null) visit(slot, asked);
    });
  }

  /** Records that ended before the instant do not live to see it. */
  #visitLive(time: Micros, visit: (slot: FlowSlot) => void): void {
    const { keeper } = this.options;
    keeper.table.visit((slot) => {
      if (!keeper.closeIfOver(slot, time)) visit(slot);
    });
  }
}

function asChange({ time, change, interfaces }: Reevaluation): Change {
  const ids = interfaces?.map((id) => id.toLowerCase()) ?? null;
  return { kind: change, time, concerns: ({ id }) => ids?.includes(id.toLowerCase()) ?? true, forces: never };
}

/**
 * An untracked record of a connection that would be tracked now. On AWS the rules that enabled it, one in each direction,
 * are not both there any more, so it is cut at once [W1]; what comes later may be picked up.
 */
function isTrackedNow({ untracked }: Admission, anew: Admission): boolean {
  return untracked !== undefined && anew.decision === "allow" && anew.untracked === undefined;
}

function standsBefore({ gates }: PlacedInterface, group: string): boolean {
  return Object.values(gates).some(
    (gate) => gate.is === "groups" && gate.groups.some((id) => id.toLowerCase() === group),
  );
}
