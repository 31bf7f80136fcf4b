import { formatAddress, notCounted, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { zeekConnLog } from "../../src/importers/zeek-conn-log.js";
import { readWith } from "../support/importing.js";
import { webRow, type ZeekRow, zeekFields, zeekHead, zeekLog } from "../support/zeek-log.js";

const webObject = {
  ts: 1773828300.000125,
  uid: "CHhAvVGS1DHFjwGM9",
  "id.orig_h": "203.0.113.7",
  "id.orig_p": 51514,
  "id.resp_h": "10.1.0.4",
  "id.resp_p": 443,
  proto: "tcp",
  service: "ssl",
  duration: 12.250000953674316,
  orig_bytes: 517,
  resp_bytes: 4102,
  conn_state: "SF",
  local_orig: false,
  local_resp: true,
  missed_bytes: 0,
  history: "ShADadFf",
  orig_pkts: 9,
  orig_ip_bytes: 997,
  resp_pkts: 8,
  resp_ip_bytes: 4530,
  ip_proto: 6,
};

const read = (rows: readonly ZeekRow[], fields = zeekFields) => readWith(zeekConnLog, zeekLog(rows, fields));
const readJson = (...records: readonly object[]) =>
  readWith(zeekConnLog, records.map((record) => `${JSON.stringify(record)}\n`).join(""));

/** What a report says, wherever it stands. */
function said({ flow, record: _, offset: __, ...report }: ReportedFlow) {
  return { ...report, flow: { ...flow, words: [...flow.words] } };
}

function ends({ flow }: ReportedFlow): string {
  const address = (at: number) => formatAddress([...flow.words.slice(at, at + 4)] as [number, number, number, number]);
  return `${address(0)}:${flow.sourcePort} ${address(4)}:${flow.destinationPort} ${flow.protocol}/${flow.icmp}`;
}

describe("a line of conn.log", () => {
  test("is a report of a whole connection, and what has no column of its own is its detail", async () => {
    const { reports, problems, notes } = await read([webRow]);
    expect([problems, notes, reports.length]).toEqual([[], [], 1]);
    const [report] = reports;
    expect(ends(report!)).toBe("203.0.113.7:51514 10.1.0.4:443 6/0");
    expect(report).toMatchObject({
      kind: "connection",
      time: 1773828300_000125,
      lastTime: 1773828312_250126,
      verdict: null,
      direction: null,
      rule: "",
      sensor: '{"interface":null,"kind":"zeek","mac":null,"resource":null}',
      packetsForward: 9,
      bytesForward: 997,
      packetsBackward: 8,
      bytesBackward: 4530,
      record: 9,
      ordinal: 0,
      detail:
        '{"conn_state":"SF","history":"ShADadFf","ip_proto":6,"local_orig":false,"local_resp":true,"missed_bytes":0,' +
        '"orig_bytes":517,"resp_bytes":4102,"service":"ssl","uid":"CHhAvVGS1DHFjwGM9"}',
    });
    expect(zeekLog([webRow]).slice(report!.offset)).toMatch(/^1773828300\.000125\tCHh/);
  });

  test("says the same with its fields in another order, with other separators, and as JSON", async () => {
    const [plain] = (await read([webRow])).reports;
    const comma = zeekLog([webRow]).replaceAll("\t", ";").replace("\\x09", "\\x3b").replaceAll(";-;", ";nil;");
    const others = [
      await read([webRow], [...zeekFields].reverse()),
      await readWith(zeekConnLog, comma.replace("#unset_field;-", "#unset_field;nil").replace(";-\n", ";nil\n")),
      await readJson(webObject),
      await readWith(zeekConnLog, JSON.stringify([webObject], null, 2)),
      await readJson({ ...webObject, ts: "2026-03-18T10:05:00.000125Z" }),
      await readJson(nested(webObject)),
      await readJson({ conn: webObject }).then(withoutPath),
      await readJson(renamed(webObject)),
      await readWith(zeekConnLog, zeekLog([webRow]).replace(/\bid\./g, "id_")),
      await readWith(zeekConnLog, `### made by a test suite\n${zeekLog([webRow])}`),
      await readWith(zeekConnLog, zeekLog([webRow]).split("\n").slice(1).join("\n")),
    ];
    for (const { reports, problems } of others) expect([reports.map(said), problems]).toEqual([[said(plain!)], []]);
  });

  test("counts from the file's first line, in any chunks, with a byte order mark and CRLF", async () => {
    const content = `\uFEFF${zeekLog([webRow, { ...webRow, uid: "C2" }]).replaceAll("\n", "\r\n")}`;
    for (const chunkBytes of [7, 1 << 20]) {
      const { reports, problems } = await readWith(zeekConnLog, content, chunkBytes);
      expect([reports.map(({ record }) => record), problems]).toEqual([[9, 10], []]);
      expect(Buffer.from(content).subarray(reports[1]!.offset).toString()).toMatch(/^1773828300\.000125\tC2\t/);
    }
  });

  test("has no end where it has no duration, and no counts where there are none", async () => {
    const unset = { duration: "-", orig_bytes: "-", resp_bytes: "-", orig_pkts: "-", orig_ip_bytes: "-" };
    const [report] = (await read([{ ...webRow, ...unset }])).reports;
    expect(report!.lastTime).toBe(report!.time);
    expect([report!.packetsForward, report!.bytesForward, report!.packetsBackward]).toEqual([
      notCounted,
      notCounted,
      8,
    ]);
    expect(report!.detail).not.toMatch(/duration|orig_bytes/);
  });

  const icmp = { proto: "icmp", "id.orig_p": "8", "id.resp_p": "0", ip_proto: "1" };
  test.each([
    ["of a ping by the request's type", icmp, "1/2048", '"id.orig_p":8,"id.resp_p":0'],
    [
      "of an answer alone by the request's type",
      { ...icmp, "id.orig_p": "0", "id.resp_p": "8" },
      "1/2048",
      '"id.orig_p":0',
    ],
    ["of an error by type and code", { ...icmp, "id.orig_p": "3", "id.resp_p": "13" }, "1/781", '"id.resp_p":13'],
  ])("keeps ICMP %s", async (_, row, flow, detail) => {
    const [report] = (await read([{ ...webRow, ...row }])).reports;
    expect(ends(report!)).toBe(`203.0.113.7:0 10.1.0.4:0 ${flow}`);
    expect(report!.detail).toContain(detail);
  });

  test("before Zeek 7.1 has no number of its protocol: ICMP between addresses of IPv6 is ICMPv6", async () => {
    const fields = zeekFields.filter(([name]) => name !== "ip_proto");
    const v6 = { "id.orig_h": "2001:db8::1", "id.resp_h": "ff02::2", "id.orig_p": "133", "id.resp_p": "134" };
    const rows = [webRow, { ...webRow, ...v6, proto: "icmp" }, { ...webRow, proto: "unknown_transport" }];
    const { reports } = await read(rows, fields);
    expect(reports.map(({ flow }) => flow.protocol)).toEqual([6, 58, 255]);
    expect(reports[2]!.detail).toContain('"proto":"unknown_transport"');
  });

  test("keeps texts as they were before Zeek escaped them, sets, and fields of other scripts", async () => {
    const fields = [
      ...zeekFields,
      ["note", "string"],
      ["vlan", "int"],
      ["tags", "set[string]"],
      ["weight", "double"],
    ] as const;
    const row = { ...webRow, service: "a\\x09b\\\\c", tunnel_parents: "C1,C2", note: "(empty)", vlan: "7" };
    const [report] = (await read([{ ...row, tags: "(empty)", weight: "0.250000" }], fields)).reports;
    expect(JSON.parse(report!.detail)).toMatchObject({
      service: "a\tb\\c",
      tunnel_parents: ["C1", "C2"],
      note: "",
      vlan: 7,
      tags: [],
      weight: 0.25,
    });
  });
});

describe("a conn.log", () => {
  test.each(["\t", ",", "|", ";"])("with the names of its fields alone is read, %j between", async (separator) => {
    const names = zeekFields.map(([name]) => name).join(separator);
    const line = zeekFields.map(([name]) => webRow[name]).join(separator);
    const content = `${names}\n${line}\n`;
    expect(zeekConnLog.recognise(Buffer.from(content))).toBeGreaterThan(0.9);
    const { reports, problems } = await readWith(zeekConnLog, content);
    expect([reports.map(said), problems]).toEqual([(await read([webRow])).reports.map(said), []]);
  });

  test.each([
    ["a comment before", `# from the lab\n${zeekLog([webRow])}`],
    ["no `#separator`", zeekLog([webRow]).split("\n").slice(1).join("\n")],
    ["its fields first", zeekLog([webRow]).split("\n").slice(5).join("\n")],
    ["names with `_`", JSON.stringify(renamed(webObject))],
    ["records tagged with their log", JSON.stringify({ conn: webObject })],
  ])("with %s is recognised", (_, content) => {
    expect(zeekConnLog.recognise(Buffer.from(content))).toBeGreaterThanOrEqual(0.9);
  });

  test("of which columns were taken away names those that a connection needs", async () => {
    const fields = zeekFields.filter(([name]) => name !== "proto" && name !== "id.resp_p");
    const { reports, problems } = await read([webRow, webRow], fields);
    expect([reports, problems.map(({ kind, message }) => [kind, message])]).toEqual([
      [],
      [["missing-field", "connections without `id.resp_p`, `proto`: `conn` (the first of 2 records that are so)"]],
    ]);
  });

  test("of several logs one after another is read by each one's own header", async () => {
    const older = zeekFields.filter(([name]) => !name.startsWith("local_"));
    const { reports, problems } = await readWith(zeekConnLog, zeekLog([webRow]) + zeekLog([webRow], older));
    expect([reports.map(({ record }) => record), problems]).toEqual([[9, 19], []]);
    expect(JSON.parse(reports[1]!.detail).local_orig).toBeUndefined();
  });

  test("that was doubled has equal reports", async () => {
    const { reports } = await readWith(zeekConnLog, zeekLog([webRow]).repeat(2));
    expect(said(reports[0]!)).toEqual(said(reports[1]!));
  });

  test("that is cut inside a line keeps what comes before", async () => {
    const whole = zeekLog([webRow, webRow]);
    const lastLine = whole.indexOf("1773828300", whole.indexOf("1773828300") + 1);
    const { reports, problems, notes } = await readWith(zeekConnLog, whole.slice(0, lastLine + 90));
    expect([reports.length, problems.map(({ kind, record }) => [kind, record]), notes]).toEqual([
      1,
      [["cut-off", 10]],
      [],
    ]);
    const unended = await readWith(zeekConnLog, whole.slice(0, whole.indexOf("\n#close")));
    expect([unended.reports.length, unended.notes]).toEqual([
      2,
      ["the last line has no end: its last field may be cut"],
    ]);
  });

  test.each([
    ["another number of fields than `#fields` has", "too\tfew"],
    ["no time in `ts`", zeekFields.map(([name]) => (name === "ts" ? "yesterday" : webRow[name])).join("\t")],
    ["no address in `id.orig_h`", zeekFields.map(([name]) => (name === "id.orig_h" ? "vm1" : webRow[name])).join("\t")],
    ["no port in `id.resp_p`", zeekFields.map(([name]) => (name === "id.resp_p" ? "70000" : webRow[name])).join("\t")],
    ["no count in `resp_pkts`", zeekFields.map(([name]) => (name === "resp_pkts" ? "-3" : webRow[name])).join("\t")],
  ])("with bad lines in the middle (%s) keeps the others and names the first", async (what, bad) => {
    const lines = zeekLog([webRow, webRow]).split("\n");
    const { reports, problems } = await readWith(
      zeekConnLog,
      [...lines.slice(0, 9), bad, bad, ...lines.slice(9)].join("\n"),
    );
    expect(reports).toHaveLength(2);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind: "malformed", record: 10 });
    expect(problems[0]!.message).toMatch(what);
    expect(problems[0]!.message).toMatch("the first of 2 records that are so");
  });

  test("with a bad line of JSON in the middle keeps the others", async () => {
    const line = JSON.stringify(webObject);
    const { reports, problems } = await readWith(zeekConnLog, `${line}\n{"ts": oops}\n${line}\n`);
    expect([reports.length, problems.map(({ record }) => record)]).toEqual([2, [2]]);
  });

  test("in milliseconds is read as such, with a note", async () => {
    const { reports, notes } = await readJson({ ...webObject, ts: 1773828300000 });
    expect(reports[0]!.time).toBe(1773828300_000000);
    expect(notes[0]).toMatch("1 time is in milliseconds where the format has seconds");
  });

  test("with records of other logs among its own counts them", async () => {
    const other = { ts: 1, uid: "C", "id.orig_h": "::1", "id.orig_p": 1, "id.resp_h": "::2", "id.resp_p": 80 };
    const others = [{ _path: "http", ...other }, other, { "@stream": "dns", ...other }, { _path: "http", ...other }];
    const { reports, problems, notes } = await readJson({ _path: "conn", ...webObject }, ...others);
    expect([reports.length, problems]).toEqual([1, []]);
    expect(notes).toEqual(["records of other logs are left out: 2 http, 1 without a name, 1 dns"]);
  });

  test.each([
    [
      "dns",
      `${zeekHead.slice(0, 4).join("\n")}\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\n1\tC\t::1\t1\t::2\t53\tudp\tx\n`,
    ],
    [
      "http",
      `${JSON.stringify({ _path: "http", ts: 1, uid: "C", "id.orig_h": "::1", "id.orig_p": 1, "id.resp_h": "::2", "id.resp_p": 80, method: "GET" })}\n`,
    ],
  ])("is what `%s.log` is not", async (path, content) => {
    expect(zeekConnLog.recognise(Buffer.from(content))).toBeGreaterThan(0.5);
    const { reports, problems } = await readWith(zeekConnLog, content);
    expect([reports.length, problems.length, problems[0]!.kind]).toEqual([0, 1, "unsupported"]);
    expect(problems[0]!.message).toBe(
      `no connections, which Zeek writes to \`conn.log\`, but records of other logs: 1 ${path}`,
    );
  });
});

function renamed(record: object): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name.replace(".", "_"), value]));
}

/** A record that says of which log it is keeps that. */
function withoutPath({ reports, problems }: Awaited<ReturnType<typeof readJson>>) {
  const plain = reports.map((report) => ({ ...report, detail: report.detail.replace('"_path":"conn",', "") }));
  return { reports: plain, problems };
}

function nested(record: object): object {
  const id: Record<string, unknown> = {};
  const rest: Record<string, unknown> = { id };
  for (const [name, value] of Object.entries(record)) {
    if (name.startsWith("id.")) id[name.slice(3)] = value;
    else rest[name] = value;
  }
  return rest;
}
