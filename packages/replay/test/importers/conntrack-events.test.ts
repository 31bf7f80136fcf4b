import { readFileSync } from "node:fs";
import { formatAddress, formatInstant, type Micros, notCounted, type ReportedFlow } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { conntrackEvents } from "../../src/importers/conntrack-events.js";
import { readWith, takenAt } from "../support/importing.js";

// Recorded by conntrack 1.4.7 on a router between two namespaces: TCP with a mark, TCP and UDP with addresses translated,
// IPv6, pings, a refused connection.
const sample = (name: string) => readFileSync(new URL(`fixtures/conntrack/${name}`, import.meta.url), "utf8");
const read = (content: string, chunkBytes?: number) => readWith(conntrackEvents, content, chunkBytes);

function ends({ flow }: ReportedFlow): string {
  const address = (at: number) => formatAddress([...flow.words.slice(at, at + 4)] as [number, number, number, number]);
  return `${address(0)}:${flow.sourcePort} ${address(4)}:${flow.destinationPort} ${flow.protocol}/${flow.icmp}`;
}

const line = (report: ReportedFlow) =>
  `${formatInstant(report.time as Micros).slice(17, -1)} ${report.kind} ${ends(report)}`;

describe("events as text", () => {
  const events = read(sample("events.txt"));

  test("are reports of flows that begin, go on and end", async () => {
    const { reports, problems, notes } = await events;
    expect([reports.length, problems, notes]).toEqual([29, [], []]);
    expect(reports.slice(0, 2).map(line)).toEqual([
      "39.170085 opened 192.0.2.10:41966 198.51.100.20:5001 6/0",
      "39.170132 continued 192.0.2.10:41966 198.51.100.20:5001 6/0",
    ]);
    expect(reports.filter(({ flow }) => flow.protocol !== 6 && flow.protocol !== 17).map(line)).toEqual([
      "40.209855 opened 192.0.2.10:18918 198.51.100.20:18918 1/2048",
      "40.209866 continued 192.0.2.10:18918 198.51.100.20:18918 1/2048",
      "40.520717 opened 2001:db8:a::10:18919 2001:db8:b::20:18919 58/32768",
      "40.520732 continued 2001:db8:a::10:18919 2001:db8:b::20:18919 58/32768",
    ]);
  });

  test("have no verdict, and their state, mark and id in the detail", async () => {
    const { reports } = await events;
    expect(reports[2]).toMatchObject({
      verdict: null,
      rule: "",
      sensor: '{"interface":null,"kind":"conntrack","mac":null,"resource":null}',
      packetsForward: notCounted,
      detail: '{"assured":true,"id":914795038,"mark":42,"state":"ESTABLISHED","timeout":432000}',
      record: 3,
    });
    expect(JSON.parse(reports[0]!.detail).unreplied).toBe(true);
    expect(sample("events.txt").slice(reports[2]!.offset)).toMatch(/^\[1795273119\.170137\]/);
  });

  test("name the reply where addresses are translated, and nowhere else", async () => {
    const { reports } = await events;
    const replies = new Map(reports.map((report) => [ends(report), JSON.parse(report.detail).reply]));
    expect([...replies].filter(([, reply]) => reply !== undefined)).toEqual([
      [
        "192.0.2.10:48554 192.0.2.1:8080 6/0",
        { src: "198.51.100.20", dst: "192.0.2.10", sport: "5002", dport: "48554" },
      ],
      [
        "192.0.2.10:57390 198.51.100.20:53 17/0",
        { src: "198.51.100.20", dst: "198.51.100.1", sport: "53", dport: "57390" },
      ],
    ]);
  });

  test("have the counts of the whole connection at its end", async () => {
    const ended = (await events).reports.filter(({ kind }) => kind === "ended");
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ packetsForward: 1, bytesForward: 60, packetsBackward: 1, bytesBackward: 40 });
  });

  test("of older versions fill microseconds with blanks", async () => {
    const { reports } = await read(sample("events.txt").replace("[1795273119.170085]", "[1795273119.85    ]"));
    expect(line(reports[0]!)).toMatch(/^39\.000085 opened/);
  });

  test("are read without the words of `extended` and `id`, with CRLF, and in any chunks", async () => {
    const plain = sample("events.txt")
      .replace(/ipv[46] +\d+ /g, "")
      .replace(/ id=\d{6,}/g, "");
    const { reports } = await read(plain.replaceAll("\n", "\r\n"), 100);
    expect(reports.map(line)).toEqual((await events).reports.map(line));
  });

  test("without a time are refused, once, with the way to have one", async () => {
    const { reports, problems } = await read(sample("events.txt").replace(/^\[\d+\.\d+\]\t/gm, ""));
    expect(reports).toEqual([]);
    expect(problems).toEqual([
      {
        kind: "missing-field",
        record: 1,
        message:
          "this event carries no time: record with `conntrack -E -o timestamp,extended,id` (the first of 29 records that are so)",
      },
    ]);
  });

  test("with bad lines in the middle keep the others; what conntrack says at its end is none", async () => {
    const lines = sample("events.txt").split("\n");
    const said = "conntrack v1.4.7 (conntrack-tools): 29 flow events have been shown.";
    const bad = [
      "nonsense",
      "[1795273119.170132]\t    [NEW] tcp      6 120 SYN_SENT src=vm1 dst=10.0.0.1 sport=1 dport=2 src=10.0.0.1 dst=vm1",
    ];
    const { reports, problems } = await read([...lines.slice(0, 5), ...bad, ...lines.slice(5), said].join("\n"));
    expect(reports).toHaveLength(29);
    expect(problems.map(({ record, message }) => [record, message])).toEqual([
      [6, "no entry of connection tracking: `nonsense`"],
      [7, "no address in `src=`: `vm1`"],
    ]);
  });

  test("cut inside a line keep what comes before", async () => {
    const { reports, problems } = await read(sample("events.txt").slice(0, 500));
    expect([reports.length, problems.map(({ kind, record }) => [kind, record])]).toEqual([2, [["cut-off", 3]]]);
  });
});

