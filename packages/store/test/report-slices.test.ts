// How reports are divided so that few enough are held at once.

import { expect, it } from "vitest";
import { reportSlices } from "../src/views/report-slices.js";
import type { ReportBatchTable } from "../src/views/view-schema.js";

const second = 1_000_000;

/** Seconds, the last one included. */
function batch(position: number, from: number, to: number, count = 100): ReportBatchTable {
  const times = { first_time: from * second, last_time: (to + 1) * second - 1 };
  return { position, ...times, count, sha256: "00", first_report: 0, sensors: "" };
}

/** `from..to: positions`, in seconds. */
function slicesOf(rows: readonly ReportBatchTable[], most: number): string[] {
  return [...reportSlices(rows, most)].map(({ from, to, rows: own }) => {
    const positions = own.map(({ position }) => position).join(" ");
    return `${from / second}..${to / second}: ${positions}`;
  });
}

it("few enough are one slice", () => {
  expect(slicesOf([batch(1, 0, 9), batch(2, 10, 19)], 200)).toEqual(["0..20: 1 2"]);
});

it("one after the other, each is in one slice", () => {
  expect(slicesOf([batch(1, 0, 9), batch(2, 10, 19)], 100)).toEqual(["0..10: 1", "10..20: 2"]);
});

it("those that all overlap are in every slice", () => {
  const rows = [1, 2, 3, 4].map((position) => batch(position, 0, 39));
  expect(slicesOf(rows, 100)).toEqual(["0..10: 1 2 3 4", "10..20: 1 2 3 4", "20..30: 1 2 3 4", "30..40: 1 2 3 4"]);
});

it("where nothing was reported there is no slice", () => {
  expect(slicesOf([batch(1, 0, 0), batch(2, 7, 7)], 100)).toEqual(["0..4: 1", "4..8: 2"]);
  expect(slicesOf([batch(1, 0, 0), batch(2, 15, 15)], 60)).toEqual(["0..1: 1", "15..16: 2"]);
});

it("a second is not divided, however many there are", () => {
  expect(slicesOf([batch(1, 0, 0, 9_999), batch(2, 0, 0, 9_999)], 100)).toEqual(["0..1: 1 2"]);
});

it("nothing has none", () => {
  expect(slicesOf([], 100)).toEqual([]);
});
