import { formatAddress, notCounted, parseInstant, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import { azureNsgFlowLog } from "../../src/importers/azure-nsg-flow-log.js";
import { azureVnetFlowLog } from "../../src/importers/azure-vnet-flow-log.js";
import { readWith } from "../support/importing.js";

const group = "/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-WEB";
const network = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet";
const mac = "00224871C205";

/** A record of a network security group's log, its tuples under one rule. */
function groupRecord(flowTuples: readonly unknown[], more: object = {}) {
  const flows = [{ rule: "UserRule_allow-ssh", flows: [{ mac, flowTuples }] }];
  return { time: "2026-03-18T10:01:00Z", resourceId: group, properties: { Version: 2, flows }, ...more };
}

function networkRecord(flowTuples: readonly unknown[], more: object = {}) {
  const flows = [{ aclID: group, flowGroups: [{ rule: "UserRule_allow-ssh", flowTuples }] }];
  return {
    time: "2026-03-18T10:01:00Z",
    macAddress: mac,
    targetResourceID: network,
    flowRecords: { flows },
    ...more,
  };
}

const readGroup = (...records: readonly object[]) => readWith(azureNsgFlowLog, JSON.stringify({ records }));
const readNetwork = (...records: readonly object[]) => readWith(azureVnetFlowLog, JSON.stringify({ records }));

/** In one line: what a test says of a report. */
function line({ flow, ...report }: ReportedFlow): string {
  const address = (at: number) =>
    formatAddress([...flow.words.subarray(at, at + 4)] as [number, number, number, number]);
  const ends = [address(0), flow.sourcePort, address(4), flow.destinationPort, flow.protocol];
  const counts = [report.packetsForward, report.bytesForward, report.packetsBackward, report.bytesBackward];
  const said = [report.time / 1000, ...ends, report.direction, report.kind, report.verdict, ...counts, report.detail];
  return said.join(" ").trim();
}

describe("a tuple of a network security group's log says", () => {
  test.each([
    [
      "version 1, allowed: opened, not counted",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "version 1, denied",
      "1773828000,10.0.0.4,203.0.113.7,40000,53,U,O,D",
      "1773828000000 10.0.0.4 40000 203.0.113.7 53 17 outbound denied deny -1 -1 -1 -1",
    ],
    [
      "version 2, opened: its counts are empty",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,B,,,,",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "version 2, went on",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,C,1021,588096,8005,4610880",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound continued allow 1021 588096 8005 4610880",
    ],
    [
      "version 2, ended, half of its counts empty",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,E,1,74,,",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound ended allow 1 74 -1 -1",
    ],
    [
      "version 2, denied: logged with state B",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,D,B,,,,",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound denied deny -1 -1 -1 -1",
    ],
    [
      "version 2, denied with another state, which is kept",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,D,E,3,180,0,0",
      '1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound denied deny 3 180 0 0 {"state":"E"}',
    ],
    [
      "milliseconds are told by their size",
      "1773828000123,203.0.113.7,10.0.0.4,51514,22,T,I,A",
      "1773828000123 203.0.113.7 51514 10.0.0.4 22 6 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "IPv6",
      "1773828000,2001:db8::7,fd00::4,51514,22,T,I,A,B,,,,",
      "1773828000000 2001:db8::7 51514 fd00::4 22 6 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "a protocol by its number, and without ports",
      "1773828000,203.0.113.7,10.0.0.4,0,0,1,I,A,B,,,,",
      "1773828000000 203.0.113.7 0 10.0.0.4 0 1 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "a protocol by its name; ports that it can't have are kept aside",
      "1773828000,203.0.113.7,10.0.0.4,8,0,ICMP,I,A,B,,,,",
      '1773828000000 203.0.113.7 0 10.0.0.4 0 1 inbound opened allow -1 -1 -1 -1 {"destinationPort":0,"sourcePort":8}',
    ],
    [
      "counts as large as a number can be",
      "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,E,4294967296,9007199254740991,0,0",
      "1773828000000 203.0.113.7 51514 10.0.0.4 22 6 inbound ended allow 4294967296 9007199254740991 0 0",
    ],
  ])("%s", async (_, tuple, expected) => {
    const { reports, problems } = await readGroup(groupRecord([tuple]));
    expect([reports.map(line), problems]).toEqual([[expected], []]);
  });
});

describe("a tuple of a virtual network's log says", () => {
  test.each([
    [
      "opened, with counts of zero",
      "1773828000123,10.0.0.6,192.0.2.180,23956,443,6,O,B,NX,0,0,0,0",
      '1773828000123 10.0.0.6 23956 192.0.2.180 443 6 outbound opened allow 0 0 0 0 {"encryption":"NX"}',
    ],
    [
      "went on, in seconds",
      "1773828000,10.0.0.6,192.0.2.180,23956,443,6,O,C,X,3,767,2,1580",
      '1773828000000 10.0.0.6 23956 192.0.2.180 443 6 outbound continued allow 3 767 2 1580 {"encryption":"X"}',
    ],
    [
      "ended, with a protocol without ports",
      "1773828000123,10.0.0.6,192.0.2.180,0,0,1,O,E,NX_NOT_SUPPORTED,3,767,2,1580",
      '1773828000123 10.0.0.6 0 192.0.2.180 0 1 outbound ended allow 3 767 2 1580 {"encryption":"NX_NOT_SUPPORTED"}',
    ],
    [
      "denied by its state",
      "1773828000123,192.0.2.180,10.0.0.6,55188,22,6,I,D,NX,0,0,0,0",
      '1773828000123 192.0.2.180 55188 10.0.0.6 22 6 inbound denied deny 0 0 0 0 {"encryption":"NX"}',
    ],
    [
      "nothing of encryption and counts where those are empty",
      "1773828000123,192.0.2.180,10.0.0.6,55188,22,6,I,B,,,,,",
      "1773828000123 192.0.2.180 55188 10.0.0.6 22 6 inbound opened allow -1 -1 -1 -1",
    ],
    [
      "nothing of them where they are not there",
      "1773828000123,2001:db8::7,fd00::6,55188,5060,17,I,E",
      "1773828000123 2001:db8::7 55188 fd00::6 5060 17 inbound ended allow -1 -1 -1 -1",
    ],
  ])("%s", async (_, tuple, expected) => {
    const { reports, problems } = await readNetwork(networkRecord([tuple]));
    expect([reports.map(line), problems]).toEqual([[expected], []]);
  });
});

test("counts add up: 9,125 packets and 5,256,000 bytes of the documented example", async () => {
  const flow = "1708978215,203.0.113.105,10.0.0.5,35370,443,T,I,A";
  const counts = ["B,,,,", "C,1021,588096,8005,4610880", "E,52,29952,47,27072"];
  const { reports } = await readGroup(groupRecord(counts.map((own) => `${flow},${own}`)));
  const counted = reports.filter(({ packetsForward }) => packetsForward !== notCounted);
  const sum = (one: (report: ReportedFlow) => number) => counted.reduce((total, report) => total + one(report), 0);
  expect(sum((report) => report.packetsForward + report.packetsBackward)).toBe(9_125);
  expect(sum((report) => report.bytesForward + report.bytesBackward)).toBe(5_256_000);
});

const opened = "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,B,,,,";
const openedMillis = "1773828000123,10.0.0.6,192.0.2.180,23956,443,6,O,B,NX,0,0,0,0";

describe("around a tuple stands", () => {
  const folded = group.toLowerCase();

  test("who reported it, and which rule decided, with ids in lower case", async () => {
    const { reports } = await readGroup(groupRecord([opened]));
    expect(reports[0]!.sensor).toBe(
      `{"interface":null,"kind":"azure-nsg","mac":"00224871c205","resource":"${folded}"}`,
    );
    expect(reports[0]!.rule).toBe(`{"group":"${folded}","rule":"UserRule_allow-ssh"}`);
  });

  test("in a virtual network's log the resource that is watched, and the group by what the log calls it", async () => {
    const flowGroups = [{ rule: "PlatformRule", flowTuples: [openedMillis] }];
    const flows = [{ aclID: "00000000-0000-0000-0000-000000000000", flowGroups }];
    const { reports } = await readNetwork(networkRecord([], { flowRecords: { flows } }));
    expect(reports[0]!.sensor).toBe(
      `{"interface":null,"kind":"azure-vnet","mac":"00224871c205","resource":"${network.toLowerCase()}"}`,
    );
    expect(reports[0]!.rule).toBe('{"group":"00000000-0000-0000-0000-000000000000","rule":"PlatformRule"}');
  });

  test("the interface in the group's own `mac`, else in the record's `macAddress`, however it is written", async () => {
    const flows = [
      { rule: "r", flows: [{ flowTuples: [opened] }, { mac: "00-0d-3a-f8-80-1a", flowTuples: [opened] }] },
    ];
    const { reports } = await readGroup(groupRecord([], { macAddress: "00:22:48:71:C2:05", properties: { flows } }));
    expect(reports.map(({ sensor }) => JSON.parse(sensor).mac)).toEqual(["00224871c205", "000d3af8801a"]);
  });

  test("nothing that keys in another order would change", async () => {
    const record = networkRecord([openedMillis]);
    const reversed = Object.fromEntries(Object.entries(record).reverse());
    expect((await readNetwork(reversed)).reports.map(line)).toEqual((await readNetwork(record)).reports.map(line));
  });
});

describe("a record", () => {
  test("without tuples says that nothing was seen in its minute", async () => {
    for (const read of [
      await readGroup({ ...groupRecord([]), macAddress: mac, properties: { Version: 2, flows: [] } }),
      await readGroup(groupRecord([], { macAddress: mac })),
      await readNetwork(networkRecord([])),
    ]) {
      expect([read.reports.map(({ kind }) => kind), read.problems]).toEqual([["no-data"], []]);
      expect(read.reports[0]).toMatchObject({
        time: parseInstant("2026-03-18T10:00:00Z")!.time,
        lastTime: parseInstant("2026-03-18T10:01:00Z")!.time,
        verdict: null,
        direction: null,
        rule: "",
        packetsForward: notCounted,
      });
      expect(JSON.parse(read.reports[0]!.sensor).mac).toBe("00224871c205");
    }
  });

  test.each([
    ["its flows", { properties: { Version: 2, flows: null } }],
    ["its list of tuples", { properties: { Version: 1, flows: [{ rule: "r", flows: [{ mac, flowTuples: null }] }] } }],
  ])("with null for %s says the same", async (_, more) => {
    const category = "NetworkSecurityGroupFlowEvent";
    const { reports, problems } = await readGroup(groupRecord([], { category, ...more }));
    expect([reports.map(({ kind }) => kind), problems]).toEqual([["no-data"], []]);
  });

  test("of another log is named by its category, once for all of them", async () => {
    const other = { time: "2026-03-18T10:01:00Z", category: "NetworkSecurityGroupRuleCounter", resourceId: group };
    const tuple = "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,A,B,,,,";
    const { reports, problems } = await readGroup(other, groupRecord([tuple]), other);
    expect(reports).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "unsupported", record: 1 }]);
    expect(problems[0]!.message).toMatch(/`NetworkSecurityGroupRuleCounter` \(the first of 2 records/);
  });

  test("without tuples and without a time is a problem", async () => {
    const { reports, problems } = await readGroup({ resourceId: group, properties: { flows: [] } });
    expect([reports, problems.map(({ kind, record }) => [kind, record])]).toEqual([[], [["missing-field", 1]]]);
  });

  test.each([
    ["without flows", { resourceId: group, properties: {} }],
    ["with a group that has no list of tuples", { properties: { flows: [{ rule: "r", flows: [{ mac }] }] } }],
    ["with a group that is no object", { properties: { flows: ["r"] } }],
  ])("%s is a problem, and the one after it is read", async (_, record) => {
    const { reports, problems } = await readGroup(record, groupRecord([opened]));
    expect(problems.map(({ kind, record: number }) => [kind, number])).toEqual([["missing-field", 1]]);
    expect(reports.map(({ record: number }) => number)).toEqual([2]);
  });

  test("names where it begins, for each of its reports", async () => {
    const content = JSON.stringify({ records: [groupRecord([opened]), groupRecord([opened, opened])] });
    const { reports } = await readWith(azureNsgFlowLog, content);
    const second = content.indexOf(',{"time"') + 1;
    expect(reports.map(({ record, offset }) => [record, offset])).toEqual([
      [1, 12],
      [2, second],
      [2, second],
    ]);
  });

  test("with equal tuples has as many events; equal tuples of other rules, sensors or records are not counted", async () => {
    const flows = [
      { rule: "a", flows: [{ mac, flowTuples: [opened, opened] }] },
      { rule: "b", flows: [{ mac, flowTuples: [opened] }] },
      { rule: "a", flows: [{ mac: "000d3af8801a", flowTuples: [opened] }] },
      { rule: "a", flows: [{ mac, flowTuples: [opened] }] },
    ];
    const { reports } = await readGroup(groupRecord([], { properties: { flows } }), groupRecord([opened]));
    expect(reports.map(({ ordinal }) => ordinal)).toEqual([0, 1, 0, 0, 2, 0]);
  });

  test("of thousands of tuples keeps them apart", async () => {
    const many = Array.from({ length: 5000 }, (_, port) => opened.replace("51514", String(port)));
    const { reports } = await readGroup(groupRecord([...many, ...many]));
    expect(reports.map(({ ordinal }) => ordinal)).toEqual([...many.map(() => 0), ...many.map(() => 1)]);
  });
});