describe("text of something else", () => {
  const event = "[NEW] udp      17 30 src=10.1.0.4 dst=10.1.0.5 sport=1 dport=2 [UNREPLIED] src=10.1.0.5 dst=10.1.0.4";

  test("is no entry, though one stands behind it", async () => {
    const line = `Mar 18 10:05:00 host conntrack[12]: ${event} sport=2 dport=1`;
    expect(conntrackEvents.recognise(Buffer.from(line))).toBe(0);
    const { reports, problems } = await read(`${line}\n`);
    expect([reports, problems.map(({ kind, record }) => [kind, record])]).toEqual([[], [["malformed", 1]]]);
  });

  test("what conntrack says of itself is none; that it lost events is told", async () => {
    const entry = `[1773828300.000085]\t${event} sport=2 dport=1`;
    const warning = [
      "WARNING: We have hit ENOBUFS! We are losing events.",
      "This message means that the current netlink socket buffer size is too small.",
      "Please, check --buffer-size in conntrack(8) manpage.",
    ];
    const end = "conntrack v1.4.6 (conntrack-tools): 2 flow events have been shown.";
    const { reports, problems } = await read([entry, ...warning, entry, end, ""].join("\n"));
    expect(reports.map(({ record }) => record)).toEqual([1, 5]);
    expect(problems.map(({ kind, record }) => [kind, record])).toEqual([["cut-off", 2]]);
  });
});

describe("events as XML", () => {
  test("say what the text says, in whole seconds and without the identifiers of ICMP", async () => {
    const { reports, problems, notes } = await read(sample("events.xml"));
    expect([reports.length, problems, notes.length]).toEqual([9, [], 2]);
    expect(line(reports[0]!)).toBe("39.000000 opened 192.0.2.10:41966 198.51.100.20:5001 6/0");
    expect(reports[2]!.detail).toBe((await read(sample("events.txt"))).reports[2]!.detail);
    expect(reports[7]).toMatchObject({ kind: "ended", packetsForward: 1, bytesForward: 60, bytesBackward: 40 });
    expect(line(reports[8]!)).toBe("40.000000 opened 192.0.2.10:0 198.51.100.20:0 1/0");
    expect(notes[0]).toMatch("the machine's own zone");
    expect(notes[1]).toBe("1 entry of ICMP without type and identifier: the text form has them");
  });

  test("have the kernel's own time of an end where it was asked for", async () => {
    const { reports, problems } = await read(sample("kernel-times.xml"));
    expect(reports.map(line)).toEqual(["40.199064 ended 192.0.2.10:59272 198.51.100.20:5003 6/0"]);
    expect(problems.map(({ kind }) => kind)).toEqual(["missing-field"]);
  });

  test.each([64, 1000, 1 << 20])("cut at the end keep whole flows, in chunks of %i", async (chunkBytes) => {
    const whole = sample("events.xml");
    const { reports, problems } = await read(whole.slice(0, whole.indexOf("</conntrack>") - 40), chunkBytes);
    expect([reports.length, problems.map(({ kind, record }) => [kind, record])]).toEqual([8, [["cut-off", 9]]]);
    for (const { offset } of reports) expect(whole.slice(offset, offset + 6)).toBe("<flow ");
    const stopped = await read(whole.replace("</conntrack>", ""), chunkBytes);
    expect([stopped.reports.length, stopped.problems]).toEqual([9, []]);
  });

  test("with one that never ends in the middle keep the others", async () => {
    const flows = sample("events.xml").split("\n");
    const broken = flows.toSpliced(4, 1, flows[4]!.slice(0, 100));
    const { reports, problems } = await read(broken.join("\n"));
    expect(reports.map(({ record }) => record)).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
    expect(problems.map(({ kind, record }) => [kind, record])).toEqual([["malformed", 3]]);
  });
});

describe("a list", () => {
  test.each(["list.txt", "list-ipv6.xml", "proc.txt"])(
    "is seen when it was taken, and counts nothing twice (%s)",
    async (name) => {
      const { reports, problems, notes } = await read(sample(name));
      expect(problems).toEqual([]);
      for (const report of reports) {
        expect(report).toMatchObject({ kind: "continued", time: takenAt, lastTime: takenAt, bytesForward: notCounted });
        expect(JSON.parse(report.detail).total.packetsForward).toBeGreaterThan(0);
      }
      expect(notes[0]).toMatch(/^\d entries of a list, which says neither when connections began nor when they ended/);
    },
  );

  test("has the same flows in /proc, whose addresses of IPv6 are written out", async () => {
    const flows = async (name: string) => (await read(sample(name))).reports.map(ends).sort();
    expect(await flows("proc.txt")).toEqual(await flows("list.txt"));
  });

  test("keeps when the machine says that a connection began", async () => {
    const [first] = (await read(sample("list.txt"))).reports;
    expect(JSON.parse(first!.detail).start).toBe("Sat Nov 21 14:58:39 2026");
  });
});
