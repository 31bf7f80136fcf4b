import { formatAddress, noFlags, notCounted, parseInstant, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { suricataEve } from "../../src/importers/suricata-eve.js";
import { readWith } from "../support/importing.js";

const flow = {
  timestamp: "2026-03-18T11:06:30.100000+0100",
  flow_id: 586497171462735,
  in_iface: "eth0",
  event_type: "flow",
  src_ip: "203.0.113.7",
  src_port: 51514,
  dest_ip: "10.1.0.4",
  dest_port: 443,
  proto: "TCP",
  app_proto: "tls",
  flow: {
    pkts_toserver: 9,
    pkts_toclient: 8,
    bytes_toserver: 1123,
    bytes_toclient: 4642,
    start: "2026-03-18T11:05:00.000125+0100",
    end: "2026-03-18T11:05:12.250126+0100",
    age: 12,
    state: "closed",
    reason: "timeout",
    alerted: false,
  },
  tcp: { tcp_flags: "1b", tcp_flags_ts: "1b", tcp_flags_tc: "1a", syn: true, state: "closed" },
};
const { flow: _, ...around } = flow;
const netflow = {
  ...around,
  event_type: "netflow",
  netflow: { pkts: 9, bytes: 1123, start: flow.flow.start, end: flow.flow.end, age: 12, min_ttl: 60, max_ttl: 64 },
};
const alert = {
  ...around,
  event_type: "alert",
  alert: { signature_id: 1 },
  flow: { pkts_toserver: 3, start: flow.flow.start },
};

const text = (...events: readonly unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");
const read = (...events: readonly unknown[]) => readWith(suricataEve, text(...events));

function ends({ flow }: ReportedFlow): string {
  const address = (at: number) => formatAddress([...flow.words.slice(at, at + 4)] as [number, number, number, number]);
  return `${address(0)}:${flow.sourcePort} ${address(4)}:${flow.destinationPort} ${flow.protocol}/${flow.icmp}`;
}

describe("an event of Suricata", () => {
  test("that tells of a flow is a report of a whole connection", async () => {
    const { reports, problems, notes } = await read(flow);
    expect([reports.length, problems, notes]).toEqual([1, [], []]);
    expect(ends(reports[0]!)).toBe("203.0.113.7:51514 10.1.0.4:443 6/0");
    expect(reports[0]).toMatchObject({
      kind: "connection",
      time: parseInstant("2026-03-18T10:05:00.000125Z")!.time,
      lastTime: parseInstant("2026-03-18T10:05:12.250126Z")!.time,
      verdict: null,
      direction: null,
      rule: "",
      sensor: '{"interface":null,"kind":"suricata","mac":null,"resource":null}',
      packetsForward: 9,
      bytesForward: 1123,
      packetsBackward: 8,
      bytesBackward: 4642,
      flags: 0x1b,
      record: 1,
      offset: 0,
    });
    expect(JSON.parse(reports[0]!.detail)).toEqual({
      timestamp: flow.timestamp,
      flow_id: flow.flow_id,
      in_iface: "eth0",
      app_proto: "tls",
      flow: { age: 12, state: "closed", reason: "timeout", alerted: false },
      tcp: flow.tcp,
    });
  });

  test("of netflow tells what passed one way", async () => {
    const { reports } = await read(netflow);
    expect(reports[0]).toMatchObject({
      kind: "window",
      packetsForward: 9,
      bytesForward: 1123,
      packetsBackward: notCounted,
    });
    expect(JSON.parse(reports[0]!.detail).netflow).toEqual({ age: 12, min_ttl: 60, max_ttl: 64 });
  });

  const { src_port: __, dest_port: ___, tcp: ____, ...portless } = flow;
  test.each([
    ["a ping", { proto: "ICMP", icmp_type: 8, icmp_code: 0, response_icmp_type: 0 }, "203.0.113.7:0 10.1.0.4:0 1/2048"],
    ["an error", { proto: "ICMP", icmp_type: 3, icmp_code: 13 }, "203.0.113.7:0 10.1.0.4:0 1/781"],
    [
      "ICMPv6",
      { proto: "IPv6-ICMP", src_ip: "fe80::1", dest_ip: "ff02::2", icmp_type: 133 },
      "fe80::1:0 ff02::2:0 58/34048",
    ],
    ["a protocol without ports", { proto: "GRE" }, "203.0.113.7:0 10.1.0.4:0 47/0"],
    ["a protocol by number", { proto: "099" }, "203.0.113.7:0 10.1.0.4:0 99/0"],
    ["a protocol that nobody numbers", { proto: "failed" }, "203.0.113.7:0 10.1.0.4:0 255/0"],
  ])("of %s", async (_, more, told) => {
    const { reports } = await read({ ...portless, ...more });
    expect(reports.map(ends)).toEqual([told]);
    expect(reports[0]!.flags).toBe(noFlags);
  });
});

describe("an eve.json", () => {
  test("has other events, which are counted by type", async () => {
    const { reports, notes } = await read(alert, flow, { event_type: "dns" }, { event_type: "stats" }, alert);
    expect(reports.map(({ record }) => record)).toEqual([2]);
    expect(notes).toEqual(["other events are left out: 2 alert, 1 dns, 1 stats"]);
  });

  test("without flow events says how to have them", async () => {
    const { reports, notes } = await read(alert);
    expect(reports).toEqual([]);
    expect(notes[0]).toBe("it has no flow events: switch `flow` on among the types of `eve-log` in suricata.yaml");
  });

  test("with both kinds says that they tell of the same traffic", async () => {
    expect((await read(flow, netflow)).notes).toEqual([
      "1 netflow events tell of the same traffic as the 1 flow events",
    ]);
  });

  test("without zones is read as UTC, with a note", async () => {
    const times = { start: "2026-03-18T10:05:00.000125", end: "2026-03-18T10:05:12.250126" };
    const { reports, notes } = await read({ ...flow, flow: { ...flow.flow, ...times } });
    expect([reports[0]!.time, notes.length]).toEqual([parseInstant("2026-03-18T10:05:00.000125Z")!.time, 1]);
  });

  test.each([
    ["no address in `src_ip`", { ...flow, src_ip: "vm1" }],
    ["no port in `dest_port`", { ...flow, dest_port: 70000 }],
    ["no time in `flow.start`", { ...flow, flow: { ...flow.flow, start: "soon" } }],
    ["no count in `flow.bytes_toserver`", { ...flow, flow: { ...flow.flow, bytes_toserver: "many" } }],
    ["no `flow` in the event", around],
    ["no event of Suricata", { src_ip: "10.1.0.4" }],
  ])("with bad events in the middle (%s) keeps the others and names the first", async (what, bad) => {
    const { reports, problems } = await read(flow, bad, { ...flow, flow_id: 2 }, bad);
    expect([reports.map(({ record }) => record), problems.length]).toEqual([[1, 3], 1]);
    expect(problems[0]).toMatchObject({ kind: "malformed", record: 2, message: expect.stringContaining(what) });
  });

  test("is read with a byte order mark and CRLF, doubled, and cut at its end", async () => {
    const lines = text(flow, alert).replaceAll("\n", "\r\n");
    const { reports, problems } = await readWith(suricataEve, `\uFEFF${lines}${lines}${lines.slice(0, 100)}`, 50);
    expect(reports.map(({ record }) => record)).toEqual([1, 3]);
    expect(reports[0]!.detail).toBe(reports[1]!.detail);
    expect(problems.map(({ kind, record }) => [kind, record])).toEqual([["cut-off", 5]]);
  });
});
