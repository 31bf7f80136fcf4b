import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatAddress, noFlags, notCounted, parseAddress, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { awsVpcFlowLog } from "../../src/importers/aws-vpc-flow-log.js";
import { readAs, readWith } from "../support/importing.js";

const accepted =
  "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1700000010 1700000070 ACCEPT OK";
const rejected =
  "2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1700000010 1700000070 REJECT OK";
const noData = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1700000010 1700000070 - NODATA";
const skipped = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1700000010 1700000070 - SKIPDATA";
const overV6 =
  "2 123456789010 eni-1235b8ca123456789 2001:db8:1234:a100:8d6e:3477:df66:f105 2001:db8:1234:a102:3304:8879:34cf:4071 34892 22 6 54 8855 1700000010 1700000070 ACCEPT OK";
const ping =
  "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1700000010 1700000070 ACCEPT OK";
const all = [accepted, rejected, noData, skipped, overV6, ping];

const sensor = '{"interface":"eni-1235b8ca123456789","kind":"aws-vpc","mac":null,"resource":null}';
const detail = '{"account-id":"123456789010","version":"2"}';

/** One line a report: what its words say. */
function told(report: ReportedFlow): string {
  const { flow, kind, verdict, direction, packetsForward, bytesForward } = report;
  const address = (place: number) =>
    formatAddress(Array.from(flow.words.subarray(place, place + 4)) as unknown as Parameters<typeof formatAddress>[0]);
  const ends = `${address(0)}:${flow.sourcePort} ${address(4)}:${flow.destinationPort} ${flow.protocol}`;
  return `${kind} ${verdict} ${direction} ${ends} ${packetsForward} ${bytesForward}`;
}

const tellings = [
  "window allow null 172.31.16.139:20641 172.31.16.21:22 6 20 4249",
  "window deny null 172.31.9.69:49761 172.31.9.12:3389 6 20 4249",
  "no-data null null :::0 :::0 0 -1 -1",
  "skipped null null :::0 :::0 0 -1 -1",
  "window allow null 2001:db8:1234:a100:8d6e:3477:df66:f105:34892 2001:db8:1234:a102:3304:8879:34cf:4071:22 6 54 8855",
  "window allow null 203.0.113.12:0 172.31.16.139:0 1 4 336",
];

describe("lines of the default format", () => {
  test.each([
    ["lines", `${all.join("\n")}\n`],
    ["no line break at the end", all.join("\n")],
    ["carriage returns", `${all.join("\r\n")}\r\n`],
    ["a byte order mark", `\uFEFF${all.join("\n")}\n`],
    ["blank lines", `\n\n${all.join("\n\n  \n")}\n\n`],
    ["tabs", `${all.join("\n").replaceAll(" ", "\t")}\n`],
    [
      "the times that an export of CloudWatch puts before them",
      all.map((l) => `2023-11-14T22:13:30.000Z ${l}\n`).join(""),
    ],
    [
      "time and stream, as `aws logs tail` writes them",
      all.map((l) => `2023-11-14T22:13:30+00:00 eni-1235b8ca123456789-all ${l}\n`).join(""),
    ],
    [
      "events of the AWS CLI",
      JSON.stringify({
        events: all.map((message) => ({ logStreamName: "s", timestamp: 1, message, eventId: "1" })),
        searchedLogStreams: [],
      }),
    ],
    [
      "events that a subscription delivers",
      JSON.stringify({
        messageType: "DATA_MESSAGE",
        owner: "1",
        logEvents: all.map((message) => ({ id: "1", timestamp: 1, message })),
      }),
    ],
    ["messages as Firehose writes them", all.map((message) => `${JSON.stringify({ message })}\n`).join("")],
  ])("%s are read as reports", async (_, content) => {
    expect(awsVpcFlowLog.recognise(Buffer.from(content))).toBe(1);
    for (const chunkBytes of [1, 7, 1 << 20]) {
      const { reports, problems, notes } = await readWith(awsVpcFlowLog, content, chunkBytes);
      expect({ problems, notes }).toEqual({ problems: [], notes: [] });
      expect(reports.map(told)).toEqual(tellings);
    }
  });

  test("window, sensor and detail are kept, and nothing is claimed that the line does not say", async () => {
    const [report] = (await readWith(awsVpcFlowLog, `${accepted}\n`)).reports;
    expect(report).toMatchObject({
      time: 1_700_000_010_000_000,
      lastTime: 1_700_000_070_000_000,
      sensor,
      detail,
      rule: "",
    });
    expect(report).toMatchObject({
      flags: noFlags,
      packetsBackward: notCounted,
      bytesBackward: notCounted,
      ordinal: 0,
    });
  });

  test("each report names its line and where it begins", async () => {
    const content = `\uFEFF${accepted}\r\n\n${rejected}\n`;
    const { reports } = await readWith(awsVpcFlowLog, content, 5);
    expect(reports.map(({ record }) => record)).toEqual([1, 3]);
    const bytes = Buffer.from(content);
    expect(reports.map(({ offset }) => bytes.toString("utf8", offset, offset + 5))).toEqual(["2 123", "2 123"]);
  });

  test("a line that comes again is the same report in all but its place", async () => {
    const { reports } = await readWith(awsVpcFlowLog, `${accepted}\n${accepted}\n`);
    const [first, second] = reports.map((report) => ({ ...report, record: 0, offset: 0 }));
    expect(first).toEqual(second);
  });

  test("shuffled lines are the same reports", async () => {
    const { reports } = await readWith(awsVpcFlowLog, `${[...all].reverse().join("\n")}\n`);
    expect(reports.map(told)).toEqual([...tellings].reverse());
  });

  test("milliseconds are read as such, and told", async () => {
    const line = accepted.replace("1700000010", "1700000010123").replace("1700000070", "1700000070456");
    const { reports, notes } = await readWith(awsVpcFlowLog, `${line}\n`);
    expect(reports[0]).toMatchObject({ time: 1_700_000_010_123_000, lastTime: 1_700_000_070_456_000 });
    expect(notes.join()).toContain("milliseconds");
  });
});

