// The figures of formats as tables.

import { countText, secondsText, table } from "./table.mjs";

export function formatText(measured) {
  const rows = measured.map(({ name, unit, target, bytes, reports, taken }) => {
    const size = `${countText(Math.round(bytes / 1e6))} MB, ${countText(reports)}`;
    const goal = target === null ? "" : `≥ ${rateText(target, unit)}`;
    if (taken === null) return [name, size, "", "", "", "", "", goal, "not read yet", ""];
    const [plain, imported, projected] = ["plain", "imported", "projected"].map((reader) => best(taken[reader]));
    const rate = (unit === "bytes" ? bytes : reports) / imported;
    const times = [plain, imported, projected].map(secondsText);
    const peak = Math.max(...taken.projected.map(({ peakBytes }) => peakBytes));
    const verdict = target === null ? "" : rate >= target ? "yes" : "no";
    return [name, size, ...times, (imported / plain).toFixed(1), rateText(rate, unit), goal, verdict, megabytes(peak)];
  });
  const head = [
    "format",
    "size, records",
    "plain",
    "import",
    "with views",
    "import ÷ plain",
    "rate of import",
    "target",
  ];
  return table([...head, "holds", "peak memory"], rows);
}

export function formatMemoryText(measured, mostBytes) {
  const rows = measured.map(({ name, bytes, taken }) => {
    const size = `${countText(Math.round(bytes / 1e6))} MB`;
    const goal = `≤ ${megabytes(mostBytes)}`;
    if (taken === null) return [name, size, "", "", goal, "not read yet"];
    const { seconds, peakBytes } = taken;
    return [name, size, secondsText(seconds), megabytes(peakBytes), goal, peakBytes <= mostBytes ? "yes" : "no"];
  });
  return table(["format", "size", "with views", "peak memory", "target", "holds"], rows);
}

function best(runs) {
  return Math.min(...runs.map(({ seconds }) => seconds));
}

function rateText(rate, unit) {
  return unit === "bytes" ? `${(rate / 1e6).toFixed(0)} MB/s` : `${countText(Math.round(rate))} ${unit}/s`;
}

function megabytes(bytes) {
  return `${countText(Math.round(bytes / 1e6))} MB`;
}
