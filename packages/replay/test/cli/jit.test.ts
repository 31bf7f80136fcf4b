import { beforeAll, describe, expect, test } from "vitest";
import { conntrail, importExample, json, ndjson, newCase, verified } from "../support/conntrail.js";

type Jit = {
  grants: {
    grant: string;
    who: string;
    byHand: boolean;
    machine: string;
    justification: string | null;
    status: string;
    end: { time: string; because: string };
    rules: { rule: string; version: number; tiedBy: string; from: string; to: string }[];
    sessions: { destination_port: number; overstaySeconds: number; bytesAfter: number }[];
    overstaySeconds: number;
    bytesAfter: number;
  }[];
  refused: { who: string; refusal: string }[];
  findings: { kind: string; message: string; grant: string | null }[];
};
type Appended = { appended: { type: string; actor: { who: string } }[]; remarks: string[]; refused: string | null };

const directory = newCase();
const inCase = (...args: string[]) => conntrail([...args, "--case", directory]);
const appended = (...args: string[]) => {
  const ran = inCase("jit", ...args, "-o", "json");
  return { code: ran.code, err: ran.err, ...json<Appended>(ran) };
};
const asked = (...args: string[]) => json<Jit>(inCase("jit", ...args, "-o", "json"));
const newVerdict = (at: string) =>
  json<{ verdict: string }>(inCase("why", "203.0.113.7", "10.1.0.4:22/tcp", "--new", "--at", at, "-o", "json")).verdict;

beforeAll(() => {
  expect(importExample(directory).code).toBe(0);
});

describe("the recorded jit-ssh case", () => {
  test("one grant, its rule, the session that it admitted, and how long that stayed on", () => {
    const ran = inCase("jit", "-o", "json");
    const { grants, refused, findings } = json<Jit>(ran);
    expect(ran.code).toBe(0);
    expect([refused, findings]).toEqual([[], []]);
    expect(grants).toMatchObject([
      {
        who: "alice@contoso.example",
        byHand: false,
        status: "expired",
        end: { time: "2026-11-21T04:59:42.781385Z", because: "expired" },
        rules: [{ version: 1, tiedBy: "machine, port, source and time" }],
        sessions: [{ destination_port: 22 }],
        // What `why` counts from the rule's deletion, two seconds later; nothing moved between.
        bytesAfter: 1_590_636 + 42_184,
      },
    ]);
    expect(grants[0]!.overstaySeconds).toBeCloseTo(74.85, 1);
  });

  test("as things stood while it ran, and before", () => {
    expect(asked("--at", "2026-11-21T04:56:00Z").grants).toMatchObject([{ status: "active", overstaySeconds: 0 }]);
    expect(asked("--at", "2026-11-21T04:54:43Z").grants).toEqual([]);
    expect(asked("--since", "2026-11-21T05:00:00Z").grants).toEqual([]);
    expect(asked("--until", "2026-11-21T04:54:43Z").grants).toEqual([]);
  });

  test("the text says it to somebody who has never seen the tool, and ndjson one grant a line", () => {
    const { out } = inCase("jit");
    for (const words of ["alice@contoso.example", "vm1", "expired", "1 min 14 s past the grant's end"]) {
      expect(out).toContain(words);
    }
    expect(ndjson(inCase("jit", "-o", "ndjson"))).toHaveLength(1);
  });
});

