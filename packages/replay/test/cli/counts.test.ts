// Counts of the views against the verdicts and flow records of the same case, added up here.

import { beforeAll, describe, expect, test } from "vitest";
import { conntrail, exampleEvidence, exampleTakenAt, json, ndjson, newCase } from "../support/conntrail.js";

type Gate = { readonly group: string; readonly rule: string | null; readonly decision: string };
type Flow = {
  readonly gates: readonly Gate[];
  readonly decision: string;
  readonly packets_forward: number;
  readonly packets_backward: number;
};
type Verdict = {
  readonly time: string;
  readonly interface: string | null;
  readonly direction: string | null;
  readonly verdict: string;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly protocol: number;
  readonly reason: { readonly type: string; readonly rule: string | null };
};
type Hits = {
  readonly flows: number;
  readonly packets: number;
  readonly attempts: number;
  readonly deniedPackets: number;
  readonly first: string | null;
  readonly last: string | null;
};
type Rule = { readonly rule: string; readonly version: number; readonly hits: Hits };
type Amount = { readonly packets: number; readonly bytes: number };
type Span = { readonly from: string; readonly interfaceName: string; readonly direction: string } & {
  readonly [kind in "allowed" | "denied" | "unknown" | "unjudged"]: Amount;
};

let directory: string;
let verdicts: Verdict[];
beforeAll(() => {
  directory = newCase();
  conntrail(["import", exampleEvidence, "--case", directory, "--taken-at", exampleTakenAt]);
  verdicts = ndjson<Verdict>(conntrail(["verdicts", "--case", directory, "-o", "ndjson"]));
});

const asked = (...words: string[]) => conntrail([...words, "--case", directory, "-o", "ndjson"]);
const spansOf = (...words: string[]) => ndjson<Span>(asked("traffic", ...words));

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

describe("conntrail traffic", () => {
  test("has every packet that was judged in its minute, by interface, direction and verdict", () => {
    const told = spansOf().flatMap(({ from, interfaceName, direction, allowed, denied }) => [
      [`${from.slice(0, 16)} ${interfaceName} ${direction} allow`, allowed.packets],
      [`${from.slice(0, 16)} ${interfaceName} ${direction} deny`, denied.packets],
    ]);
    const expected = countBy(verdicts, ({ time, interface: at, direction, verdict }) =>
      [time.slice(0, 16), at, direction, verdict].join(" "),
    );
    expect(Object.fromEntries(told.filter(([, packets]) => packets !== 0))).toEqual(expected);
  });

  test("adds up to the same in longer rows, and leaves out minutes that the span does not touch", () => {
    const sum = (spans: readonly Span[]) => spans.reduce((total, { allowed }) => total + allowed.bytes, 0);
    const [minutes, hours] = [spansOf(), spansOf("--per", "1h")];
    expect(sum(hours)).toBe(sum(minutes));
    expect(hours.map(({ from }) => from.slice(13))).toEqual(hours.map(() => ":00:00.000000Z"));
    const within = spansOf("--between", "2026-11-21T04:56:30Z..2026-11-21T04:58:00Z", "--interface", "VM1-nic");
    const starts = new Set(within.map(({ from }) => from.slice(11, 16)));
    expect(starts).toEqual(new Set(["04:56", "04:57"]));
    expect(spansOf("--interface", "another")).toEqual([]);
  });

  test("refuses rows that are no whole minutes", () => {
    const ran = conntrail(["traffic", "--case", directory, "--per", "90s"]);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("`90s` is not in whole minutes")]);
  });
});

describe("conntrail rules --hits", () => {
  test("tells of each version what flow records and denied packets tell", () => {
    const rules = ndjson<Rule>(asked("rules", "--history", "--hits"));
    const flows = ndjson<Flow>(asked("flows")).filter(({ decision }) => decision === "allow");
    const denied = verdicts.filter(({ verdict }) => verdict === "deny");
    for (const { rule, hits } of rules) {
      const own = flows.filter(({ gates }) => gates.some((gate) => gate.rule === rule));
      const kept = denied.filter(({ reason }) => reason.rule === rule);
      const attempts = new Set(kept.map(({ time: _, reason: __, ...ends }) => JSON.stringify(targetOf(ends))));
      const byRules = verdicts.filter(({ reason }) => reason.type === "passed" && reason.rule === rule).length;
      const moved = own.reduce((sum, flow) => sum + flow.packets_forward + flow.packets_backward, 0);
      const { flows: admitted, packets, attempts: tried, deniedPackets } = hits;
      const counts = [own.length, moved + byRules, attempts.size, kept.length];
      expect([rule, admitted, packets, tried, deniedPackets]).toEqual([rule, ...counts]);
    }
    expect(rules.some(({ hits }) => hits.flows > 0)).toBe(true);
    expect(rules.some(({ hits }) => hits.deniedPackets > 0)).toBe(true);
  });

  test("says since when and until when, and nothing of a rule that no packet met", () => {
    const rules = ndjson<Rule>(asked("rules", "--hits"));
    const hitsOf = (name: string) => rules.find(({ rule }) => rule === name)?.hits;
    const own = verdicts.filter(({ reason }) => reason.rule === "DenyAllInBound").map(({ time }) => time);
    expect(hitsOf("DenyAllInBound")).toMatchObject({ first: own[0], last: own.at(-1) });
    expect(hitsOf("DenyAllOutBound")).toMatchObject({ flows: 0, deniedPackets: 0, first: null, last: null });
  });

  test("asks under other semantics, where packets pass by the rules alone", () => {
    const under = ndjson<Rule>(asked("rules", "--hits", "--semantics", "packet"));
    const plain = ndjson<Rule>(asked("rules", "--hits"));
    expect(under).not.toEqual(plain);
    expect(conntrail(["rules", "--case", directory, "--semantics", "packet"]).code).toBe(2);
  });
});

test("verify has the counts in its digest, and says that no table was full", () => {
  const verified = json<{ viewsDigest: string; rebuiltDigest: string; tableFull: unknown[] }>(
    conntrail(["verify", "--rebuild", "--case", directory, "-o", "json"]),
  );
  expect(verified.rebuiltDigest).toBe(verified.viewsDigest);
  expect(verified.tableFull).toEqual([]);
});

function targetOf({ interface: at, direction, source, destination, destinationPort, protocol }: Partial<Verdict>) {
  return [at, direction, source, destination, destinationPort, protocol];
}
