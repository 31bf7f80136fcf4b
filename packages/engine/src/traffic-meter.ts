// How much traffic each interface saw in each minute, in which direction, and what became of it.

import type { ResourceId } from "./event.js";
import { Interned } from "./interned.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import type { RuleDirection } from "./policy/rule.js";
import { type Micros, microsPerMinute } from "./time.js";
import type { Decision } from "./verdict.js";

export type MinuteOfTraffic = {
  /** When the minute begins. */
  readonly minute: Micros;
  /** The place of capture. */
  readonly place: string;
  /** Null: no interface is known. */
  readonly interface: ResourceId | null;
  readonly interfaceName: string | null;
  /** Seen from the interface. */
  readonly direction: RuleDirection | null;
  readonly verdict: Decision;
  readonly packets: number;
  /** Of IP packets whole. */
  readonly bytes: number;
};

/** A number for place, interface and direction. */
export type Lane = number;

const verdicts: readonly Decision[] = ["allow", "deny", "unknown", "none"];
const verdictNumbers = Object.fromEntries(verdicts.map((verdict, number) => [verdict, number])) as {
  readonly [verdict in Decision]: number;
};

type LaneName = Pick<MinuteOfTraffic, "place" | "interface" | "interfaceName" | "direction">;
/** `counter`: of lane and verdict. */
type Count = { readonly minute: number; readonly counter: number; packets: number; bytes: number };

export class TrafficMeter {
  readonly #lanes = new Interned<LaneName>();
  /** Of the minute in hand, by counter: packets, bytes. */
  #counts = new Float64Array(64);
  #minute = Number.POSITIVE_INFINITY;
  #done: Count[] = [];

  laneOf(place: string, at: PlacedInterface | null, direction: RuleDirection | null): Lane {
    const named = { place, interface: at?.id ?? null, interfaceName: at?.name ?? null, direction };
    const lane = this.#lanes.numberOf([place, at?.id.toLowerCase(), direction].join("\n"), () => named);
    if ((lane + 1) * verdicts.length * 2 > this.#counts.length) {
      const counts = new Float64Array(this.#counts.length * 2);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    return lane;
  }

  count(lane: Lane, verdict: Decision, time: Micros, bytes: number): void {
    if (time < this.#minute || time >= this.#minute + microsPerMinute) this.#turnTo(time);
    const at = (lane * verdicts.length + verdictNumbers[verdict]) * 2;
    this.#counts[at]! += 1;
    this.#counts[at + 1]! += bytes;
  }

  get rows(): readonly MinuteOfTraffic[] {
    this.#closeMinute();
    return this.#together().map(({ minute, counter, packets, bytes }) => ({
      minute: minute as Micros,
      ...this.#lanes.value(Math.floor(counter / verdicts.length)),
      verdict: verdicts[counter % verdicts.length]!,
      packets,
      bytes,
    }));
  }

  reset(): void {
    this.#closeMinute();
    this.#done = [];
  }

  /** Fragments that waited for their first are told late, so a minute may come again. */
  #together(): Count[] {
    const counts = new Map<string, Count>();
    for (const count of this.#done) {
      const key = `${count.minute} ${count.counter}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { ...count });
      else {
        known.packets += count.packets;
        known.bytes += count.bytes;
      }
    }
    return [...counts.values()];
  }

  #turnTo(time: Micros): void {
    this.#closeMinute();
    this.#minute = Math.floor(time / microsPerMinute) * microsPerMinute;
  }

  #closeMinute(): void {
    const counts = this.#counts;
    for (let at = 0; at < counts.length; at += 2) {
      if (counts[at] === 0) continue;
      this.#done.push({ minute: this.#minute, counter: at / 2, packets: counts[at]!, bytes: counts[at + 1]! });
      counts[at] = 0;
      counts[at + 1] = 0;
    }
  }
}
