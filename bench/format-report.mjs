// The figures of formats as tables.

import { countText, secondsText, table } from "./table.mjs";

export function formatText(measured) {
  const rows = measured.map(({ name, unit, target, bytes, reports, plain, imported, projected }) => {
    const size = `${countText(Math.round(bytes / 1e6))} MB, ${countText(reports)}`;
    const goal = target === null ? "" : `≥ ${rateText(target, unit)}`;
    const [least, ours] = [best(plain), best(imported)];
    const rate = (unit === "bytes" ? bytes : reports) / ours;
    const times = [least, ours, projected.seconds].map(secondsText);
    const verdict = target === null ? "" : rate >= target ? "yes" : "no";
    const peaks = [Math.max(...imported.map(({ peakBytes }) => peakBytes)), projected.peakBytes].map(megabytes);
    return [name, size, ...times, (ours / least).toFixed(1), rateText(rate, unit), goal, verdict, ...peaks];
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
  return table([...head, "holds", "memory", "memory with views"], rows);
}

export function formatMemoryText(measured, mostBytes) {
  const rows = measured.map(({ name, bytes, seconds, peakBytes }) => {
    const size = `${countText(Math.round(bytes / 1e6))} MB`;
    const goal = `≤ ${megabytes(mostBytes)}`;
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
