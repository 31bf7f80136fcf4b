import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  conntrail,
  evidenceIds,
  exampleEvidence,
  importExample,
  json,
  newCase,
  type Ran,
  started,
  temporaryDirectory,
  verified,
} from "../support/conntrail.js";

const capture = readFileSync(join(exampleEvidence, "capture.pcap"));
const nsg = readFileSync(join(exampleEvidence, "nsg-web.json"), "utf8");

function file(name: string, content: string | Buffer): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

function lines(ran: Ran): string[] {
  return ran.err.split("\n").filter((line) => line !== "" && !line.startsWith("no case was found"));
}

function expectOneLine(ran: Ran, pattern: RegExp): void {
  expect(ran.err).not.toMatch(/^\s+at /m);
  const matching = lines(ran).filter((line) => pattern.test(line));
  expect(matching, ran.err).toHaveLength(1);
}

describe("an import of wrong input says in one line what and where, and keeps what was good", () => {
  const jpeg = Buffer.concat([Buffer.from("ffd8ffe000104a464946", "hex"), Buffer.alloc(4000, 7)]);
  test.each([
    ["an empty file", file("empty", ""), /empty: the file is empty/],
    ["a JPEG", file("photo.jpg", jpeg), /photo\.jpg: not recognised/],
    ["no such file", "/nowhere/x.pcap", /\/nowhere\/x\.pcap: there is no such file/],
    [
      "an NSG without rules",
      file("nsg.json", nsg.replaceAll('"securityRules"', '"otherRules"')),
      /has no `securityRules`/,
    ],
    ["a directory without evidence", temporaryDirectory(), /no file in the directory/],
  ])("%s: 65", (_, path, pattern) => {
    const ran = conntrail(["import", path, "--case", newCase()]);
    expect(ran.code).toBe(65);
    expectOneLine(ran, pattern);
  });

  test("half a pcap: 1, and the packets before the cut are kept", () => {
    const directory = newCase();
    const ran = conntrail([
      "import",
      file("half.pcap", capture.subarray(0, capture.length / 2 + 5)),
      "--case",
      directory,
    ]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /half\.pcap: record \d+: /);
    expect(evidenceIds(directory).length).toBeGreaterThan(0);
    expect(conntrail(["verdicts", "--case", directory, "-o", "ndjson"]).out.split("\n").length).toBeGreaterThan(1000);
  });

  test("a record of 2 GiB: 1, without the memory for it", () => {
    const lie = Buffer.alloc(16);
    lie.writeUInt32LE(0x8000_0000, 8);
    lie.writeUInt32LE(0x8000_0000, 12);
    const cut = 24 + 16 + capture.readUInt32LE(24 + 8);
    const ran = conntrail([
      "import",
      file("huge.pcap", Buffer.concat([capture.subarray(0, cut), lie])),
      "--case",
      newCase(),
    ]);
    expect([1, 65]).toContain(ran.code);
    expectOneLine(ran, /huge\.pcap: record 2: /);
  });

  test("JSON cut in the middle: what stands before the cut is kept", () => {
    const whole = `[${nsg.trim()},${nsg.trim().replaceAll("nsg-web", "nsg-db")},${nsg.trim()}]`;
    const directory = newCase();
    const ran = conntrail(["import", file("cut.json", whole.slice(0, -40)), "--case", directory]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /cut\.json: record 3: the JSON ends in the middle/);
    expect(evidenceIds(directory)).toHaveLength(2);
  });

  test("a rule with port 70000: 1, the other rules are kept, and what it may match is unknown", () => {
    const directory = newCase();
    const broken = nsg.replace(/"destinationPortRange": "80"/, '"destinationPortRange": "70000"');
    expect(broken).not.toBe(nsg);
    const ran = conntrail(["import", file("nsg.json", broken), "--case", directory]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /rule `allow-http`: `70000` is no port/);
    for (const name of ["vm1-nic.json", "vnet-prod.json"])
      conntrail(["import", join(exampleEvidence, name), "--case", directory]);
    const why = conntrail(["why", "198.51.100.80", "10.1.0.4:80/tcp", "--new", "--case", directory, "-o", "json"]);
    expect(why.code).toBe(3);
    expect(json<{ verdict: string; because: string[] }>(why)).toMatchObject({ verdict: "unknown" });
  });

  test("a port given as a number is that port, and one of another shape makes the rule unreadable", () => {
    const port = (value: string) =>
      file("nsg.json", nsg.replace(/"destinationPortRange": "80"/, `"destinationPortRange": ${value}`));
    const [number, shape] = [newCase(), newCase()];
    expect(conntrail(["import", port("80"), "--case", number]).code).toBe(0);
    expect(conntrail(["rules", "--case", number]).out).toMatch(/allow-http .* 10\.1\.0\.4:80 /);
    const ran = conntrail(["import", port("{}"), "--case", shape]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /rule `allow-http`: `destinationPortRange` holds something that is no text/);
  });

  test("rules of one name that disagree, and entries that are no rules, are problems and stay possible matches", () => {
    const twice = nsg.replace(
      '"securityRules": [',
      '"securityRules": [ null, { "name": "allow-http", "access": "Deny" },',
    );
    expect(twice).not.toBe(nsg);
    const ran = conntrail(["import", file("nsg.json", twice), "--case", newCase()]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /rule `allow-http`: 2 rules have this name/);
    expectOneLine(ran, /`securityRules entry 1`: it is no object/);
  });

  test("broken lines in JSON lines cost only themselves", () => {
    const lines = readFileSync(join(exampleEvidence, "activity-log.jsonl"), "utf8").trim().split("\n");
    const broken = [
      ...lines.slice(0, 3),
      "not json at all",
      "{broken",
      'oops "unterminated',
      lines[3]!.slice(0, 300),
      ...lines.slice(3),
    ];
    const directory = newCase();
    const ran = conntrail(["import", file("log.jsonl", broken.join("\n")), "--case", directory]);
    expect(ran.code).toBe(1);
    expect(ran.err.match(/record \d+: the record at byte \d+ is left out/g)).toHaveLength(4);
    expect(evidenceIds(directory)).toHaveLength(8);
  });

  test("gzip whose checksum is wrong keeps what stands before, and is not called empty", () => {
    const packed = gzipSync(capture);
    packed[packed.length - 8]! ^= 1;
    const directory = newCase();
    const ran = conntrail(["import", file("capture.pcap.gz", packed), "--case", directory]);
    expect(ran.code).toBe(1);
    expectOneLine(ran, /the gzip data is broken/);
    expect(evidenceIds(directory).length).toBeGreaterThan(0);
  });

  test("a good file beside a bad one is imported: 1", () => {
    const directory = newCase();
    const ran = importExample(directory, [file("photo.jpg", jpeg), exampleEvidence]);
    expect(ran.code).toBe(1);
    expect(evidenceIds(directory).length).toBeGreaterThan(10);
  });
});

