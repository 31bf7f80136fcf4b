// What the fold counts beside records and denied attempts: packets, traffic by interface and minute, and what rules did
// that no record tells.

import type { DeniedAttempt, DeniedAttempts } from "./flow/denied-attempts.js";
import { noFlow } from "./flow/flow-table.js";
import type { TableFull, TableFullCounts } from "./flow/table-full.js";
import type { FoldPacket } from "./fold-packet.js";
import type { Ruling } from "./packet-judge.js";
import type { Judge } from "./placement.js";
import { type Lane, type MinuteOfTraffic, TrafficMeter } from "./traffic-meter.js";
import { UnrecordedHitCounts, type UnrecordedHits } from "./unrecorded-hits.js";
import type { Decision } from "./verdict.js";

export type Projection = {
  readonly packets: number;
  readonly denied: readonly DeniedAttempt[];
  readonly tableFull: readonly TableFull[];
  readonly unrecorded: readonly UnrecordedHits[];
  readonly traffic: readonly MinuteOfTraffic[];
};

/** What is counted where packets are judged. */
type JudgesCounts = { readonly denied: DeniedAttempts; readonly tableFull: TableFullCounts };

export class FoldCounts {
  readonly meter = new TrafficMeter();
  readonly #unrecorded = new UnrecordedHitCounts();
  packets = 0;

  /** A packet at an interface. Null: it passes by a record beyond doubt. */
  judged(packet: FoldPacket, lane: Lane, ruling: Ruling | null): void {
    this.seen(packet, lane, ruling === null ? "allow" : ruling.verdict);
    if (ruling === null || ruling.slot !== noFlow || ruling.verdict !== "allow" || !packet.asked) return;
    const { reason } = ruling;
    if (reason.type !== "passed" && reason.type !== "table-full") return;
    this.#unrecorded.passed(reason.admission, packet.time, packet.batch.ipLength[packet.index]!);
  }

  seen({ asked, time, batch, index }: FoldPacket, lane: Lane, verdict: Decision): void {
    if (asked) this.meter.count(lane, verdict, time, batch.ipLength[index]!);
  }

  /** Where packets that this judge sees are counted; null: nobody judges. */
  laneOf({ traffic }: FoldPacket, judge: Judge | null): Lane {
    return this.meter.laneOf(traffic.place, judge?.at ?? null, judge?.direction ?? null);
  }

  /** All since the last time. */
  take({ denied, tableFull }: JudgesCounts): Projection {
    for (const [rule, tally] of denied.overflow) if (tally.count > 0) this.#unrecorded.denied(rule, tally);
    const rows = { denied: denied.rows, tableFull: tableFull.rows, unrecorded: this.#unrecorded.rows };
    const counts = { packets: this.packets, ...rows, traffic: this.meter.rows };
    for (const counted of [denied, tableFull, this.#unrecorded, this.meter]) counted.reset();
    this.packets = 0;
    return counts;
  }
}
