// Reports have the same identity wherever they stand, and another one where they tell anything else.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type ReportedFlow, repeatedInBatch, reportIdentities } from "../../src/index.js";
import { anyReports, batchOfReports } from "../support/reports.js";

const identityOf = (report: ReportedFlow) => reportIdentities(batchOfReports([report]))[0];

test("in any batch, at any place of a file, a report has the same identity", () => {
  fc.assert(
    fc.property(anyReports, (reports) => {
      const together = [...reportIdentities(batchOfReports(reports))];
      expect(reports.map((own) => identityOf({ ...own, record: 7, offset: 70 }))).toEqual(together);
    }),
  );
});

test("a report is repeated in its batch where its identity was there before", () => {
  fc.assert(
    fc.property(anyReports, anyReports, fc.nat(), (reports, more, places) => {
      const all = [...reports, ...more, ...reports.filter((_, index) => (places >> index) & 1)];
      const batch = batchOfReports(all.map((report, record) => ({ ...report, record, offset: record * 9 })));
      expect(repeatedInBatch(batch)).toBe(all.length - new Set(reportIdentities(batch)).size);
    }),
  );
});

const changes: readonly ((report: ReportedFlow) => Partial<ReportedFlow>)[] = [
  ({ time }) => ({ time: time + 1 }),
  ({ lastTime }) => ({ lastTime: lastTime + 1 }),
  ({ sensor }) => ({ sensor: `${sensor} ` }),
  ({ rule }) => ({ rule: `${rule} ` }),
  ({ detail }) => ({ detail: `${detail} ` }),
  ({ kind }) => ({ kind: kind === "opened" ? "ended" : "opened" }),
  ({ verdict }) => ({ verdict: verdict === "allow" ? "deny" : "allow" }),
  ({ direction }) => ({ direction: direction === "inbound" ? "outbound" : "inbound" }),
  ({ flags }) => ({ flags: flags ^ 2 }),
  ({ ordinal }) => ({ ordinal: ordinal + 1 }),
  ({ packetsForward }) => ({ packetsForward: packetsForward + 1 }),
  ({ bytesForward }) => ({ bytesForward: bytesForward + 2 ** 32 }),
  ({ packetsBackward }) => ({ packetsBackward: packetsBackward + 1 }),
  ({ bytesBackward }) => ({ bytesBackward: bytesBackward + 1 }),
  ({ flow }) => ({ flow: { ...flow, sourcePort: flow.sourcePort ^ 1 } }),
  ({ flow }) => ({ flow: { ...flow, destinationPort: flow.destinationPort ^ 1 } }),
  ({ flow }) => ({ flow: { ...flow, protocol: flow.protocol ^ 1 } }),
  ({ flow }) => ({ flow: { ...flow, icmp: flow.icmp ^ 1 } }),
  ({ flow }) => ({ flow: { ...flow, words: flow.words.map((word, index) => (index === 5 ? word ^ 1 : word)) } }),
];

test.each(changes.map((change, index) => [index, change] as const))("change %i shows", (_, change) => {
  fc.assert(
    fc.property(anyReports, (reports) => {
      for (const own of reports) expect(identityOf({ ...own, ...change(own) })).not.toBe(identityOf(own));
    }),
    { numRuns: 20 },
  );
});