describe("a case that can't be written", () => {
  /** As a user without rights on the files; root may write anything. */
  function asNobody(args: readonly string[]): Ran {
    const bin = new URL("../../bin/conntrail.js", import.meta.url).pathname;
    const run = spawnSync(
      "setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, bin, ...args],
      {
        cwd: "/tmp",
      },
    );
    return { code: run.status, out: run.stdout.toString(), err: run.stderr.toString() };
  }

  const isRoot = process.getuid?.() === 0;

  test.runIf(isRoot)("answers every question, and refuses an import with 73", () => {
    const directory = join(temporaryDirectory(), "case");
    importExample(directory);
    const digest = verified(directory).viewsDigest;
    execFileSync("chmod", ["-R", "a+rX,a-w", directory]);
    chmodSync(join(directory, ".."), 0o755);
    const ran = asNobody(["verify", "--case", directory, "-o", "json"]);
    expect(ran.err).toBe("");
    expect(json<{ viewsDigest: string }>(ran).viewsDigest).toBe(digest);
    const unreadable = file("secret.pcap", capture);
    chmodSync(unreadable, 0o000);
    chmodSync(join(unreadable, ".."), 0o755);
    const closed = asNobody(["import", unreadable, "--case", join(directory, "../none")]);
    expectOneLine(closed, /secret\.pcap: it can't be read: permission denied|can't be made/);
    const refused = asNobody(["import", join(exampleEvidence, "nsg-web.json"), "--case", directory]);
    expect(refused.code, refused.err).toBe(73);
    expectOneLine(refused, /^conntrail: /);
  });

  test.runIf(isRoot)("answers also where its views are missing", () => {
    const directory = join(temporaryDirectory(), "case");
    importExample(directory);
    const digest = verified(directory).viewsDigest;
    const copy = join(temporaryDirectory(), "copy");
    mkdirSync(copy);
    cpSync(join(directory, "log.db"), join(copy, "log.db"));
    execFileSync("chmod", ["-R", "a+rX,a-w", copy]);
    chmodSync(join(copy, ".."), 0o755);
    expect(json<{ viewsDigest: string }>(asNobody(["verify", "--case", copy, "-o", "json"])).viewsDigest).toBe(digest);
  });

  test("of a newer schema: 73", () => {
    const directory = newCase();
    importExample(directory);
    // SQLite's `user_version` stands at offset 60 of the file, big-endian.
    const log = readFileSync(join(directory, "log.db"));
    log.writeUInt32BE(99, 60);
    writeFileSync(join(directory, "log.db"), log);
    for (const args of [["log"], ["import", exampleEvidence]]) {
      const ran = conntrail([...args, "--case", directory]);
      expect(ran.code).toBe(73);
      expectOneLine(ran, /schema version 99/);
    }
  });
});