describe("a tuple that can't be read is left out and told, and those around it are kept", () => {
  test.each([
    ["nothing", "", "malformed", "fields"],
    ["another text", "hello", "malformed", "fields"],
    ["a number", 17, "malformed", "no text"],
    ["letters that are not ASCII", opened.replace("10.0.0.4", "１0.0.0.4"), "malformed", "no text"],
    ["a time in letters", opened.replace("1773828000", "yesterday"), "malformed", "time"],
    ["a time of 20 digits", opened.replace("1773828000", "17738280000000000000"), "malformed", "time"],
    ["no time", opened.replace("1773828000", ""), "malformed", "time"],
    ["a name for an address", opened.replace("10.0.0.4", "web"), "malformed", "addresses"],
    ["a port of 65536", opened.replace("51514", "65536"), "malformed", "ports"],
    ["no port", opened.replace("51514", ""), "malformed", "ports"],
    ["a protocol that nobody knows", opened.replace(",T,", ",Q,"), "unknown-value", "protocol"],
    ["a protocol of 256", opened.replace(",T,", ",256,"), "unknown-value", "protocol"],
    ["a direction that is none", opened.replace(",I,", ",X,"), "unknown-value", "direction"],
    ["a decision that is none", opened.replace(",A,", ",X,"), "unknown-value", "decision"],
    ["a state that is none", opened.replace(",B,", ",X,"), "unknown-value", "state"],
    ["a count of 2^53", opened.replace("B,,,,", "E,9007199254740992,1,1,1"), "malformed", "counts"],
    ["a count below zero", opened.replace("B,,,,", "E,-1,1,1,1"), "malformed", "counts"],
    ["seven fields", "1773828000,203.0.113.7,10.0.0.4,51514,22,T,I", "malformed", "fields"],
    ["fourteen fields", `${opened},`, "malformed", "fields"],
    ["twenty fields", opened + ",".repeat(7), "malformed", "fields"],
    ["a thousand digits", "1".repeat(1000), "malformed", "no text"],
  ])("%s", async (_, bad, kind, word) => {
    const { reports, problems } = await readGroup(groupRecord([opened, bad, opened]));
    expect(reports.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
    expect(problems).toEqual([
      { kind, record: 1, message: expect.stringMatching(`tuple 2, .* is left out: .*${word}`) },
    ]);
  });

  test("a virtual network's tuple without the field of encryption is no tuple, and no count stands for it", async () => {
    const { reports, problems } = await readNetwork(
      networkRecord(["1773828000000,203.0.113.7,10.0.0.4,51514,22,6,I,C,10,1000,8,900"]),
    );
    expect([reports, problems.map(({ kind }) => kind)]).toEqual([[], ["malformed"]]);
  });

  test("a virtual network's log has no tuple of seven fields, and no state but four", async () => {
    const short = openedMillis.split(",").slice(0, 7).join(",");
    const { problems } = await readNetwork(networkRecord([short, openedMillis.replace(",B,", ",A,")]));
    expect(problems.map(({ kind }) => kind)).toEqual(["malformed", "unknown-value"]);
  });

  test("many alike are one problem, which quotes the first", async () => {
    const bad = opened.replace("10.0.0.4", "x".repeat(100));
    const { problems } = await readGroup(groupRecord([opened]), groupRecord([opened, ...Array(1000).fill(bad)]));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ record: 2, message: expect.stringMatching(/^tuple 2, .* 999 more/) });
    expect(problems[0]!.message.length).toBeLessThan(200);
  });
});

