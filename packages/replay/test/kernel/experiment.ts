// One experiment: seeded groups at the gates of each machine, seeded traffic and edits, and what the kernel's routers
// did with every datagram at every interface that judged it.

import { type Micros, toMicros } from "@conntrail/engine";
import { Random } from "../../../engine/test/support/random.js";
import type { Datagram } from "./datagram.js";
import type { Lab } from "./lab.js";
import { machineOf, machines } from "./network.js";
import { type Gates, ruleset, rulesOf } from "./nft-ruleset.js";
import { applied, type Edit, type Group, randomEdit, randomGroup } from "./security-group.js";
import { carryTraffic, type TrafficKind } from "./traffic.js";

export type Plan = { readonly seed: number; readonly kind: TrafficKind; readonly count: number };

export type Judgement = {
  readonly interface: string;
  readonly direction: "inbound" | "outbound";
  readonly verdict: "allow" | "deny";
};

export type SentFrame = {
  readonly time: Micros;
  readonly bytes: Uint8Array;
  readonly datagram: Datagram;
  readonly judgements: readonly Judgement[];
};

export type TimedEdit = { readonly edit: Edit; readonly time: Micros };

export type Experiment = {
  readonly plan: Plan;
  readonly begins: Micros;
  /** As they were at the beginning. */
  readonly groups: readonly Group[];
  readonly gates: readonly Gates[];
  readonly frames: readonly SentFrame[];
  readonly edits: readonly TimedEdit[];
};

const editsPerThousand = 12;

export function perform(lab: Lab, plan: Plan): Experiment {
  const random = new Random(plan.seed);
  const groups = Array.from({ length: 2 + random.below(4) }, (_, index) => randomGroup(random, `nsg-${index + 1}`));
  const gates = machines.map(() => ({ subnet: someGroup(random, groups), interface: someGroup(random, groups) }));
  lab.begin(gates.map(ruleset));
  const clock = new Clock();
  const begins = clock.next();
  const run = new Run(lab, gates, clock, new Map(groups.map((group) => [group.name, group])));
  carryTraffic({ random, kind: plan.kind, count: plan.count }, (datagram) => {
    if (random.below(1000) < editsPerThousand) run.edit(random);
    return run.send(datagram);
  });
  return { plan, begins, groups, gates, frames: run.frames, edits: run.edits };
}

function someGroup(random: Random, groups: readonly Group[]): Group | null {
  return random.chance(0.7) ? random.pick(groups) : null;
}

/** The groups of the moment, and all that was done. */
class Run {
  readonly frames: SentFrame[] = [];
  readonly edits: TimedEdit[] = [];

  constructor(
    private readonly lab: Lab,
    private readonly gates: readonly Gates[],
    private readonly clock: Clock,
    private readonly groups: Map<string, Group>,
  ) {}

  edit(random: Random): void {
    const group = random.pick([...this.groups.values()]);
    const edit = randomEdit(random, group, this.edits.length);
    const after = applied(group, edit);
    this.groups.set(group.name, after);
    this.gates.forEach((gates, index) => {
      if (stands(gates, group.name)) this.lab.load(index, rulesOf(after));
    });
    this.edits.push({ edit, time: this.clock.next() });
  }

  /** Outbound at the sender's interface, then, unless stopped there, inbound at the receiver's. */
  send(datagram: Datagram): boolean {
    const times = datagram.packets.map(() => this.clock.next());
    const judgements: Judgement[] = [];
    for (const direction of ["outbound", "inbound"] as const) {
      const machine = machineOf(direction === "outbound" ? datagram.source : datagram.destination);
      if (machine === null || judgements.at(-1)?.verdict === "deny") continue;
      const passed = this.lab.passes(machine, direction, datagram);
      judgements.push({ interface: machine.interface, direction, verdict: passed ? "allow" : "deny" });
    }
    datagram.packets.forEach((bytes, index) => {
      this.frames.push({ time: times[index]!, bytes, datagram, judgements });
    });
    return judgements.at(-1)?.verdict === "allow";
  }
}

function stands({ subnet, interface: own }: Gates, name: string): boolean {
  return subnet?.name === name || own?.name === name;
}

/** Strictly rising microseconds of the real time, since the kernel's timeouts run in it. */
class Clock {
  #last = 0;

  next(): Micros {
    const now = Math.round((performance.timeOrigin + performance.now()) * 1000);
    this.#last = Math.max(this.#last + 1, now);
    return toMicros(this.#last);
  }
}