describe("lines that can't be read", () => {
  test.each([
    ["another number of fields", accepted.replace(" OK", ""), "malformed", "13 instead of 14"],
    ["an address that is none", accepted.replace("172.31.16.21", "172.31.16.256"), "malformed", "`172.31.16.256`"],
    ["a port beyond 65535", accepted.replace("20641", "70641"), "malformed", "`srcport` is no port: `70641`"],
    ["no port in TCP", accepted.replace(" 22 ", " - "), "missing-field", "`dstport`"],
    ["a protocol beyond 255", accepted.replace(" 6 20 ", " 256 20 "), "malformed", "`protocol`"],
    ["a count that is no number", accepted.replace(" 4249 ", " 4e9 "), "malformed", "`bytes` is no number: `4e9`"],
    ["a count beyond all", accepted.replace(" 4249 ", " 99999999999999999999 "), "malformed", "`bytes`"],
    ["a window without a beginning", accepted.replace("1700000010", "-"), "missing-field", "`start`"],
    [
      "a window that ends before it begins",
      accepted.replace("1700000070", "1700000009"),
      "malformed",
      "before it begins",
    ],
    ["an unknown action", accepted.replace("ACCEPT", "MAYBE"), "unknown-value", "`MAYBE`"],
    ["an unknown status", accepted.replace("OK", "FINE"), "unknown-value", "`FINE`"],
    ["something else", "Traceback (most recent call last):", "malformed", "5 instead of 14"],
  ])("%s: told, and the lines around it are kept", async (_, line, kind, words) => {
    const { reports, problems } = await readWith(awsVpcFlowLog, `${accepted}\n${line}\n${line}\n${rejected}\n`);
    expect(reports.map(told)).toEqual(tellings.slice(0, 2));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind, record: 2 });
    expect(problems[0]!.message).toContain("left out 2 lines");
    expect(problems[0]!.message).toContain(words);
  });

  test.each([1, 30, 60, accepted.length - 1])("a last line cut to %i bytes is cut off", async (length) => {
    const { reports, problems } = await readWith(awsVpcFlowLog, `${rejected}\n${accepted.slice(0, length)}`);
    expect(reports).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "cut-off", record: 2 }]);
  });

  test("a line longer than any is left out whole", async () => {
    const content = `${accepted}\n${"x ".repeat(300_000)}\n${rejected}\n`;
    for (const chunkBytes of [100_000, 1 << 20]) {
      const { reports, problems } = await readWith(awsVpcFlowLog, content, chunkBytes);
      expect(reports.map(({ record }) => record)).toEqual([1, 3]);
      expect(reports[1]!.offset).toBe(accepted.length + 600_002);
      expect(problems).toMatchObject([{ kind: "malformed", record: 2 }]);
    }
  });

  test("ports may be missing where the protocol has none", async () => {
    const { reports } = await readWith(awsVpcFlowLog, `${ping.replace(" 0 0 1 ", " - - 1 ")}\n`);
    expect(reports.map(told)).toEqual([tellings[5]]);
  });
});

