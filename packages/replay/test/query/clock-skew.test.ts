// When clocks of two witnesses are told to be apart.

import { type Micros, microsPerSecond } from "@conntrail/engine";
import type { WitnessedOpening } from "@conntrail/store";
import { expect, test } from "vitest";
import { clockSkews } from "../../src/query/clock-skew.js";

const nsg = JSON.stringify({ interface: null, kind: "azure-nsg", mac: "m1", resource: "web" });
const vpc = JSON.stringify({ interface: "eni-1", kind: "aws-vpc", mac: null, resource: null });

/** One connection an offset, in seconds: seen by a capture, and so much later by the sensor. */
function openings(sensor: string, offsets: readonly number[]): WitnessedOpening[] {
  return offsets.flatMap((offset, index): WitnessedOpening[] => {
    const opened = index * 100 * microsPerSecond;
    const later = opened + offset * microsPerSecond;
    return [
      { connection: `c${index}`, witness: "interface:nic", is: "capture", opened: opened as Micros },
      { connection: `c${index}`, witness: sensor, is: "sensor", opened: later as Micros },
    ];
  });
}

function seconds(told: Iterable<WitnessedOpening>): number[] {
  return clockSkews(told, (place) => place).map(({ offsetMicros }) => offsetMicros / microsPerSecond);
}

test.each([
  ["three connections by the same offset", nsg, [7, 7.2, 7.4], [7.2]],
  ["an offset of hours, as of a wrong zone", nsg, [-3600, -3600.3, -3600, 4], [-3600]],
  ["two connections: too few", nsg, [7, 7], []],
  ["what whole seconds leave open", nsg, [0.2, 0.9, 0.7], []],
  ["what a late window leaves open", vpc, [30, 45, 20], []],
  ["a window that begins minutes late", vpc, [300, 320, 310], [310]],
  ["offsets that are not steady", nsg, [5, 90, 400, 2000], []],
])("%s", (_, sensor, offsets, expected) => {
  expect(seconds(openings(sensor, offsets))).toEqual(expected);
  expect(seconds(openings(sensor, offsets).toReversed())).toEqual(expected);
});

test("a connection that one of them saw opened twice is passed over", () => {
  const told = openings(nsg, [7, 7, 7]);
  expect(seconds([...told, { ...told[0]!, opened: (told[0]!.opened + 1) as Micros }])).toEqual([]);
});