describe("files of flow logs as they come", () => {
  const records = [groupRecord([opened]), groupRecord([opened.replace(",B,,,,", ",E,1,74,0,0")])];
  const whole = JSON.stringify({ records });
  const lines = (reports: readonly ReportedFlow[]) => reports.map(line);

  test.each([
    ["with a byte order mark", `\uFEFF${whole}`],
    ["over many lines with CRLF", JSON.stringify({ records }, null, 2).replaceAll("\n", "\r\n")],
    ["with a trailing comma", `${whole.slice(0, -2)},]}`],
    ["as JSON lines", records.map((record) => JSON.stringify(record)).join("\n")],
    ["as an array", JSON.stringify(records)],
    [
      "as a document a line, as event hubs have them",
      records.map((one) => JSON.stringify({ records: [one] })).join("\n"),
    ],
  ])("%s", async (_, content) => {
    const expected = await readWith(azureNsgFlowLog, whole);
    expect(importerFor(Buffer.from(content))?.format).toBe("azure-nsg-flow-log");
    for (const chunkBytes of [1 << 20, 7]) {
      const { reports, problems } = await readWith(azureNsgFlowLog, content, chunkBytes);
      expect([lines(reports), problems]).toEqual([lines(expected.reports), []]);
    }
  });

  test("a blob that is still appended to keeps the records before the cut, and names the cut one", async () => {
    const { reports, problems } = await readWith(azureNsgFlowLog, whole.slice(0, -30));
    expect(reports.map(({ record }) => record)).toEqual([1]);
    expect(problems.map(({ kind }) => kind)).toEqual(["cut-off"]);
  });

  test("a record that stands there twice gives equal reports", async () => {
    const { reports, problems } = await readGroup(...records, ...records);
    const [first, again] = [reports.slice(0, 2), reports.slice(2)];
    const placeless = ({ record, offset, ...report }: ReportedFlow) => report;
    expect([again.map(placeless), problems]).toEqual([first.map(placeless), []]);
  });

  test("records in another order, ids in another case: the same reports", async () => {
    const upper = records.map((record) => ({ ...record, resourceId: record.resourceId.toLowerCase() })).reverse();
    const { reports } = await readGroup(...upper);
    const said = (report: ReportedFlow) => `${line(report)} ${report.sensor} ${report.rule}`;
    expect(reports.map(said).reverse()).toEqual((await readGroup(...records)).reports.map(said));
  });

  test("times in another unit than documented are noted, and times of the future told", async () => {
    const { notes } = await readGroup(groupRecord([opened.replace("1773828000", "1773828000000")]));
    expect(notes.join()).toContain("milliseconds");
    const { reports, problems } = await readGroup(groupRecord([opened.replace("1773828000", "2773828000")]));
    expect([reports.length, problems.map(({ kind }) => kind)]).toEqual([1, ["clock"]]);
  });
});

