import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { VerdictLine } from "../../src/query/verdicts.js";
import { conntrail, example, importExample, json, ndjson, newCase } from "../support/conntrail.js";

type Why = {
  verdict: string;
  standing: string;
  flows: {
    flow: string;
    connection: string;
    openedAt: string;
    opening: { file: string; frame: number; position: number };
    admission: { gates: { gate: string; decidedBy: { rule: string; version: number } | null }[] };
    grants: { requestor: string; justification: string; until: string; position: number }[];
    outlived: { rule: string; endedBy: { type: string; who: string; time: string; position: number } }[];
    movedSince: { packets: number; bytesForward: number; bytesBackward: number };
  }[];
  lastEnded: { endsBy: string } | null;
  newConnection: { interface: string; verdict: string; gates: { decidedBy: { rule: string } | null }[] }[];
};

const directory = newCase();
const after = "2026-11-21T05:00:30Z";

describe("the recorded jit-ssh case", () => {
  beforeAll(() => {
    const ran = importExample(directory);
    expect(ran.err).not.toMatch(/record \d+:/);
    expect(ran.code).toBe(0);
  });

  test("every verdict is what the kernel's router did", () => {
    const kernel = new Map(
      readFileSync(join(example, "kernel-verdicts.ndjson"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { frame: number; verdict: string })
        .map(({ frame, verdict }) => [frame, verdict]),
    );
    const ours = ndjson<VerdictLine>(conntrail(["verdicts", "--case", directory, "-o", "ndjson"]));
    expect(kernel.size).toBeGreaterThan(3000);
    expect(new Map(ours.map(({ frame, verdict }) => [frame, verdict]))).toEqual(kernel);
    expect(ours).toHaveLength(kernel.size);
    expect(new Set(ours.map((line) => line.interface))).toEqual(new Set(["vm1-nic"]));
  });

  test("why names record, opening, rule version, grant, deletion, bytes since, and what denies a new one", () => {
    const ran = conntrail([
      "why",
      "203.0.113.7:37351",
      "10.1.0.4:22/tcp",
      "--at",
      after,
      "--case",
      directory,
      "-o",
      "json",
    ]);
    const answer = json<Why>(ran);
    expect(ran.code).toBe(0);
    expect(answer).toMatchObject({ verdict: "allow", standing: "inferred" });
    const flow = answer.flows[0]!;
    expect(flow).toMatchObject({
      connection: "203.0.113.7:37351 → 10.1.0.4:22/tcp",
      opening: { frame: 48 },
      grants: [{ requestor: "alice@contoso.example" }],
      outlived: [{ endedBy: { type: "security-rule-deleted", time: "2026-11-21T04:59:44.729890Z" } }],
    });
    expect(flow.opening.file).toMatch(/capture\.pcap$/);
    expect(flow.openedAt).toMatch(/^2026-11-21T04:54:46\./);
    expect(flow.movedSince.bytesBackward).toBeGreaterThan(1_500_000);
    expect(flow.admission.gates[0]?.decidedBy).toMatchObject({ version: 1 });
    expect(answer.newConnection[0]).toMatchObject({ interface: "vm1-nic", verdict: "deny" });
    expect(answer.newConnection[0]?.gates[0]?.decidedBy?.rule).toMatch(/^MicrosoftDefenderForCloud-JITRule_/);
  });

  test("a new connection is allowed while the grant runs, and denied before and after", () => {
    const verdictAt = (at: string) =>
      json<Why>(
        conntrail(["why", "203.0.113.7", "10.1.0.4:22/tcp", "--new", "--at", at, "--case", directory, "-o", "json"]),
      ).verdict;
    expect(verdictAt("2026-11-21T04:54:45Z")).toBe("deny");
    expect(verdictAt("2026-11-21T04:54:45.691465Z")).toBe("allow");
    expect(verdictAt("2026-11-21T04:59:44.729889Z")).toBe("allow");
    expect(verdictAt("2026-11-21T04:59:44.729890Z")).toBe("deny");
  });

  test("a failed write changes no rule", () => {
    const { out } = conntrail(["rules", "--history", "--case", directory, "-o", "ndjson"]);
    expect(out).toContain("MicrosoftDefenderForCloud-JITRule-");
    expect(out).not.toContain("allow-ssh-any");
  });

  test("the text of the answer can be read by somebody who has never seen the tool", () => {
    const { out } = conntrail(["why", "203.0.113.7:37351", "10.1.0.4:22/tcp", "--at", after, "--case", directory]);
    for (const words of [
      "ALLOWED",
      "alice@contoso.example",
      "was deleted",
      "from then to the end of the evidence",
      "would be DENIED",
      "inferred",
    ]) {
      expect(out).toContain(words);
    }
  });

  test.each([
    ["azure", "allow", "deny", null],
    ["azure-flush", "deny", "deny", "re-evaluated"],
    ["linux", "allow", "deny", null],
    ["packet", "deny", "deny", "re-evaluated"],
  ])("under %s the session's client meets %s, a new connection %s, and the record before was %s", (...row) => {
    const [semantics, verdict, fresh, before] = row;
    const asked = ["why", "203.0.113.7:37351", "10.1.0.4:22/tcp", "--at", after, "--semantics", semantics];
    const answer = json<Why>(conntrail([...asked, "--case", directory, "-o", "json"]));
    expect(answer.verdict).toBe(verdict);
    expect(answer.newConnection.map((one) => one.verdict)).toEqual([fresh]);
    expect(answer.lastEnded?.endsBy ?? null).toBe(before);
  });

  test("a setting changes named semantics, and the answer names it", () => {
    const asked = ["why", "203.0.113.7:37351", "10.1.0.4:22/tcp", "--at", after, "--case", directory];
    const { out } = conntrail([...asked, "--semantics", "azure", "--setting", "rules=reevaluate"]);
    expect(out).toContain("DENIED");
    expect(out).toContain("semantics: azure, rules=reevaluate");
    expect(conntrail([...asked, "--setting", "rules=reevaluate"]).code).toBe(2);
    expect(conntrail([...asked, "--semantics", "azure", "--setting", "rules=perhaps"]).code).toBe(2);
  });

  test("under azure-flush the session is cut with the rule, and its answering side does not bring it back", () => {
    const asked = ["why", "203.0.113.7:37351", "10.1.0.4:22/tcp", "--at", after, "--semantics", "azure-flush"];
    const { out } = conntrail([...asked, "--case", directory]);
    expect(out).toContain("DENIED");
    expect(out).toContain("the rules, asked anew, allow it no more");
  });
});
