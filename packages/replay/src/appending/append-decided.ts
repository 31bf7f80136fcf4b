// Takes a command to the log: reads the control state, lets the engine decide, appends what follows. Whoever was faster
// changes the state, so then it is decided anew.

import {
  type ControlEvent,
  type ControlState,
  controlStateAt,
  type DatedFact,
  type Decided,
  enteredByHand,
  type Micros,
  type NewEvent,
  type RecordedEvent,
} from "@conntrail/engine";
import { correlationIdOf, type EventLog, eventId, readControlEvents, streamOf } from "@conntrail/store";

export type ByHand<R, N> = {
  readonly at: Micros;
  readonly who: string;
  readonly decide: (state: ControlState) => Decided<R, N>;
};

/** Remarks of a command that is taken; nothing is appended where all is so already. */
export type Outcome<R, N> =
  | { readonly is: "appended"; readonly events: readonly RecordedEvent[]; readonly remarks: readonly N[] }
  | {
      readonly is: "refused";
      readonly refusal: R;
      readonly state: ControlState;
      readonly events: readonly RecordedEvent[];
    };

/** The same command at the same instant has the same ids, and adds nothing. */
export async function appendDecided<R, N>(log: EventLog, command: ByHand<R, N>): Promise<Outcome<R, N>> {
  for (;;) {
    const known = await readControlEvents(log, null);
    const state = controlStateAt(known, command.at);
    const decided = command.decide(state);
    const events = await appendAll(log, known, newEvents(decided.facts ?? [], command));
    if (events === "conflict") continue;
    if (decided.is === "refused") return { is: "refused", refusal: decided.refusal, state, events };
    return { is: "appended", events, remarks: decided.remarks };
  }
}

function newEvents(
  facts: readonly DatedFact[],
  { at, who }: { readonly at: Micros; readonly who: string },
): NewEvent[] {
  const correlationId = correlationIdOf({ time: at, who, facts });
  return facts.map(({ by, ...fact }) => {
    const actor = { who: by ?? who, from: null, correlationId };
    const draft = { ...fact, lastTime: fact.time, source: enteredByHand, actor };
    return { ...draft, id: eventId(draft) };
  });
}

/** Stream after stream, each at the revision that was read, so that nothing undecided lies between. */
async function appendAll(
  log: EventLog,
  known: readonly ControlEvent[],
  events: readonly NewEvent[],
): Promise<RecordedEvent[] | "conflict"> {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = events.filter(({ id }) => !ids.has(id));
  const appended: RecordedEvent[] = [];
  for (const stream of new Set(fresh.map(streamOf))) {
    const own = fresh.filter((event) => streamOf(event) === stream);
    const result = await log.append(stream, revisionOf(stream, known), own);
    if (result.kind === "conflict") return "conflict";
    for await (const event of log.readStream(stream, { from: result.firstRevision, limit: own.length })) {
      appended.push(event);
    }
  }
  return appended.sort((a, b) => a.position - b.position);
}

function revisionOf(stream: string, known: readonly ControlEvent[]): number | "no-stream" {
  const revisions = known.filter((event) => event.stream === stream).map(({ revision }) => revision);
  return revisions.length === 0 ? "no-stream" : Math.max(...revisions);
}