describe("access by hand", () => {
  const at = (time: string, who: string) => ["--at", `2026-11-21T${time}Z`, "--by", who];
  const policy = ["policy", "set", "lab", "vm1", "22/tcp", "3389/tcp", "--max", "2h", "--from", "203.0.113.0/24"];
  const request = ["request", "vm1", "22", "--for", "1h", "--from", "203.0.113.7", "--why", "ticket 7"];

  test("a policy denies its ports, and once set again there is nothing to append", () => {
    expect(appended(...policy, ...at("05:02:00", "carol"))).toMatchObject({
      code: 0,
      appended: [
        { type: "access-policy-written", actor: { who: "carol" } },
        { type: "security-rule-written", actor: { who: "Microsoft Defender for Cloud" } },
      ],
    });
    const again = appended(...policy, ...at("05:03:00", "carol"));
    expect(again).toMatchObject({ code: 0, appended: [], remarks: ["nothing to append: it is so already"] });
  });

  test("a request is granted: its rule lets a new connection in until the time is up", () => {
    const types = (...args: string[]) => appended(...request, ...args).appended.map(({ type }) => type);
    expect(types(...at("05:05:00", "bob"))).toEqual(["access-requested", "security-rule-written"]);
    expect(types(...at("05:05:00", "bob"))).toEqual([]);
    const verdicts = ["05:04:59.999999", "05:05:00", "06:04:59.999999", "06:05:00"].map((time) =>
      newVerdict(`2026-11-21T${time}Z`),
    );
    expect(verdicts).toEqual(["deny", "allow", "allow", "deny"]);
  });

  test("a request outside the policy is refused with every reason, and that is kept", () => {
    const ran = appended("request", "vm1", "22", "--for", "3h", "--from", "198.51.100.1", ...at("05:06:00", "eve"));
    expect(ran).toMatchObject({ code: 1, appended: [{ type: "access-requested", actor: { who: "eve" } }] });
    expect(ran.err).toContain("refused: source 198.51.100.1 is outside");
    expect(ran.err).toContain("3 h is longer than the policy allows: at most 2 h");
    expect(asked("--at", "2026-11-21T05:07:00Z").refused).toMatchObject([
      { who: "eve", refusal: "source-outside-policy, longer-than-policy" },
    ]);
  });

  test("a revocation ends it, and its rule with it", () => {
    const id = asked("--since", "2026-11-21T05:05:00Z").grants[0]!.grant;
    expect(appended("revoke", id, ...at("05:20:00", "carol"))).toMatchObject({
      code: 0,
      appended: [{ type: "access-ended", actor: { who: "carol" } }],
    });
    expect(newVerdict("2026-11-21T05:20:00Z")).toBe("deny");
    const again = appended("revoke", id, ...at("05:30:00", "carol"));
    expect(again).toMatchObject({ code: 1, appended: [] });
    expect(again.err).toContain("revoked 2026-11-21T05:20:00.000000Z");
  });

  test("all of which the question tells, and nothing of it contradicts anything", () => {
    const answer = asked("--at", "2026-11-21T07:00:00Z");
    expect(answer.findings).toEqual([]);
    expect(answer.grants).toMatchObject([
      { who: "alice@contoso.example", status: "expired" },
      {
        who: "bob",
        byHand: true,
        justification: "ticket 7",
        status: "revoked",
        end: { time: "2026-11-21T05:20:00.000000Z" },
        rules: [{ from: "2026-11-21T05:05:00.000000Z", to: "2026-11-21T05:20:00.000000Z", tiedBy: "correlation id" }],
      },
    ]);
    const { intact, viewsDigest, rebuiltDigest } = verified(directory);
    expect([intact, rebuiltDigest]).toEqual([true, viewsDigest]);
  });

  test("without a justification it is a finding, and the command ends with 1", () => {
    appended("request", "vm1", "3389", "--for", "30m", "--from", "203.0.113.7", ...at("08:00:00", "bob"));
    const ran = inCase("jit", "-o", "json");
    expect(ran.code).toBe(1);
    expect(json<Jit>(ran).findings).toMatchObject([{ kind: "no-justification" }]);
  });

  test.each([
    ["what is no port", ["request", "vm1", "ssh"], "`ssh` is no port"],
    ["what is no duration", ["request", "vm1", "22", "--for", "long"], "`long` is no duration"],
    ["what is no command", ["grant"], "too many arguments"],
  ])("%s is a wrong use", (_, args, message) => {
    const ran = inCase("jit", ...args);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(message)]);
  });
});
