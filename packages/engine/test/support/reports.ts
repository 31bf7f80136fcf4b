// Reports of flows for tests: seeded, and any that can be.

import fc from "fast-check";
import {
  type ReportedBatch,
  ReportedBatchBuilder,
  type ReportedFlow,
  reportedDirections,
  reportedVerdicts,
  reportKinds,
} from "../../src/index.js";

const word = fc.nat(0xffff_ffff);
const port = fc.nat(0xffff);
const count = fc.oneof(fc.constant(-1), fc.nat(9999), fc.nat(Number.MAX_SAFE_INTEGER));
const text = fc.oneof(fc.constant(""), fc.string({ unit: "binary", maxLength: 12 }));

const anyFlow = fc
  .record({
    words: fc.tuple(word, word, word, word, word, word, word, word),
    protocol: fc.nat(255),
    sourcePort: port,
    destinationPort: port,
    icmp: port,
  })
  .map(({ words, ...flow }) => ({ ...flow, words: Uint32Array.from(words) }));

const anyReport: fc.Arbitrary<ReportedFlow> = fc.record({
  time: fc.nat(Number.MAX_SAFE_INTEGER),
  lastTime: fc.nat(Number.MAX_SAFE_INTEGER),
  flow: anyFlow,
  kind: fc.constantFrom(...reportKinds),
  verdict: fc.constantFrom(...reportedVerdicts),
  direction: fc.constantFrom(...reportedDirections),
  sensor: text,
  rule: text,
  packetsForward: count,
  bytesForward: count,
  packetsBackward: count,
  bytesBackward: count,
  flags: port,
  detail: text,
  ordinal: fc.nat(9),
  record: fc.nat(Number.MAX_SAFE_INTEGER),
  offset: fc.nat(Number.MAX_SAFE_INTEGER),
});

export const anyReports: fc.Arbitrary<readonly ReportedFlow[]> = fc.array(anyReport, { maxLength: 20 });

export function batchOfReports(reports: readonly ReportedFlow[]): ReportedBatch {
  const builder = new ReportedBatchBuilder(Math.max(1, reports.length));
  for (const report of reports) builder.add(report);
  return builder.finish();
}
