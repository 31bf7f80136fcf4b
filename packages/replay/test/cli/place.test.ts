import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  conntrail,
  exampleEvidence,
  exampleTakenAt,
  json,
  ndjson,
  newCase,
  temporaryDirectory,
} from "../support/conntrail.js";

const capture = readFileSync(join(exampleEvidence, "capture.pcap"));
const others = ["activity-log.jsonl", "nsg-web.json", "vm1-nic.json", "vnet-prod.json"].map((name) =>
  join(exampleEvidence, name),
);

/** Frames `from` to `to` of the example as a capture of their own. */
function part(from: number, to: number): string {
  const frames: Buffer[] = [capture.subarray(0, 24)];
  for (let [at, frame] = [24, 1]; at < capture.length && frame < to; frame++) {
    const next = at + 16 + capture.readUInt32LE(at + 8);
    if (frame >= from) frames.push(capture.subarray(at, next));
    at = next;
  }
  const path = join(temporaryDirectory(), `frames-${from}.pcap`);
  writeFileSync(path, Buffer.concat(frames));
  return path;
}

function imported(captures: readonly string[], options: readonly string[]) {
  const directory = newCase();
  const ran = conntrail([
    "import",
    ...captures,
    ...others,
    "--case",
    directory,
    "--taken-at",
    exampleTakenAt,
    ...options,
  ]);
  const flows = ndjson<Record<string, unknown>>(conntrail(["flows", "--case", directory, "-o", "ndjson"]));
  const counters = flows.map(
    ({ source, source_port, destination_port, packets_forward, bytes_backward, state, interface_name }) =>
      JSON.stringify({ source, source_port, destination_port, packets_forward, bytes_backward, state, interface_name }),
  );
  return { directory, ran, counters: counters.sort() };
}

describe("the place of capture", () => {
  const whole = imported([join(exampleEvidence, "capture.pcap")], []);

  test("rotated files of one interface are one place: their flow records are those of the whole", () => {
    const rotated = imported([part(1500, 1e9), part(1, 1500)], ["--interface", "vm1-nic"]);
    expect(rotated.ran.code).toBe(0);
    expect(rotated.counters).toEqual(whole.counters);
  });

  test("without --interface each file is a place of its own, and a connection over two files is two records", () => {
    const rotated = imported([part(1, 1500), part(1500, 1e9)], []);
    expect(rotated.counters.length).toBeGreaterThan(whole.counters.length);
  });

  test("captures of one interface that overlap in time are told", () => {
    const { ran } = imported([part(1, 1600), part(1500, 1e9)], ["--interface", "vm1-nic"]);
    expect(ran.err).toMatch(/frames-1\.pcap and .*frames-1500\.pcap were both taken at vm1-nic and overlap in time/);
  });

  test("an interface that nobody has seen judges nothing, and keeps flow records", () => {
    const { directory, counters } = imported([join(exampleEvidence, "capture.pcap")], ["--interface", "not-known"]);
    expect(counters.length).toBeGreaterThan(50);
    const verdicts = ndjson<{ verdict: string }>(conntrail(["verdicts", "--case", directory, "-o", "ndjson"]));
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["none"]));
  });

  test("a capture alone is a case: flow records, and no verdicts", () => {
    const directory = newCase();
    conntrail(["import", join(exampleEvidence, "capture.pcap"), "--case", directory]);
    expect(ndjson(conntrail(["flows", "--case", directory, "-o", "ndjson"])).length).toBeGreaterThan(100);
    const why = conntrail(["why", "203.0.113.7", "10.1.0.4:22/tcp", "--case", directory, "-o", "json"]);
    expect(why.code).toBe(3);
    expect(json<{ verdict: string }>(why).verdict).toBe("none");
  });
});

describe("--known-at", () => {
  test("answers from what the log held then", () => {
    const directory = newCase();
    const run = (names: readonly string[]) =>
      conntrail(["import", ...names, "--case", directory, "--taken-at", exampleTakenAt]);
    run([join(exampleEvidence, "capture.pcap"), ...others.slice(1)]);
    const head = ndjson<{ position: number }>(conntrail(["log", "--case", directory, "-o", "ndjson"])).at(-1)!.position;
    run([others[0]!]);
    const at = ["--at", "2026-11-21T04:55:00Z", "--case", directory, "-o", "json"];
    const verdict = (options: readonly string[]) =>
      json<{ verdict: string }>(conntrail(["why", "203.0.113.7", "10.1.0.4:22/tcp", "--new", ...at, ...options]))
        .verdict;
    expect(verdict([])).toBe("allow");
    expect(verdict(["--known-at", `@${head}`])).toBe("deny");
  });
});
