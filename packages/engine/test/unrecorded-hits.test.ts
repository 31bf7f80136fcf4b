import { expect, it } from "vitest";
import { beginningOfTime, endOfTime, type Micros, type RuleVersion } from "../src/index.js";
import { UnrecordedHitCounts } from "../src/unrecorded-hits.js";

function version(rule: string, number: number): RuleVersion {
  const span = { from: beginningOfTime, to: endOfTime, recordedFrom: beginningOfTime };
  const content = { kind: "unknown", because: "test" } as const;
  const of = { group: "nsg", groupName: "nsg", rule, version: number, isDefault: false };
  return { ...of, ...span, content, begunBy: null, endedBy: null };
}

const at = (time: number) => time as Micros;

it("hits of one version are together, whoever made the version and whatever it did", () => {
  const counts = new UnrecordedHitCounts();
  const gate = (by: RuleVersion) => ({ gate: "subnet", decision: "allow", group: "nsg", decidedBy: by }) as const;
  const open = { gate: "interface", decision: "allow", group: null, decidedBy: null } as const;
  const admission = { decision: "allow", gates: [gate(version("ssh", 1)), open], topology: "recorded" } as const;
  counts.passed(admission, at(5), 40);
  counts.passed({ ...admission, gates: [gate(version("ssh", 1)), gate(version("ssh", 2))] }, at(9), 60);
  counts.denied(version("ssh", 2), { first: at(3), last: at(20), count: 7 });
  expect(counts.rows.map(({ rule, ...hits }) => [rule.version, hits])).toEqual([
    [1, { first: 5, last: 9, passedPackets: 2, passedBytes: 100, deniedPackets: 0 }],
    [2, { first: 3, last: 20, passedPackets: 1, passedBytes: 60, deniedPackets: 7 }],
  ]);
});