describe("tuples without their records", () => {
  const tuples = [opened, opened, opened.replace(",B,,,,", ",C,1,74,,")];

  test.each([
    ["one a line", tuples.join("\n")],
    ["with CRLF, blank lines and a byte order mark", `\uFEFF\r\n${tuples.join("\r\n\r\n")}\r\n`],
    ["quoted, as they stand in a record", tuples.map((tuple) => `  "${tuple}",`).join("\n")],
  ])("%s", async (_, content) => {
    expect(importerFor(Buffer.from(content))?.format).toBe("azure-nsg-flow-log");
    const { reports, problems } = await readWith(azureNsgFlowLog, content);
    const { reports: expected } = await readGroup(groupRecord(tuples));
    expect([reports.map(line), problems]).toEqual([expected.map(line), []]);
    expect(new Set(reports.map(({ sensor, rule, ordinal }) => `${sensor}${rule}${ordinal}`))).toEqual(
      new Set(['{"interface":null,"kind":"azure-nsg","mac":null,"resource":null}0']),
    );
  });

  test("are named by line and byte", async () => {
    const { reports } = await readWith(azureNsgFlowLog, `\n${opened}\n\n${opened}\n`);
    expect(reports.map(({ record, offset }) => [record, offset])).toEqual([
      [2, 1],
      [4, opened.length + 3],
    ]);
  });

  test("a line that is none is told", async () => {
    const { reports, problems } = await readWith(azureNsgFlowLog, `${opened}\nhello\n${opened}`);
    expect([reports.length, problems.map(({ record }) => record)]).toEqual([2, [2]]);
  });

  test.each([
    ["azure-vnet-flow-log", openedMillis, 0.5],
    ["azure-vnet-flow-log", "1773828000,192.0.2.180,10.0.0.6,55188,22,6,I,D", 0.5],
    ["azure-nsg-flow-log", "1773828000,192.0.2.180,fd00::6,55188,22,T,I,D", 0.5],
  ])("are of %s: %s", async (format, tuple, confidence) => {
    const head = Buffer.from(tuple);
    const [sure] = [azureNsgFlowLog, azureVnetFlowLog].filter((importer) => importer.recognise(head) > 0);
    expect([sure!.format, sure!.recognise(head)]).toEqual([format, confidence]);
    expect((await readWith(sure!, tuple)).reports).toHaveLength(1);
  });

  test("are not every line of numbers", () => {
    const others = ["1773828000,203.0.113.7,10.0.0.4,51514,22,T,I,X", "1,2,3", "1773828000,web,db,1,2,T,I,A"];
    for (const text of others) expect(importerFor(Buffer.from(text))).toBeNull();
  });
});
