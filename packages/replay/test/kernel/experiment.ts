// One experiment: groups at the gates of each machine, seeded traffic and edits, and what the kernel's routers did with
// every datagram at every interface that judged it.

import { Random } from "../../../engine/test/support/random.js";
import { Clock } from "./clock.js";
import { fadingTraffic } from "./fading-traffic.js";
import type { Lab } from "./lab.js";
import { machines } from "./network.js";
import { ruleset } from "./nft-ruleset.js";
import { randomEdit, randomGroup } from "./random-group.js";
import { Run, type Setting } from "./run.js";
import { type Group, openGroup } from "./security-group.js";
import { tangledTraffic } from "./tangled-traffic.js";
import { carryTraffic, type TrafficKind } from "./traffic.js";

export type Plan = {
  readonly seed: number;
  readonly kind: keyof typeof plays;
  /** Datagrams of random traffic; else connections. */
  readonly count: number;
};

export type Experiment = { readonly plan: Plan } & Pick<Run, "begins" | "setting" | "frames" | "edits">;

const editsPerThousand = 20;

/** Silence passes ten times as fast: the shortest timeout is ten seconds, and the kernel's are whole seconds. */
const plays = {
  plain: { setting: randomSetting, pace: 1, play: randomTraffic("plain") },
  wild: { setting: randomSetting, pace: 1, play: randomTraffic("wild") },
  tangled: { setting: openSetting, pace: 1, play: tangledTraffic },
  fading: { setting: openSetting, pace: 10, play: fadingTraffic },
} as const;

export function perform(lab: Lab, plan: Plan): Experiment {
  const random = new Random(plan.seed);
  const { setting: makeSetting, pace, play } = plays[plan.kind];
  const setting = makeSetting(random);
  lab.begin(setting.gates.map(ruleset), pace);
  const run = new Run(lab, setting, new Clock(pace));
  play(run, random, plan.count);
  const { begins, frames, edits } = run;
  return { plan, begins, setting, frames, edits };
}

function randomTraffic(kind: TrafficKind) {
  return (run: Run, random: Random, count: number): void =>
    carryTraffic({ random, kind, count }, (datagram) => {
      if (random.below(1000) < editsPerThousand) {
        run.edit(randomEdit(random, random.pick(run.groups), run.edits.length));
      }
      return run.send(datagram);
    });
}

function randomSetting(random: Random): Setting {
  const groups = Array.from({ length: 2 + random.below(4) }, (_, index) => randomGroup(random, `nsg-${index + 1}`));
  const gates = machines.map(() => ({ subnet: someGroup(random, groups), interface: someGroup(random, groups) }));
  return { groups, gates };
}

function someGroup(random: Random, groups: readonly Group[]): Group | null {
  return random.chance(0.7) ? random.pick(groups) : null;
}

function openSetting(): Setting {
  const group = openGroup("nsg-1");
  return { groups: [group], gates: machines.map(() => ({ subnet: group, interface: null })) };
}