describe("formats that somebody chose", () => {
  const header =
    "action start end protocol srcport dstport srcaddr dstaddr interface-id tcp-flags flow-direction vpc-id";
  const line = "REJECT 1700000010 1700000070 6 20641 22 10.0.0.1 10.0.0.2 eni-1 2 ingress vpc-1";
  const telling = "window deny inbound 10.0.0.1:20641 10.0.0.2:22 6 -1 -1";

  test("a header says the order", async () => {
    expect(awsVpcFlowLog.recognise(Buffer.from(`${header}\n`))).toBe(1);
    const { reports, problems } = await readWith(awsVpcFlowLog, `${header}\n${line}\n`);
    expect(problems).toEqual([]);
    expect(reports.map(told)).toEqual([telling]);
    expect(reports[0]).toMatchObject({ flags: 2, detail: '{"vpc-id":"vpc-1"}', record: 2 });
  });

  test("a header in the middle changes the order", async () => {
    const other = "start end protocol srcport dstport srcaddr dstaddr interface-id subnet-id";
    const content = [
      accepted,
      header,
      line,
      header,
      line,
      other,
      "1700000010 1700000070 17 5 53 10.0.0.1 10.0.0.2 eni-1 vpc-1",
    ];
    const { reports, problems } = await readWith(awsVpcFlowLog, content.join("\n"));
    expect(problems).toEqual([]);
    expect(reports.map(told)).toEqual([
      tellings[0],
      telling,
      telling,
      "window null null 10.0.0.1:5 10.0.0.2:53 17 -1 -1",
    ]);
    expect(reports.map((report) => report.detail).slice(1)).toEqual([
      '{"vpc-id":"vpc-1"}',
      '{"vpc-id":"vpc-1"}',
      '{"subnet-id":"vpc-1"}',
    ]);
  });

  test("the user's fields say the order where no header does", async () => {
    const { reports, problems } = await readAs(awsVpcFlowLog, `${line}\n`, { fields: header.split(" ") });
    expect(problems).toEqual([]);
    expect(reports.map(told)).toEqual([telling]);
  });

  test("without either, what is missing is asked for", async () => {
    const { reports, problems } = await readWith(awsVpcFlowLog, `${line}\n${line}\n`);
    expect(awsVpcFlowLog.recognise(Buffer.from(line))).toBe(0.6);
    expect(reports).toEqual([]);
    expect(problems).toMatchObject([{ kind: "unsupported", record: 1 }]);
    expect(problems[0]!.message).toContain("--format");
  });

  const details = "vpc-0a subnet-0a i-0a 3 IPv4 172.31.16.139 172.31.16.21 us-east-1 use1-az5 - - - AMAZON ingress 1";
  const task = "arn:aws:ecs:a f arn:aws:ecs:b i 5-9 8-1 pay arn:aws:ecs:c arn:aws:ecs:d 6-2 BPA";
  const documented = `${accepted.replace("2", "5")} ${details}`;

  test.each([
    ["version 3", documented.split(" ").slice(0, 21).join(" ")],
    ["version 5", documented],
    ["version 8", `${documented} ${task}`],
    ["commas between", documented.replaceAll(" ", ",")],
  ])("lines in the documented order need no header: %s", async (_, content) => {
    expect(awsVpcFlowLog.recognise(Buffer.from(content))).toBe(1);
    const { reports, problems, notes } = await readWith(awsVpcFlowLog, `${content}\n${content}\n`);
    expect(problems).toEqual([]);
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({ flags: 3, verdict: "allow", packetsForward: 20 });
    expect(JSON.parse(reports[0]!.detail)).toMatchObject({ "vpc-id": "vpc-0a", type: "IPv4" });
    expect(notes).toEqual([expect.stringContaining("the order in which AWS documents them")]);
  });

  test("lines of several versions need no header; one that was cut among them is left out", async () => {
    const cut = documented.split(" ").slice(0, 20).join(" ");
    const lines = [accepted, documented, cut, accepted, documented];
    const { reports, problems } = await readWith(awsVpcFlowLog, `${lines.join("\n")}\n`);
    expect(reports.map(({ record, detail }) => [record, detail.includes("traffic-path")])).toEqual([
      [1, false],
      [2, true],
      [4, false],
      [5, true],
    ]);
    expect(problems).toMatchObject([{ kind: "malformed", record: 3 }]);
  });

  test.each([
    ["a value does not fit its name", documented.replace("ingress", "inwards")],
    ["the status is missing", documented.replace(" OK ", " - ")],
    ["there are more fields than documented", `${documented}${" x".repeat(20)}`],
  ])("no order is assumed where %s", async (_, line) => {
    const { reports, problems } = await readWith(awsVpcFlowLog, `${line}\n`);
    expect([reports, problems.map(({ kind }) => kind)]).toEqual([[], ["unsupported"]]);
  });

  test("a header may be the format that the flow log was made with", async () => {
    const made = header
      .split(" ")
      .map((name) => `\${${name}}`)
      .join(" ");
    const { reports, problems } = await readWith(awsVpcFlowLog, `${made}\n${line}\n`);
    expect([reports.map(told), problems]).toEqual([[telling], []]);
  });

  test("a format without what makes a flow is refused by name", async () => {
    const { reports, problems } = await readWith(
      awsVpcFlowLog,
      "srcaddr dstaddr bytes start end\n10.0.0.1 10.0.0.2 5 1700000010 1700000070\n",
    );
    expect(reports).toEqual([]);
    expect(problems).toMatchObject([{ kind: "missing-field", record: 2 }]);
    expect(problems[0]!.message).toContain("`srcport`, `dstport`, `protocol`");
  });

  test("fields that nobody has documented are kept by their name", async () => {
    const { reports } = await readWith(awsVpcFlowLog, `${header} moon-phase\n${line} "full"\n`);
    expect(reports[0]!.detail).toBe('{"moon-phase":"\\"full\\"","vpc-id":"vpc-1"}');
  });

  test("addresses that packets had are named where they are not those of the tuple", async () => {
    const names = `${header} pkt-srcaddr pkt-dstaddr`;
    const { reports } = await readWith(awsVpcFlowLog, `${names}\n${line} 10.0.0.1 10.0.0.99\n${line} - 10.0.0.2\n`);
    expect(reports.map((report) => JSON.parse(report.detail))).toEqual([
      { "pkt-srcaddr": "=", "pkt-dstaddr": "10.0.0.99", "vpc-id": "vpc-1" },
      { "pkt-dstaddr": "=", "vpc-id": "vpc-1" },
    ]);
  });

  test("they stand for those of the tuple where the format lacks these, and that is told", async () => {
    const names = header.replace("srcaddr", "pkt-srcaddr");
    const { reports, notes } = await readWith(awsVpcFlowLog, `${names}\n${line}\n`);
    expect(reports.map(told)).toEqual([telling]);
    expect(notes.join()).toContain("`pkt-srcaddr`");
  });

  test("a sensor without an interface is named by the first resource that there is", async () => {
    const names = "start end protocol srcport dstport srcaddr dstaddr interface-id vpc-id instance-id";
    const rest = "1700000010 1700000070 6 20641 22 10.0.0.1 10.0.0.2";
    const { reports } = await readWith(
      awsVpcFlowLog,
      `${names}\n${rest} - vpc-1 i-1\n${rest} - vpc-1 -\n${rest} - - -\n`,
    );
    expect(reports.map((report) => JSON.parse(report.sensor).resource)).toEqual(["i-1", "vpc-1", null]);
    expect(reports.map((report) => JSON.parse(report.sensor).interface)).toEqual([null, null, null]);
  });

  test("why a packet was rejected is kept", async () => {
    const { reports } = await readWith(awsVpcFlowLog, `${header} reject-reason\n${line} BPA\n`);
    expect(JSON.parse(reports[0]!.detail)).toEqual({ "reject-reason": "BPA", "vpc-id": "vpc-1" });
  });

  test("a line without addresses needs a status", async () => {
    const empty = "- 1700000010 1700000070 - - - - - eni-1 - - vpc-1";
    const { reports, problems } = await readWith(awsVpcFlowLog, `${header}\n${empty}\n${line}\n`);
    expect(reports).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "missing-field", record: 2 }]);
  });

  test.each([
    [
      "quotes and underscores, as Athena has them",
      '"interface_id","srcaddr","dstaddr","srcport","dstport","protocol","start","end","action","log_status","region"',
    ],
    [
      "names of CloudWatch Logs Insights",
      "interfaceId,srcAddr,dstAddr,srcPort,dstPort,protocol,startTime,endTime,action,logStatus,region",
    ],
  ])("tables with commas: %s", async (_, names) => {
    const row = '"eni-1","10.0.0.1","10.0.0.2","20641","22","6","1700000010","1700000070","ACCEPT","OK",""';
    for (const values of [row, row.replaceAll('"', "")]) {
      const { reports, problems } = await readWith(awsVpcFlowLog, `${names}\r\n${values}\r\n`);
      expect(problems).toEqual([]);
      expect(reports.map(told)).toEqual(["window allow null 10.0.0.1:20641 10.0.0.2:22 6 -1 -1"]);
      expect(reports[0]!.detail).toBe("");
    }
  });

  test.each([
    ["the console's download", "timestamp,message\n", (line: string) => `1773828300000,${line}`],
    ["Logs Insights", "@timestamp,@message\n", (line: string) => `2026-03-18 10:05:00.000,${line}`],
    ["a column of lines", "message\n", (line: string) => line],
    ["cells in quotes", "timestamp,message\n", (line: string) => `1773828300000,"${line}"`],
    ["lines in quotes", "", (line: string) => `"${line}"`],
  ])("a table whose cells are lines: %s", async (_, head, cell) => {
    const content = head + all.map((line) => `${cell(line)}\n`).join("");
    expect(awsVpcFlowLog.recognise(Buffer.from(content))).toBe(1);
    const { reports, problems } = await readWith(awsVpcFlowLog, content);
    expect([reports.map(told), problems]).toEqual([tellings, []]);
  });

  const names = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end";
  const object = (line: string) =>
    Object.fromEntries(`${names} action log_status`.split(" ").map((name, index) => [name, line.split(" ")[index]]));
  test.each([
    ["messages that were asked for alone", JSON.stringify(all, null, 4)],
    ["rows of Athena", all.map((line) => JSON.stringify(object(line))).join("\n")],
    [
      "an answer of Logs Insights, whole lines",
      JSON.stringify({ results: all.map((value) => [{ field: "@message", value }]) }),
    ],
    [
      "an answer of Logs Insights, field by field",
      JSON.stringify({
        results: all.map((line) => [
          ...Object.entries(object(line)).map(([field, value]) => ({ field, value })),
          { field: "@ptr", value: "x" },
        ]),
      }),
    ],
    [
      "an array of what subscriptions deliver",
      JSON.stringify([{ messageType: "DATA_MESSAGE", logEvents: all.map((message) => ({ message })) }]),
    ],
  ])("records of JSON: %s", async (_, content) => {
    expect(awsVpcFlowLog.recognise(Buffer.from(content))).toBe(1);
    const { reports, problems } = await readWith(awsVpcFlowLog, content);
    expect([reports.map(told), problems]).toEqual([tellings, []]);
  });

  test("columns as Athena's documentation called them before", async () => {
    const older =
      "version,account,interfaceid,sourceaddress,destinationaddress,sourceport,destinationport,protocol,numpackets,numbytes,starttime,endtime,action,logstatus";
    const { reports, problems } = await readWith(awsVpcFlowLog, `${older}\n${accepted.replaceAll(" ", ",")}\n`);
    expect([reports.map(told), problems]).toEqual([tellings.slice(0, 1), []]);
  });

  test("flow logs of a transit gateway are not taken for it", () => {
    const names =
      "version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr srcport dstport protocol log-status";
    expect(awsVpcFlowLog.recognise(Buffer.from(`${names}\n`))).toBe(0);
  });
});

