// What the fold of reports owes: the same as a plain oracle, whatever the order of arrival, however often exports repeat a
// report, and wherever batches are cut.

import { expect, test } from "vitest";
import {
  addressKey,
  type CheckTally,
  type Micros,
  microsPerHour,
  type ReportedFlow,
  reportsWithin,
} from "../../src/index.js";
import { askReportOracle, type OracleReports } from "../support/oracle-reports.js";
import { Random } from "../support/random.js";
import { makeReportWorld } from "../support/report-world.js";
import { type Folded, foldBatches, foldReports } from "../support/reporting.js";
import { batchOfReports } from "../support/reports.js";

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

/** As another set of exports holds them: shuffled, some twice, from other records, in batches of any size. */
function arriving(reports: readonly ReportedFlow[], random: Random): ReportedFlow[][] {
  const again = reports.filter(() => random.chance(0.3)).map((own) => ({ ...own, record: 9, offset: 7 }));
  const all = random.shuffled([...reports, ...again]);
  const batches: ReportedFlow[][] = [];
  for (let from = 0; from < all.length; ) {
    const to = from + 1 + random.below(random.pick([1, 7, 50]));
    batches.push(all.slice(from, to));
    from = to;
  }
  return batches;
}

/** Every word, in an order that depends on nothing but content. */
function whole(folded: Folded): string[] {
  return Object.entries(folded)
    .flatMap(([kind, rows]) => rows.map((own) => `${kind} ${JSON.stringify(own)}`))
    .sort();
}

function asOracle({ records, denials, hours, checks, disagreements }: Folded): OracleReports {
  const ruleText = (rule: object | null) => (rule === null ? "" : JSON.stringify(rule));
  const end = (address: readonly number[], port: number) => `${address.join(".")}:${port}`;
  const count = ({ packets, bytes }: { packets: number | null; bytes: number | null }) =>
    `${packets ?? "?"}/${bytes ?? "?"}`;
  const tally = ({ sensor, rule, hour, reported, outcome }: CheckTally) =>
    [JSON.stringify(sensor), ruleText(rule), hour, reported, outcome].join("|");
  const line = (key: string, { first, last }: { first: Micros; last: Micros }, count: number) =>
    [key, first, last, count].join("|");
  return {
    records: records
      .map((own) =>
        [
          JSON.stringify(own.sensor),
          ruleText(own.rule),
          end(own.source, own.sourcePort),
          end(own.destination, own.destinationPort),
          own.openedAt,
          own.openingTold,
          own.lastSeen,
          own.endedAt,
          own.reports,
          count(own.forward),
          count(own.backward),
          own.outcome,
        ].join("|"),
      )
      .sort(),
    denials: denials
      .map((own) => {
        const key = [
          JSON.stringify(own.sensor),
          ruleText(own.rule),
          addressKey(own.source),
          end(own.destination, own.destinationPort),
        ];
        return line(key.join("|"), own, own.count);
      })
      .sort(),
    hours: hours.map((own) => line(`${JSON.stringify(own.sensor)}|${own.hour}`, own, own.reports)).sort(),
    tallies: summed(checks.map((own) => [tally(own), own])),
    disagreements: summed(
      disagreements.map((own) => {
        const ends = [addressKey(own.source), end(own.destination, own.destinationPort)].join("|");
        return [`${tally(own)}|${ends}`, own];
      }),
    ),
  };
}

/** The oracle does not tell rule versions apart. */
function summed(rows: readonly (readonly [string, CheckTally])[]): string[] {
  const sums = new Map<string, { first: number; last: number; reports: number }>();
  for (const [key, { first, last, reports }] of rows) {
    const sum = sums.get(key) ?? { first, last, reports: 0 };
    const [least, most] = [Math.min(sum.first, first), Math.max(sum.last, last)];
    sums.set(key, { first: least, last: most, reports: sum.reports + reports });
  }
  return [...sums].map(([key, { first, last, reports }]) => [key, first, last, reports].join("|")).sort();
}

test.each(seeds)("world %i: the oracle says the same", (seed) => {
  const world = makeReportWorld(new Random(seed));
  const folded = foldReports(world.events, [world.reports]);
  expect(asOracle(folded)).toEqual(askReportOracle(world, world.reports));
});

test.each(seeds)("world %i: order, repetition and batches never show", (seed) => {
  const random = new Random(seed);
  const world = makeReportWorld(random);
  const expected = whole(foldReports(world.events, [world.reports]));
  for (let round = 0; round < 4; round++) {
    expect(whole(foldReports(world.events, arriving(world.reports, random)))).toEqual(expected);
  }
});

test.each(seeds)("world %i: nor do slices of time", (seed) => {
  const random = new Random(seed);
  const world = makeReportWorld(random);
  const batches = arriving(world.reports, random).map(batchOfReports);
  const times = world.reports.map(({ time }) => time).sort((a, b) => a - b);
  const cuts = [random.pick(times), random.pick(times) + 1].sort((a, b) => a - b);
  const bounds = [Number.NEGATIVE_INFINITY, ...cuts, Number.POSITIVE_INFINITY];
  const slices = bounds
    .slice(1)
    .flatMap((to, index) => batches.map((batch) => reportsWithin(batch, bounds[index]!, to)));
  expect(slices.reduce((sum, { count }) => sum + count, 0)).toBe(batches.reduce((sum, { count }) => sum + count, 0));
  expect(whole(foldBatches(world.events, slices))).toEqual(whole(foldReports(world.events, [world.reports])));
});

test("the worlds hold every way to fare that they can", () => {
  const outcomes = new Set<string>();
  for (const seed of seeds) {
    const world = makeReportWorld(new Random(seed));
    for (const { outcome } of foldReports(world.events, [world.reports]).checks) outcomes.add(outcome);
  }
  expect([...outcomes].sort()).toEqual(
    [
      "agrees",
      "edit-in-the-same-minute",
      "no-interface",
      "no-verdict",
      "opened-before",
      "other-rule",
      "unexplained",
    ].sort(),
  );
});

test("hours begin on the hour", () => {
  const world = makeReportWorld(new Random(1));
  const { hours } = foldReports(world.events, [world.reports]);
  expect(hours.every(({ hour }) => hour % microsPerHour === 0)).toBe(true);
});
