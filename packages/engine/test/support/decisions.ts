// Specifications of decisions: given events, when a command comes at a time, then facts, remarks, or a refusal. Every
// decision is taken again on the events in another order of arrival, and must be the same.

import { expect } from "vitest";
import {
  type ControlEvent,
  type ControlState,
  controlStateAt,
  type DatedFact,
  type Decided,
  type Refusal,
  type Remark,
} from "../../src/index.js";
import { eventOf } from "./control-events.js";
import { at } from "./instants.js";
import { Random } from "./random.js";

export type Command = (state: ControlState) => Decided;

/** What came of the last command, and all events up to it. */
export type Decision = {
  readonly facts: readonly DatedFact[];
  readonly remarks: readonly Remark[];
  readonly refusal: Refusal | null;
  readonly events: readonly ControlEvent[];
};

export type Given = {
  /** Goes on from what the command brought. */
  and(time: string, command: Command): Given;
  when(time: string, command: Command): Decision;
};

export function given(...events: readonly ControlEvent[]): Given {
  return {
    and(time, command) {
      const decision = decide(events, time, command);
      expect(decision.refusal).toBeNull();
      return given(...decision.events);
    },
    when: (time, command) => decide(events, time, command),
  };
}

function decide(events: readonly ControlEvent[], time: string, command: Command): Decision {
  const decided = command(controlStateAt(events, at(time)));
  for (const order of [events.toReversed(), new Random(events.length).shuffled(events)]) {
    expect(command(controlStateAt(order, at(time)))).toEqual(decided);
  }
  if (decided.is === "refused") return { facts: [], remarks: [], refusal: decided.refusal, events };
  const made = decided.facts.map(({ time: when, ...fact }) => eventOf(when, fact));
  return { ...decided, refusal: null, events: [...events, ...made] };
}