const evidence = fileURLToPath(new URL("../../../../../shared/evidence/aws-vpc-flow-logs", import.meta.url));

// That folder is no part of the repository.
describe.skipIf(!existsSync(evidence))("public evidence (where its folder is)", () => {
  const files = existsSync(evidence) ? readdirSync(evidence) : [];

  test.each(files)("%s holds what a plain split of it holds", async (name) => {
    const content = readFileSync(`${evidence}/${name}`, "utf8");
    const lines = content.split("\n").filter((line) => line !== "");
    const first = lines[0]!.split(" ");
    const names = first.includes("srcaddr") ? first : null;
    const rows = (names === null ? lines : lines.slice(1)).map((line) => line.split(" "));
    const cellOf = (row: string[], field: string, usual: number) => row[names === null ? usual : names.indexOf(field)]!;
    const { reports, problems } = await readWith(awsVpcFlowLog, content);
    expect(problems).toEqual([]);
    expect(reports).toHaveLength(rows.length);
    for (const [index, row] of rows.entries()) {
      const report = reports[index]!;
      const address = parseAddress(cellOf(row, "srcaddr", 3));
      expect(Array.from(report.flow.words.subarray(0, 4))).toEqual(address ?? [0, 0, 0, 0]);
      expect(report.bytesForward).toBe(address === null ? notCounted : Number(cellOf(row, "bytes", 9)));
      expect(report.time).toBe(Number(cellOf(row, "start", 10)) * 1e6);
    }
  });
});
