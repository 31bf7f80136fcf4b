// All benchmarks, seeded, in one run. `node bench/run.mjs` writes bench/RESULTS.md; `--smoke` runs small and writes
// nothing; names of topics (`scale`, `extremes`, `formats`, `traffic`, `verdicts`, `reported`, `history`) run these alone,
// and write nothing.

import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { formatMemoryText, formatText } from "./format-report.mjs";
import { logFormats, measureFormatMemory, measureFormats } from "./formats.mjs";
import { measureHistory } from "./history.mjs";
import { measureReported } from "./reported.mjs";
import { measureExtreme, measureScale } from "./scale.mjs";
import { extremesText, scaleText } from "./scale-report.mjs";
import { countText, secondsText, table } from "./table.mjs";
import { measureTraffic } from "./traffic.mjs";
import { measureVerdicts } from "./verdicts.mjs";

const words = process.argv.slice(2);
const smoke = words.includes("--smoke");
const seed = 20_261_121;
const runs = smoke ? 1 : 5;
const scaleRuns = smoke ? { runs: 1, asks: 2 } : { runs: 3, asks: 200 };
const topics = { scale, extremes, formats, traffic, verdicts, reported, history };
const named = words.filter((word) => word !== "--smoke");
if (named.some((word) => !(word in topics))) {
  console.error(`usage: node bench/run.mjs [--smoke] [${Object.keys(topics).join("|")}]…`);
  process.exit(2);
}

const load = loadavg()[0].toFixed(1);
const platform = `Node ${process.versions.node}, ${cpus().length} cores, load ${load} at the beginning`;
const wanted = named.length === 0 ? Object.keys(topics) : named;
const sections = [];
for (const topic of wanted) sections.push(await topics[topic]());
const text = [
  "# Results",
  "",
  `\`node bench/run.mjs\`: seed ${seed}, best of ${runs}, ${platform}.`,
  ...sections,
  "",
].join("\n");
console.log(text);
if (!smoke && named.length === 0) writeFileSync(new URL("RESULTS.md", import.meta.url), text);

async function scale() {
  const size = scaleSize();
  return section("Scale", scaleText(size, await measureScale(size, scaleRuns)));
}

/** Beside the state at random instants of the size above, asked again. */
async function extremes() {
  const many = smoke
    ? { packets: 40_000, flows: 5_200, alive: 4_000 }
    : { packets: 10_000_000, flows: 1_300_000, alive: 1_000_000 };
  const long = smoke
    ? { packets: 60_000, flows: 3_600, alive: 120 }
    : { packets: 50_000_000, flows: 3_000_000, alive: 20_000 };
  const sizes = {
    "many alive": { seed, ...many, memoryMegabytes: 1_200 },
    "ten times as long": { seed, ...long, memoryMegabytes: 400 },
  };
  const base = { ...scaleSize(), ...(await measureExtreme(scaleSize(), scaleRuns)) };
  const measured = {};
  for (const [title, size] of Object.entries(sizes)) measured[title] = await measureExtreme(size, scaleRuns);
  return section("Extremes of scale", "Each imported once.", extremesText(sizes, measured, base));
}

function scaleSize() {
  const size = smoke
    ? { packets: 30_000, flows: 1_800, alive: 120 }
    : { packets: 5_000_000, flows: 300_000, alive: 20_000 };
  return { seed, ...size };
}

/** The large files are for memory alone: imported once. */
async function formats() {
  const size = smoke ? { bytes: 200_000, largeBytes: 400_000 } : { bytes: 200_000_000, largeBytes: 2_000_000_000 };
  const measured = await measureFormats({ seed, bytes: size.bytes, runs: scaleRuns.runs });
  const largeFormats = smoke ? logFormats.slice(0, 1) : logFormats;
  const large = await measureFormatMemory({ seed, bytes: size.largeBytes, formats: largeFormats });
  return section(
    "Formats",
    "Logs of the clouds, and of other sensors, each one file. *Plain*: a process that reads the file and calls `JSON.parse`, or cuts it into lines. *Import*: a process that fills the log and no view, best of runs in turns, and what the targets are on; *with views*: `conntrail import`, once.",
    formatText(measured),
    "The memory of `conntrail import` on large files, each imported once:",
    formatMemoryText(large, 400e6),
  );
}

