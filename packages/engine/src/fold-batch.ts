// A batch on its way through the fold, with what is found out about its flows on that way, so that it is found out once.

import type { DeniedTally } from "./flow/denied-attempts.js";
import type { PlaceSeats, Seat } from "./seating.js";
import { type FlowKeys, flowKeys } from "./traffic/flow-keys.js";
import type { TrafficBatch } from "./traffic/merge.js";
import type { Admission } from "./verdict.js";

export type FoldBatch = TrafficBatch & {
  readonly keys: FlowKeys;
  /** By flow, what it is to the conversation that is asked about; null: all of them are asked about. */
  readonly relevance: Uint8Array | null;
  /** For how many changes the rest holds; -1: it was not begun. */
  changes: number;
  seating: PlaceSeats | null;
  /** By directed flow. */
  readonly seats: (Seat | undefined)[];
  /** By directed flow, two each: one for each interface that judges. */
  readonly answers: (PostAnswers | undefined)[];
  /**
   * Two a flow: the slot of the record that alone covers its packets both ways, where no gate stands that every packet
   * comes to, and its serial number there; 0: not known.
   */
  readonly soles: Uint32Array;
  /** The flows that have seats, so that forgetting costs no more than finding out did. */
  readonly seated: number[];
};

/** What packets of one flow and direction are told at one interface between two changes; left out: not asked yet. */
export type PostAnswers = {
  /** By gates without memory. */
  barrier: Admission | null | undefined;
  /** By the rules. */
  rules: Admission | undefined;
  /** Where those that the rules deny are counted. */
  denied: DeniedTally | undefined;
};

export function foldBatch(traffic: TrafficBatch, relevance: Uint8Array | null): FoldBatch {
  const directed = traffic.batch.flows.count * 2;
  return {
    ...traffic,
    keys: flowKeys(traffic.batch.flows),
    relevance,
    changes: -1,
    seating: null,
    seats: new Array<Seat | undefined>(directed),
    answers: new Array<PostAnswers | undefined>(directed * 2),
    soles: new Uint32Array(directed),
    seated: [],
  };
}

/** Forgets what a change has made doubtful. */
export function renew(traffic: FoldBatch, seating: PlaceSeats, changes: number): void {
  traffic.changes = changes;
  traffic.seating = seating;
  for (const flow of traffic.seated) {
    traffic.seats.fill(undefined, flow * 2, flow * 2 + 2);
    traffic.answers.fill(undefined, flow * 4, flow * 4 + 4);
    traffic.soles[flow * 2 + 1] = 0;
  }
  traffic.seated.length = 0;
}

/** Finds the seats of a flow's packets both ways. */
export function seatFlow({ batch: { flows }, seating, seats, seated }: FoldBatch, flow: number): void {
  for (let direction = 0; direction < 2; direction++) {
    seats[flow * 2 + direction] = seating!.of(flows, flow, direction);
  }
  seated.push(flow);
}