describe("a log that somebody changed", () => {
  test("verify names the event, with and without views: 4", () => {
    const directory = newCase();
    importExample(directory);
    const log = readFileSync(join(directory, "log.db"));
    const changed = log.toString("latin1").replaceAll("alice@contoso.example", "carol@contoso.example");
    writeFileSync(join(directory, "log.db"), changed, "latin1");
    for (const views of ["kept", "removed"]) {
      if (views === "removed") rmSync(join(directory, "views.db"));
      const ran = conntrail(["verify", "--case", directory]);
      expect(ran.code).toBe(4);
      expect(ran.out).toMatch(/altered: stream access-\S+, revision \d+, position \d+/);
    }
  });
});

describe("views of another log", () => {
  test("are not believed: a log that was replaced gives the answers of its own evidence", () => {
    const [directory, other] = [newCase(), newCase()];
    importExample(directory);
    importExample(other, [join(exampleEvidence, "nsg-web.json"), join(exampleEvidence, "vm1-nic.json")]);
    cpSync(join(directory, "views.db"), join(other, "views.db"));
    const { viewsDigest, rebuiltDigest } = verified(other);
    expect(viewsDigest).toBe(rebuiltDigest);
    expect(conntrail(["flows", "--case", other, "-o", "ndjson"]).out).toBe("");
  });
});

describe("two imports at once", () => {
  test("the second waits for the first, says so, and both are whole", async () => {
    const directory = newCase();
    const both = await Promise.all(
      [1, 2].map(() =>
        started(["import", exampleEvidence, "--case", directory, "--taken-at", "2026-11-21T05:01:01.676737Z"]),
      ),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const alone = newCase();
    importExample(alone);
    expect(verified(directory)).toMatchObject({ intact: true, viewsDigest: verified(alone).viewsDigest });
  });
});

describe("usage", () => {
  test.each([
    [["why", "nonsense", "10.1.0.4:22"], /no endpoint/],
    [["why", "10.1.0.4", "10.1.0.5:22", "--at", "yesterday-ish"], /is no time/],
    [["log", "show", "999999"], /no event at position/],
  ])("%s: 2, and says what to use", (args, pattern) => {
    const directory = newCase();
    importExample(directory);
    const ran = conntrail([...args, "--case", directory]);
    expect(ran.code).toBe(2);
    expectOneLine(ran, pattern);
  });

  test("a question without a case: 2", () => {
    const ran = conntrail(["log"]);
    expect(ran.code).toBe(2);
    expectOneLine(ran, /there is no case/);
  });

  test("import makes a case where there is none, and says so", () => {
    const cwd = temporaryDirectory();
    const ran = conntrail(["import", exampleEvidence], { cwd });
    expect(ran.err).toContain("made one in");
    expect(conntrail(["flows"], { cwd }).code).toBe(0);
  });
});
