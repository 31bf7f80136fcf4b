// What comes of a command: facts for the log, or a refusal. Deciders are pure: the state goes in, this comes out.

import type { AssociationWritten, ControlEvent, ControlFact, ResourceId } from "../event.js";
import { buildPolicyHistory, type PolicyHistory } from "../policy/policy-history.js";
import { ruleKey } from "../policy/rule.js";
import type { Micros } from "../time.js";
import { type Inventory, takeInventory } from "./inventory.js";
import type { Refusal } from "./refusal.js";

/** What is known at the instant of a command, that instant included. */
export type ControlState = {
  readonly at: Micros;
  /** All of them, later ones too. */
  readonly events: readonly ControlEvent[];
  readonly policy: PolicyHistory;
  readonly inventory: Inventory;
};

/** A fact and when it happens, which need not be the instant of the command. `by`: not whoever gives the command. */
export type DatedFact = ControlFact & { readonly time: Micros; readonly by?: string };

/** No facts: all is as the command wants it already. Other families of commands bring their own reasons. */
export type Decided<R = Refusal, N = Remark> =
  | { readonly is: "decided"; readonly facts: readonly DatedFact[]; readonly remarks: readonly N[] }
  /** `facts`: what of the refusal is to be kept. */
  | { readonly is: "refused"; readonly refusal: R; readonly facts?: readonly DatedFact[] };

/** What the person should know although the command is taken. */
export type Remark =
  | { readonly remark: "already-so" }
  | {
      readonly remark: "replaced";
      readonly gate: AssociationWritten["data"]["gate"];
      readonly target: ResourceId;
      readonly groups: readonly ResourceId[];
    }
  | { readonly remark: "later-evidence"; readonly count: number; readonly first: Micros };

export function controlStateAt(events: readonly ControlEvent[], at: Micros): ControlState {
  const policy = buildPolicyHistory(events);
  return { at, events, policy, inventory: takeInventory(events, policy, at) };
}

export function refused(refusal: Refusal): Decided {
  return { is: "refused", refusal };
}

export const alreadySo: Decided = { is: "decided", facts: [], remarks: [{ remark: "already-so" }] };

/**
 * These facts, at the instant of the command. Refused where evidence of the same instant says otherwise of the same
 * subject, since nobody could say which of the two holds.
 */
export function decided(state: ControlState, facts: readonly ControlFact[], remarks: readonly Remark[] = []): Decided {
  const subjects = new Set(facts.map(subjectOfEdit));
  const same = state.events.filter((event) => {
    const subject = hasHappened(event) ? subjectOfEdit(event) : null;
    return subject !== null && subjects.has(subject);
  });
  const rival = same.find(({ time }) => time === state.at);
  if (rival !== undefined) {
    return refused({ refused: "edited-at-this-instant", event: rival.id, time: rival.time });
  }
  const later = same.filter(({ time }) => time > state.at).map(({ time }) => time);
  const first = later.reduce<Micros | null>((least, time) => (least === null || time < least ? time : least), null);
  const said: Remark[] = first === null ? [] : [{ remark: "later-evidence", count: later.length, first }];
  return {
    is: "decided",
    facts: facts.map((fact) => ({ ...fact, time: state.at })),
    remarks: [...remarks, ...said],
  };
}

function hasHappened({ data }: ControlFact): boolean {
  return !("phase" in data) || data.phase === "succeeded";
}

/** What an edit is about; edits of different subjects never contradict each other. Null: of nothing that lasts. */
function subjectOfEdit({ type, data }: ControlFact): string | null {
  switch (type) {
    case "security-rule-written":
    case "security-rule-deleted":
      return `rule ${data.group.toLowerCase()} ${ruleKey(data.ruleName)}`;
    case "association-written":
      return `association ${data.target.toLowerCase()}`;
    case "addresses-changed":
      return `resource ${data.interface.toLowerCase()}`;
    case "membership-written":
      return `membership ${data.interface.toLowerCase()} ${data.address}`;
    case "setting-written":
      return `setting ${data.resource.toLowerCase()} ${data.setting}`;
    case "address-list-seen":
    case "address-list-changed":
      return `list ${data.list.toLowerCase()}`;
    case "interface-seen":
      return `resource ${data.interface.toLowerCase()}`;
    case "security-group-seen":
      return `resource ${data.group.toLowerCase()}`;
    case "virtual-network-seen":
      return `resource ${data.network.toLowerCase()}`;
    case "resource-removed":
      return `resource ${data.resource.toLowerCase()}`;
    default:
      return null;
  }
}
