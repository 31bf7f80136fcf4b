// The example's session with no capture of it: a flow log, the Activity Log and the resources tell the same story.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  conntrail,
  exampleEvidence,
  exampleTakenAt,
  json,
  ndjson,
  newCase,
  temporaryDirectory,
} from "../support/conntrail.js";

const rule = "UserRule_MicrosoftDefenderForCloud-JITRule-1463020894-7B1F0E52C9D84A36A5E1D2F37C6840B9";
const afterTheGrant = "2026-11-21T05:00:30Z";

/** Seconds of the session; a report each minute, with what moved since the last. */
const opened = Date.parse("2026-11-21T04:54:46Z") / 1000;
const session = [
  [opened, "B,,,,"],
  ...[60, 120, 180, 240].map((after) => [opened + after, "C,100,7000,150,16000"] as const),
  // behind the end of the grant, 04:59:44
  [opened + 300, "C,200,9000,250,800000"],
  [opened + 370, "E,20,841,23,1565"],
] as const;

let directory: string;
beforeAll(() => {
  directory = newCase();
  const files = readdirSync(exampleEvidence).filter((name) => !name.endsWith(".pcap"));
  const log = join(temporaryDirectory(), "PT1H.json");
  writeFileSync(log, JSON.stringify(flowLog()));
  const paths = files.map((name) => join(exampleEvidence, name));
  expect(conntrail(["import", ...paths, log, "--case", directory, "--taken-at", exampleTakenAt]).code).toBe(0);
});

function flowLog() {
  const { id } = JSON.parse(readFileSync(join(exampleEvidence, "nsg-web.json"), "utf8")) as { id: string };
  const mac = "000D3A5B2C41";
  const tuples = session.map(([time, rest]) => `${time},203.0.113.7,10.1.0.4,37351,22,T,I,A,${rest}`);
  const denied = `${opened + 360},203.0.113.7,10.1.0.4,40000,22,T,I,D,B,,,,`;
  const flows = [
    { rule, flows: [{ mac, flowTuples: tuples }] },
    { rule: "DefaultRule_DenyAllInBound", flows: [{ mac, flowTuples: [denied] }] },
  ];
  const record = { time: "2026-11-21T05:01:00.0000000Z", category: "NetworkSecurityGroupFlowEvent", macAddress: mac };
  return { records: [{ ...record, resourceId: id.toUpperCase(), properties: { Version: 2, flows } }] };
}

const asked = (...words: string[]) => conntrail([...words, "--case", directory]);

test("why: open as reported, by a rule that is gone, and what moved since", () => {
  const { code, out } = asked("why", "203.0.113.7", "10.1.0.4:22/tcp", "--at", afterTheGrant);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^ALLOWED at .* as reported: flow record f-\w+ of NSG flow log of nsg-web at 000d3a5b2c41 was open/,
  );
  expect(out).toContain("the connection was opened while a rule, made for alice@contoso.example, allowed it");
  expect(out).toMatch(/JITRule-\S+` v1 was deleted .*; the record has outlived it by 45/);
  expect(out).toContain("from then to the end of the evidence 493 packets: 9.8 kB (9,841 bytes) from the opener");
  expect(out).toContain("not a rule edit (semantics: azure)");
  expect(out).toContain("inferred: it rests on what a sensor reported, and no packet shows it");
});

test("jit: the session is one of the grant's, with its overstay and what moved in that time", () => {
  const { grants } = json<{ grants: { sessions: object[]; overstaySeconds: number; bytesAfter: number }[] }>(
    asked("jit", "-o", "json"),
  );
  expect(grants).toHaveLength(1);
  expect(grants[0]!.sessions).toEqual([expect.objectContaining({ basis: "reported", source_port: 37351 })]);
  expect(grants[0]!.overstaySeconds).toBeCloseTo(opened + 370 - Date.parse("2026-11-21T04:59:42.781385Z") / 1000, 3);
  expect(grants[0]!.bytesAfter).toBe(9000 + 800_000 + 841 + 1565);
});

test("jit: where packets tell of the session too, it is one", () => {
  const both = newCase();
  const log = join(temporaryDirectory(), "PT1H.json");
  writeFileSync(log, JSON.stringify(flowLog()));
  conntrail(["import", exampleEvidence, log, "--case", both, "--taken-at", exampleTakenAt]);
  const { grants } = json<{ grants: { sessions: object[] }[] }>(conntrail(["jit", "-o", "json", "--case", both]));
  expect(grants[0]!.sessions).toEqual([expect.objectContaining({ basis: "packets", source_port: 37351 })]);
});

test("rules --hits: what sensors report of each version", () => {
  type Rule = { rule: string; hits: { flows: number; reported: object } };
  const rules = ndjson<Rule>(asked("rules", "--history", "--hits", "-o", "ndjson"));
  const reported = (part: string) => rules.find((own) => own.rule.includes(part))!.hits;
  expect(reported("JITRule")).toMatchObject({ flows: 0, reported: { allowed: session.length, denied: 0 } });
  expect(rules.reduce((sum, { hits }) => sum + (hits.reported as { denied: number }).denied, 0)).toBe(1);
  expect(asked("rules", "--hits").out).toContain("reported allowed  reported denied");
});
