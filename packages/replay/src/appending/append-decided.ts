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
import {
  controlCategories,
  correlationIdOf,
  type EventLog,
  eventId,
  standingControl,
  streamOf,
} from "@conntrail/store";

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
    const known = await readKnown(log);
    const state = controlStateAt(known.events, command.at);
    const decided = command.decide(state);
    const events = await appendAll(log, known, newEvents(decided.facts ?? [], command));
    if (events === "conflict") continue;
    if (decided.is === "refused") return { is: "refused", refusal: decided.refusal, state, events };
    return { is: "appended", events, remarks: decided.remarks };
  }
}

/** What counts, and the last revision of each stream, of events that were taken back too. */
type Known = { readonly events: readonly ControlEvent[]; readonly revisions: ReadonlyMap<string, number> };

async function readKnown(log: EventLog): Promise<Known> {
  const revisions = new Map<string, number>();
  const all = async function* () {
    for await (const event of log.readAll({ categories: controlCategories })) {
      revisions.set(event.stream, event.revision);
      yield event;
    }
  };
  const events: ControlEvent[] = [];
  for await (const { event } of standingControl(log, all(), null)) events.push(event);
  return { events, revisions };
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
  known: Known,
  events: readonly NewEvent[],
): Promise<RecordedEvent[] | "conflict"> {
  const ids = new Set(known.events.map(({ id }) => id));
  const fresh = events.filter(({ id }) => !ids.has(id));
  const appended: RecordedEvent[] = [];
  for (const stream of new Set(fresh.map(streamOf))) {
    const own = fresh.filter((event) => streamOf(event) === stream);
    const result = await log.append(stream, known.revisions.get(stream) ?? "no-stream", own);
    if (result.kind === "conflict") return "conflict";
    for await (const event of log.readStream(stream, { from: result.firstRevision, limit: own.length })) {
      appended.push(event);
    }
  }
  return appended.sort((a, b) => a.position - b.position);
}
