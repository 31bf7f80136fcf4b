import { expect, it } from "vitest";
import { maxSliceReports, reportSlices } from "../src/views/report-slices.js";
import type { ReportBatchTable } from "../src/views/view-schema.js";

function batch(position: number, [first_time, last_time]: readonly [number, number]): ReportBatchTable {
  return { position, first_time, last_time, count: maxSliceReports / 4, sha256: "", first_report: 0, sensors: "" };
}

/** Sixteen batches, as one source may have them. */
const spans = {
  "one after another": Array.from({ length: 16 }, (_, at) => [at * 100, at * 100 + 99] as const),
  "all of the whole time": Array.from({ length: 16 }, () => [0, 1599] as const),
  "four at once": Array.from({ length: 16 }, (_, at) => [(at % 4) * 400, (at % 4) * 400 + 399] as const),
};

it.each(Object.entries(spans))("batches %s are cut into slices that fit into memory, without a hole", (_, all) => {
  const slices = reportSlices(all.map((span, position) => batch(position, span)));
  expect(slices).toHaveLength(4);
  expect(slices.map(({ from }) => from)).toEqual([0, 400, 800, 1200]);
  expect(slices.map(({ to }) => to)).toEqual([400, 800, 1200, 1600]);
  for (const { from, to, batches } of slices) {
    const overlapping = all.flatMap(([first, last], position) => (first < to && last >= from ? [position] : []));
    expect(batches.map(({ position }) => position)).toEqual(overlapping);
  }
});

it("reports of one instant are one slice, however many", () => {
  const all = Array.from({ length: 16 }, (_, position) => batch(position, [7, 7]));
  expect(reportSlices(all)).toEqual([{ from: 7, to: 8, batches: all }]);
});

it("without batches there is none", () => {
  expect(reportSlices([])).toEqual([]);
});
