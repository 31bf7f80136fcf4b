// Windows that a sensor skipped, as `sensor from-to`, in minutes.

import { microsPerMinute } from "@conntrail/engine";
import { expect, test } from "vitest";
import { skippedGaps } from "../../src/query/skipped-flows.js";

function gapsOf(windows: readonly string[]): string[] {
  const rows = windows.map((text) => {
    const [, interfaceId, from, to] = /^(\S+) (\d+)-(\d+)$/.exec(text)!;
    const sensor = JSON.stringify({ interface: interfaceId, kind: "aws-vpc", mac: null, resource: null });
    return { sensor, first: Number(from) * microsPerMinute, last: Number(to) * microsPerMinute, reports: 2 };
  });
  return skippedGaps(rows).map(({ sensor, from, to, records, spans }) => {
    const minutes = spans.map((span) => `${span.from / microsPerMinute}-${span.to / microsPerMinute}`);
    return `${sensor.interface} ${from / microsPerMinute}-${to / microsPerMinute} ×${records}: ${minutes.join(" ")}`;
  });
}

test.each([
  ["one after the other are one span", ["eni-1 10-19", "eni-1 20-29"], ["eni-1 10-29 ×4: 10-29"]],
  ["apart are spans of one gap", ["eni-1 10-19", "eni-1 40-49"], ["eni-1 10-49 ×4: 10-19 40-49"]],
  ["inside one another are one", ["eni-1 10-40", "eni-1 20-30"], ["eni-1 10-40 ×4: 10-40"]],
  ["of two sensors are two gaps", ["eni-1 10-19", "eni-2 20-29"], ["eni-1 10-19 ×2: 10-19", "eni-2 20-29 ×2: 20-29"]],
])("windows %s", (_, windows, expected) => expect(gapsOf(windows)).toEqual(expected));
