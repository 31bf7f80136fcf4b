import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { conntrail, exampleEvidence, newCase, temporaryDirectory } from "../support/conntrail.js";
import { webRow, type ZeekRow, zeekFields, zeekLog } from "../support/zeek-log.js";

const publicCaptures = fileURLToPath(new URL("../../../../../shared/evidence/pcap", import.meta.url));

function written(content: string, name = "conn.log"): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

function caseOf(...args: readonly string[]): string {
  const directory = newCase();
  conntrail(["import", ...args, "--case", directory]);
  return directory;
}

function logOf(directory: string, ...options: readonly string[]): string {
  const { code, out } = conntrail(["flows", "-o", "zeek", "--case", directory, ...options]);
  expect(code).toBe(0);
  return out;
}

/** Lines without the header, and of each what stands in this field. */
function fieldOf(name: string, log: string): string[] {
  const names = log
    .split("\n")
    .find((line) => line.startsWith("#fields"))!
    .split("\t")
    .slice(1);
  const lines = log.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.split("\t")[names.indexOf(name)]!);
}

const row = (uid: string, ts: number, more: ZeekRow = {}): ZeekRow => ({ ...webRow, uid, ts: `${ts}.000000`, ...more });

describe("what `flows -o zeek` wrote", () => {
  test("gives the same log, line for line, once it is imported", () => {
    const log = logOf(caseOf(join(exampleEvidence, "capture.pcap")));
    expect(fieldOf("uid", log).length).toBeGreaterThan(100);
    expect(logOf(caseOf(written(log)))).toBe(log);
  });

  test.skipIf(!existsSync(publicCaptures))("does so for public captures of all kinds (where their folder is)", () => {
    const log = logOf(caseOf(publicCaptures));
    expect(fieldOf("uid", log).length).toBeGreaterThan(300);
    expect(logOf(caseOf(written(log)))).toBe(log);
  });
});

describe("a Zeek's own log", () => {
  test("is written as it was reported, in the fields of Zeek 7.1; what it lacked and follows is added", () => {
    const fields = zeekFields.filter(([name]) => name !== "ip_proto");
    const rows = [
      row("C1", 1773828300, { service: "a\\x09b", tunnel_parents: "C7,C8", history: "-" }),
      row("C2", 1773828301, { duration: "-", orig_bytes: "-", resp_bytes: "-", orig_pkts: "-" }),
      row("C3", 1773828302, { duration: "0.000000", proto: "unknown_transport", "id.orig_p": "0", "id.resp_p": "0" }),
      row("C4", 1773828303, { proto: "icmp", "id.orig_p": "0", "id.resp_p": "8", tunnel_parents: "(empty)" }),
    ];
    const log = logOf(caseOf(written(zeekLog(rows, fields))));
    for (const [name] of fields) expect([name, fieldOf(name, log)]).toEqual([name, rows.map((row) => row[name])]);
    expect(fieldOf("ip_proto", log)).toEqual(["6", "6", "-", "1"]);
    expect(fieldOf("community_id", log).map((id) => id.slice(0, 2))).toEqual(["1:", "1:", "-", "1:"]);
  });

  test("keeps the order of its lines, and stands beside others by when connections were over", () => {
    const one = zeekLog([row("C1", 1773828300), row("C3", 1773828290), row("C5", 1773828310)]);
    const other = zeekLog([row("C2", 1773828300), row("C4", 1773828305)]);
    const [a, b] = [written(one, "a.log"), written(other, "b.log")];
    const uids = (directory: string) => fieldOf("uid", logOf(directory)).map((uid) => uid);
    expect(uids(caseOf(a))).toEqual(["C1", "C3", "C5"]);
    expect(uids(caseOf(a, b)).at(-1)).toBe("C5");
    expect(uids(caseOf(a, b))).toEqual(uids(caseOf(b, a)));
  });

  test("that stands in several files has each connection once", () => {
    const whole = zeekLog([row("C1", 1773828300), row("C2", 1773828301), row("C3", 1773828302)]);
    const part = zeekLog([row("C2", 1773828301), row("C3", 1773828302), row("C4", 1773828303)]);
    const directory = caseOf(written(whole + whole), written(part));
    expect(fieldOf("uid", logOf(directory))).toEqual(["C1", "C2", "C3", "C4"]);
  });

  test("stands beside connections of packets, and is picked as they are", () => {
    const early = written(zeekLog([row("C1", 1773828300)]));
    const directory = caseOf(join(exampleEvidence, "capture.pcap"));
    const before = fieldOf("uid", logOf(directory));
    conntrail(["import", early, "--case", directory, "--interface", "tap"]);
    const uids = (...options: readonly string[]) => fieldOf("uid", logOf(directory, ...options));
    expect(uids()).toHaveLength(before.length + 1);
    expect(uids().filter((uid) => uid !== "C1")).toEqual(before);
    expect(uids("--interface", "Tap")).toEqual(["C1"]);
    expect(uids("--from", "203.0.113.7:51514", "--to", "10.1.0.4:443/tcp")).toEqual(["C1"]);
    expect(logOf(directory, "--interface", "tap", "--until", "2026-03-18T10:05:00Z")).toBe("");
    expect(uids("--at", "2026-03-18T10:05:12Z", "--interface", "tap")).toEqual(["C1"]);
  });
});