async function traffic() {
  const packets = smoke ? 20_000 : 1_000_000;
  const { best, bytes } = await measureTraffic({ seed, packets, runs });
  const [bare] = best.values();
  const rows = [...best].map(([title, seconds]) => {
    const rate = `${(packets / seconds / 1e6).toFixed(2)} M/s`;
    return [title, secondsText(seconds), rate, (seconds / bare).toFixed(1)];
  });
  return section(
    "Traffic",
    `${countText(packets)} packets, stored in ${(bytes / packets).toFixed(2)} bytes each. The last column is the time as a multiple of the bare loop's.`,
    table(["step", "time", "packets", "× bare loop"], rows),
  );
}

function verdicts() {
  const size = smoke
    ? { rules: 60, tags: 40, prefixes: 900, tuples: 4_000 }
    : { rules: 1_000, tags: 3_000, prefixes: 90_000, tuples: 200_000 };
  const { seconds, bytes, named, rates } = measureVerdicts({ seed, runs, ...size });
  const perSecond = (rate) => [`${(rate / 1e6).toFixed(3)} M/s`, `${(rate / rates.plain).toFixed(0)} ×`];
  const rows = [
    ["compile", secondsText(seconds), "", "≤ 1 s"],
    ["compiled form", `${(bytes / 2 ** 20).toFixed(1)} MiB`, "", "≤ 64 MiB"],
    ["verdicts from words", ...perSecond(rates.words), "≥ 3 M/s"],
    ["verdicts from tuples", ...perSecond(rates.tuples), ""],
    ["verdicts, plain evaluator", ...perSecond(rates.plain), ""],
  ];
  return section(
    "Rule sets",
    `${countText(size.rules)} rules of one direction, a third of them with service tags from a list of ${countText(size.prefixes)} prefixes in ${countText(size.tags)} tags; the rules name ${countText(named)} of the prefixes. ${countText(size.tuples)} packets, one core.`,
    table(["", "figure", "÷ plain", "target"], rows),
  );
}

function reported() {
  const size = { rules: 50, edits: 20, reports: smoke ? 20_000 : 2_000_000 };
  const { tuples, windows } = measureReported({ seed, runs: Math.min(runs, 3), ...size });
  const rowOf = (name, { rate, records }) => [name, countText(records), `${(rate / 1e6).toFixed(3)} M/s`, "≥ 0.3 M/s"];
  return section(
    "Reports",
    `${countText(size.reports)} reports of one interface behind ${size.rules} rules and ${size.edits} edits, folded and held against them; one core, nothing written.`,
    table(
      ["log", "records", "reports", "target"],
      [rowOf("tuples of Azure", tuples), rowOf("windows of AWS", windows)],
    ),
  );
}

function history() {
  const size = smoke ? { rules: 40, edits: 300, asks: 50 } : { rules: 1_000, edits: 10_000, asks: 2_000 };
  const { built, versions, median, p95, worst } = measureHistory({ seed, runs, ...size });
  const rows = [
    ["history built", secondsText(built), "≤ 1 s"],
    ["rule set at a random instant, median", secondsText(median), "≤ 1 ms"],
    ["p95", secondsText(p95), "≤ 1 ms"],
    ["worst", secondsText(worst), ""],
  ];
  return section(
    "Policy history",
    `${countText(size.edits)} edits of ${countText(size.rules)} rules over a year, two records each: ${countText(versions)} versions. ${countText(size.asks)} instants.`,
    table(["", "figure", "target"], rows),
  );
}

function section(title, ...parts) {
  return ["", `## ${title}`, ...parts.flatMap((part) => ["", part])].join("\n");
}
