// The figures of scale as tables, each beside its target and how it was taken.

import { missingPeers } from "./peers.mjs";
import { countText, secondsText, table } from "./table.mjs";

const yardstick = "nfpcapd";

export function scaleText(size, measured) {
  const { taken, captureBytes } = measured;
  const missing = missingPeers();
  const leftOut = missing.length === 0 ? "" : ` Not installed, so left out: ${missing.join(", ")}.`;
  const about = `${sizeText(size)}, a capture of ${megabytes(captureBytes)}, four interfaces with fifty rules at each gate. Readers ran in turns.${leftOut}`;
  const readers = [...taken].map(([name, runs]) => [
    name,
    secondsText(best(runs, "seconds")),
    secondsText(median(runs, "seconds")),
    secondsText(best(runs, "processor")),
    megabytes(peakOf(runs)),
    String(runs.length),
  ]);
  return [
    about,
    "",
    table(["reader", "best", "median", "processor, best", "peak memory", "runs"], readers),
    "",
    table(["what", "figure", "target", "holds", "how"], scaleRows(size, measured)),
  ].join("\n");
}

function scaleRows({ packets }, measured) {
  const { taken, logBytes, states, reasons, reasonCommands, fold, replay, projection, workers } = measured;
  const [imported, projected] = ["import", "import and projection"].map((name) => taken.get(name));
  const share = (runs) =>
    ratio(best(runs, "seconds"), taken.has(yardstick) ? best(taken.get(yardstick), "seconds") : null);
  return [
    row("import ÷ nfpcapd", share(imported), atMost(0.35), "a process that fills the log and no view, best ÷ best"),
    row("import and projection ÷ nfpcapd", share(projected), atMost(0.7), "`conntrail import`, best ÷ best"),
    row("log, bytes a packet", logBytes / packets, atMost(12), "`log.db`"),
    row("peak memory, MB", peakOf(projected) / 1e6, atMost(400), "VmHWM of `conntrail import`"),
    ...timeRows("`at` a random instant", states, 0.1, "in process"),
    ...timeRows("`why` of a known flow", reasons, 0.02, "in process"),
    ...timeRows("`why` as a command", reasonCommands, 0.3, "a process each"),
    row("log replayed under other rules, M packets/s", replay / 1e6, atLeast(3), "as `linux`, no views, best"),
    row(
      "late rule edit ÷ full projection",
      projection.late / projection.whole,
      atMost(0.05),
      `${secondsText(projection.late)} ÷ ${secondsText(projection.whole)}, the edit before the last hundredth of the time`,
    ),
    row(
      "fold with two workers: times as fast as with one",
      workers.apart.one / workers.apart.two,
      atLeast(1.6),
      `${secondsText(workers.apart.one)} and ${secondsText(workers.apart.two)}; four captures, each of one interface; no views`,
    ),
    row(
      "the same, one capture of all four",
      workers.shared.one / workers.shared.two,
      atLeast(1.6),
      `${secondsText(workers.shared.one)} and ${secondsText(workers.shared.two)}`,
    ),
    ["fold in one thread, M packets/s", (fold / 1e6).toFixed(2), "", "", "no views"],
  ];
}

/** `measured`: of each title. `base`: p95 of `at` at the size of the issue. */
export function extremesText(sizes, measured, base) {
  const rows = Object.entries(sizes).flatMap(([title, size]) => {
    const { taken, states } = measured[title];
    const memory = row(
      `${title}: peak memory, MB`,
      taken.peakBytes / 1e6,
      atMost(size.memoryMegabytes),
      sizeText(size),
    );
    const importTime = [
      `${title}: import and projection`,
      secondsText(taken.seconds),
      "",
      "",
      "`conntrail import`, once",
    ];
    const isLonger = size.alive === base.alive;
    const state = row(
      `${title}: p95 of \`at\` ÷ that above`,
      quantile(states, 0.95) / quantile(base.states, 0.95),
      atMost(1.5),
      `${states.length} asked`,
    );
    return isLonger ? [memory, importTime, state] : [memory, importTime];
  });
  return table(["what", "figure", "target", "holds", "how"], rows);
}

function timeRows(title, times, target, how) {
  const asked = `${how}; ${times.length} asked`;
  return [
    [`${title}, median`, secondsText(quantile(times, 0.5)), "", "", asked],
    [
      `${title}, p95`,
      secondsText(quantile(times, 0.95)),
      `≤ ${target * 1000} ms`,
      quantile(times, 0.95) <= target ? "yes" : "no",
      asked,
    ],
  ];
}

/** `figure`: null where there was nothing to compare with. */
function row(title, figure, { target, holds }, how) {
  if (figure === null) return [title, "", target, "", how];
  return [title, figure.toFixed(2), target, holds(figure) ? "yes" : "no", how];
}

const atMost = (bound) => ({ target: `≤ ${bound}`, holds: (figure) => figure <= bound });
const atLeast = (bound) => ({ target: `≥ ${bound}`, holds: (figure) => figure >= bound });

function ratio(ours, theirs) {
  return theirs === null ? null : ours / theirs;
}

function sizeText({ packets, flows, alive }) {
  return `${countText(packets)} packets, ${countText(flows)} flows, ${countText(alive)} alive at once`;
}

function megabytes(bytes) {
  return `${countText(Math.round(bytes / 1e6))} MB`;
}

function peakOf(runs) {
  return Math.max(...runs.map(({ peakBytes }) => peakBytes));
}

function best(runs, what) {
  return Math.min(...runs.map((run) => run[what]));
}

function median(runs, what) {
  const sorted = runs.map((run) => run[what]).sort((a, b) => a - b);
  return quantile(sorted, 0.5);
}

function quantile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
