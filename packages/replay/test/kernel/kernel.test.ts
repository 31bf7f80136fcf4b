// Conntrail against Linux: the same packets, rules and edits must get the same verdicts. Seeded; a long hunt by hand:
//   CONNTRAIL_KERNEL_SEED=1000 CONNTRAIL_KERNEL_RUNS=200 CONNTRAIL_KERNEL_COUNT=800 npx vitest run packages/replay/test/kernel
// docs/decisions/0014 says how it works.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryDirectory } from "../support/conntrail.js";
import { capturedConversations } from "./captured-conversation.js";
import { disagreements, importedCase, verdictsIn } from "./comparison.js";
import { type Plan, perform } from "./experiment.js";
import { hindrance, kernelVersion, Lab } from "./lab.js";
import { report } from "./report.js";

const number = (name: string, otherwise: number) => Number(process.env[`CONNTRAIL_KERNEL_${name}`] ?? otherwise);
const firstSeed = number("SEED", 1);
const runs = number("RUNS", 6);
const count = number("COUNT", 400);
const framesAConnection = 10;
/** More would not be set up before the first of them fades. */
const connectionsAtOnce = 150;
const shownAtMost = 5;

const reason = hindrance();
if (reason !== null) console.log(`the kernel's verdicts are not compared: ${reason}`);

describe.skipIf(reason !== null)("the kernel's own conntrack and nftables decide alike", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
    console.log(
      `kernel ${kernelVersion()}, with stretches of ${capturedConversations().length} captured conversations`,
    );
  });
  afterAll(() => lab.close());

  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
  const check = (plan: Plan, options: readonly (readonly string[])[]) => {
    const experiment = perform(lab, plan);
    const kase = importedCase(experiment, join(temporaryDirectory(), "run"));
    for (const option of options) {
      const found = disagreements(experiment, verdictsIn(kase, option));
      const shown = found.slice(0, shownAtMost).map((one) => report(experiment, one));
      expect(found.length, [`${found.length} frames ${option.join(" ")}`, ...shown].join("\n\n")).toBe(0);
    }
  };
  const asRecorded: readonly string[] = [];
  const asLinux: readonly string[] = ["--semantics", "linux"];

  test.each(seeds)("plain connections under edits, seed %i", (seed) => {
    check({ seed, kind: "plain", count }, [asRecorded, asLinux]);
  });
  test.each(seeds)("whatever a network carries, seed %i", (seed) => {
    check({ seed, kind: "wild", count }, [asLinux]);
  });
  test.each(seeds)("connections in and out of step, seed %i", (seed) => {
    check({ seed, kind: "tangled", count: Math.ceil(count / framesAConnection) }, [asLinux]);
  });
  test.each(seeds.slice(0, Math.ceil(runs / 6)))("connections that fall silent, seed %i", (seed) => {
    check({ seed, kind: "fading", count: Math.min(count, connectionsAtOnce) }, [asLinux]);
  });
});
