import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { captured, pcapFile } from "../../../engine/test/support/capture-file.js";
import { bytesOf, ethernet, icmp, ipv4, ipv6, payload, tcp, u16, udp } from "../../../engine/test/support/frames.js";
import { conntrail, newCase, temporaryDirectory } from "../support/conntrail.js";

const there = { source: "10.0.0.5", destination: "93.184.216.34" };
const back = { source: there.destination, destination: there.source };
const ask = (flags: string, sequence: number, acknowledgement: number, length = 0) =>
  ipv4(there, tcp({ destinationPort: 80, flags, sequence, acknowledgement, payload: payload(length) }));
const reply = (flags: string, sequence: number, acknowledgement: number, length = 0) => {
  const ports = { sourcePort: 80, destinationPort: 50_000 };
  return ipv4(back, tcp({ ...ports, flags, sequence, acknowledgement, payload: payload(length) }));
};
const v6 = { source: "2002:a00:5::1", destination: "2001:db8::9" };

/** Milliseconds after 22:13:20, and what was captured then. */
const traffic: readonly (readonly [number, Uint8Array])[] = [
  [0, ask("S", 100, 0)],
  [10, reply("SA", 500, 101)],
  [20, ask("A", 101, 501)],
  [30, ask("PA", 101, 501, 20)],
  [40, reply("PA", 501, 121, 70)],
  [50, ipv4(there, icmp(8, 0, bytesOf(u16(1), u16(1), payload(56))))],
  [60, ipv4(back, icmp(0, 0, bytesOf(u16(1), u16(1), payload(56))))],
  [70, ipv6(v6, udp({ payload: payload(33) }))],
];

const checksumOff = ask("PA", 101, 501, 5);
checksumOff[36]! ^= 1;

function capture(frames: readonly (readonly [number, Uint8Array])[]): string {
  const path = join(temporaryDirectory(), "capture.pcap");
  const records = frames.map(([millis, packet]) => captured(ethernet(packet), { fraction: millis * 1000 }));
  writeFileSync(path, pcapFile(records));
  return path;
}

function imported(frames: readonly (readonly [number, Uint8Array])[], ...options: readonly string[]): string {
  const directory = newCase();
  expect(conntrail(["import", capture(frames), "--case", directory, ...options]).code).toBe(0);
  return directory;
}

function log(directory: string, ...options: readonly string[]) {
  return conntrail(["flows", "-o", "zeek", "--case", directory, ...options]);
}

/** Lines by Zeek's field names. */
function rows(out: string): Record<string, string>[] {
  const lines = out.split("\n");
  const names = lines
    .find((line) => line.startsWith("#fields"))!
    .split("\t")
    .slice(1);
  const data = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return data.map((line) => Object.fromEntries(line.split("\t").map((value, index) => [names[index]!, value])));
}

describe("flows -o zeek", () => {
  const directory = imported(traffic);
  const sent = imported([...traffic.slice(0, 3), [30, checksumOff]]);
  const twice = imported(traffic.slice(0, 3), "--interface", "one");
  conntrail(["import", capture(traffic.slice(0, 4)), "--case", twice, "--interface", "two"]);

  test("writes the conn.log that Zeek writes of the same packets, without any topology", () => {
    const ran = log(directory);
    expect(ran.code).toBe(0);
    expect(ran.out.replace(/\tC[0-9A-Za-z]+\t/g, "\tC…\t").split("\n")).toEqual([
      "#separator \\x09",
      "#set_separator\t,",
      "#empty_field\t(empty)",
      "#unset_field\t-",
      "#path\tconn",
      "#open\t2023-11-14-22-13-20",
      "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\tip_proto\tcommunity_id",
      "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]\tcount\tstring",
      "1700000000.000000\tC…\t10.0.0.5\t50000\t93.184.216.34\t80\ttcp\t-\t0.040000\t20\t70\tS1\tT\tF\t0\tShADd\t3\t140\t2\t150\t-\t6\t1:aV41qoW4O39Icy5NzHswkoTp8Hc=",
      "1700000000.050000\tC…\t10.0.0.5\t8\t93.184.216.34\t0\ticmp\t-\t0.010000\t56\t56\tOTH\tT\tF\t0\t-\t1\t84\t1\t84\t-\t1\t1:6yMJObON3qEpDVe/ElPjxG30m2U=",
      "1700000000.070000\tC…\t2002:a00:5::1\t50000\t2001:db8::9\t53\tudp\t-\t-\t-\t-\tS0\tT\tT\t0\tD\t1\t81\t0\t0\t-\t17\t1:Ui8HHI1P7eY0HNATQZtKChV0rvg=",
      "#close\t2023-11-14-22-13-20",
      "",
    ]);
  });

  test("is the same every time", () => {
    expect(log(directory).out).toBe(log(directory).out);
  });

  test("tells those that are asked for", () => {
    const ports = (...options: readonly string[]) =>
      rows(log(directory, ...options).out).map((row) => row["id.resp_p"]);
    expect(ports("--to", "93.184.216.34:80")).toEqual(["80"]);
    expect(ports("--from", "2002:a00:5::1")).toEqual(["53"]);
    expect(ports("--since", "2023-11-14T22:13:20.045Z")).toEqual(["0", "53"]);
    expect(ports("--until", "2023-11-14T22:13:20.070Z")).toEqual(["80", "0"]);
    expect(ports("--at", "2023-11-14T22:13:20.055Z")).toEqual(["0"]);
  });

  test("prints nothing where there is no connection, and so does Zeek", () => {
    const ran = log(directory, "--to", "192.0.2.1");
    expect([ran.code, ran.out]).toEqual([0, ""]);
  });

  test("has a line for each place of capture", () => {
    const histories = (...options: readonly string[]) => rows(log(twice, ...options).out).map(({ history }) => history);
    expect(histories().sort()).toEqual(["ShA", "ShAD"]);
    expect(histories("--interface", "Two")).toEqual(["ShAD"]);
  });

  test("counts wrong checksums where they are to be ignored", () => {
    const told = (...options: readonly string[]) =>
      rows(log(sent, ...options).out).map(({ history, orig_pkts }) => `${history} ${orig_pkts}`);
    expect(told()).toEqual(["ShAC 2"]);
    expect(told("--ignore-checksums")).toEqual(["ShAD 3"]);
  });

  test("is what --ignore-checksums goes with", () => {
    const { code, err } = conntrail(["flows", "--case", sent, "--ignore-checksums"]);
    expect([code, err]).toEqual([2, "conntrail: --ignore-checksums goes with -o zeek\n"]);
  });
});
